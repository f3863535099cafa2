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
        "the role was last used by anybody, hours late: where somebody else used it meanwhile, this is empty.",
        ("Person", "Role", "From", "Until", "How we know"),
        "Everything that was given was used, or nobody can tell that it was not.",
        usage.unused,
        usage.unused_cells,
        by_period=True,
    ),
    Report(
        "unasked",
        "Roles nobody asks for",
        "Roles that can be requested and that nobody requested in 90 days. Disable those that are not needed.",
        ("Role", "Last asked for", "May ask for it", "Last used in AWS"),
        "Every role was asked for in the last 90 days.",
        usage.unasked,
        usage.unasked_cells,
    ),
    Report(
        "mutual-approvals",
        "Mutual approvals",
        "Two people who approved for each other. An approval counts for the contractor's sponsor and for the person "
        "who vouched for the AWS identity. This may be how you work; check that each approval was justified.",
        ("Person", "Approvals", "Other person", "Approvals", "Last"),
        "No two people approved for each other in this time.",
        mutual_approvals.mutual_approvals,
        mutual_approvals.mutual_approvals_cells,
        by_period=True,
        for_administrators=True,
    ),
    Report(
        "overly-permissive",
        "Overly permissive imported roles",
        "Roles that existed before Daypass, whose trust policy admits more than the grants.",
        ("Role", "Weight", "What it is", "More", "As read"),
        "No imported role admits more than it should.",
        overly_permissive.overly_permissive,
        overly_permissive.overly_permissive_cells,
    ),
)
REPORTS = {report.name: report for report in _ALL}
