"""All lists, by the name in their address."""

from access.reviews import history, overly_permissive, pairs, usage
from access.reviews.table import Report

_ALL = (
    Report(
        "asked",
        "Who has asked",
        "Each person and role: how often it was asked for, and what became of it.",
        ("Person", "Role", "Asked", "Given", "Not given", "Waiting", "Last asked"),
        "Nobody asked for anything in this time.",
        history.asked,
        history.tell_asked,
        by_period=True,
        by_word=True,
    ),
    Report(
        "given",
        "Who has been given what",
        "Every access that was given; the person leads to the page on which it can be ended.",
        ("Person", "Role", "From", "Until", "Approved by", "Last session opened"),
        "Nothing was given in this time.",
        history.given,
        history.tell_given,
        by_period=True,
        by_word=True,
    ),
    Report(
        "unused",
        "Given and not used",
        "Access of which it is certain that nobody used it. Of access from own AWS identities IAM says only when "
        "the role was last used by anybody, hours late: where somebody else used it meanwhile, nothing stands here.",
        ("Person", "Role", "From", "Until", "How we know"),
        "Everything that was given was used, or nobody can tell that it was not.",
        usage.unused,
        usage.tell_unused,
        by_period=True,
    ),
    Report(
        "unasked",
        "Roles nobody asks for",
        "Roles that can be asked for and that nobody asked for in 90 days. What nobody needs is best switched off.",
        ("Role", "Last asked for", "May ask for it", "Last used in AWS"),
        "Every role was asked for in the last 90 days.",
        usage.unasked,
        usage.tell_unasked,
    ),
    Report(
        "reciprocal",
        "Yes for each other",
        "Two people who said yes for each other. An approval counts for the sponsor of the contractor, or for whoever "
        "vouched for his AWS identity. It may be how you work; look whether each was worth its yes.",
        ("One", "said yes", "The other", "said yes", "Last"),
        "No two people said yes for each other in this time.",
        pairs.reciprocal,
        pairs.tell_reciprocal,
        by_period=True,
        for_administrators=True,
    ),
    Report(
        "overly-permissive",
        "Imported roles that let in too many",
        "Roles that were there before Daypass, whose trust policy lets in more than the access that is given here.",
        ("Role", "Weight", "What it is", "More", "As read"),
        "No imported role lets in more than it should.",
        overly_permissive.overly_permissive,
        overly_permissive.tell_overly_permissive,
    ),
)
REPORTS = {report.name: report for report in _ALL}
