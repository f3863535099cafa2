"""All lists, by the name in their address."""

from access.reviews import history, mutual_approvals, overly_permissive, usage
from access.reviews.table import Report

_ALL = (
    Report(
        "asked",
        "Who has asked",
        "Each person and role: how often it was asked for, and what became of it.",
        ("Person", "Role", "Asked", "Given", "Not given", "Waiting", "Last asked"),
        "Nobody asked for anything in this time.",
        history.asked,
        history.asked_cells,
        by_period=True,
        by_word=True,
    ),
    Report(
        "granted",
        "Who has been given what",
        "Every access that was given; the person leads to the page on which it can be ended.",
        ("Person", "Role", "From", "Until", "Approved by", "Last session opened"),
        "Nothing was given in this time.",
        history.granted,
        history.granted_cells,
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
        usage.unused_cells,
        by_period=True,
    ),
    Report(
        "unasked",
        "Roles nobody asks for",
        "Roles that can be asked for and that nobody asked for in 90 days. What nobody needs is best disabled.",
        ("Role", "Last asked for", "May ask for it", "Last used in AWS"),
        "Every role was asked for in the last 90 days.",
        usage.unasked,
        usage.unasked_cells,
    ),
    Report(
        "mutual-approvals",
        "Mutual approvals",
        "Two people who said yes for each other. An approval counts for the sponsor of the contractor, or for whoever "
        "vouched for his AWS identity. It may be how you work; look whether each was worth its yes.",
        ("One", "said yes", "The other", "said yes", "Last"),
        "No two people said yes for each other in this time.",
        mutual_approvals.mutual_approvals,
        mutual_approvals.mutual_approvals_cells,
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
        overly_permissive.overly_permissive_cells,
    ),
)
REPORTS = {report.name: report for report in _ALL}
