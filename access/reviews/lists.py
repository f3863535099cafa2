"""All lists, by their names in URLs."""

from django.utils.translation import gettext_lazy as _

from access.reviews import history, mutual_approvals, overly_permissive, usage
from access.reviews.table import Report

_ALL = (
    Report(
        "asked",
        _("Requests by person"),
        _("For each person and role, this report shows how often access was requested, and the outcome."),
        (_("Person"), _("Role"), _("Requests"), _("Approved"), _("Not approved"), _("Pending"), _("Last requested")),
        _("No one requested access in this period."),
        history.asked,
        history.asked_cells,
        by_period=True,
        by_word=True,
    ),
    Report(
        "granted",
        _("Grants"),
        _("Every grant. Select a person to open the page where the grant can be revoked."),
        (_("Person"), _("Role"), _("From"), _("Until"), _("Approved by"), _("Last session opened")),
        _("No access was granted in this period."),
        history.granted,
        history.granted_cells,
        by_period=True,
        by_word=True,
    ),
    Report(
        "unused",
        _("Unused grants"),
        _(
            "Grants that were certainly not used. For access with a contractor's own AWS identity, IAM "
            "reports only when anyone last used the role, and reports it hours late. Daypass lists such a "
            "grant only if no one used its role."
        ),
        (_("Person"), _("Role"), _("From"), _("Until"), _("Evidence")),
        _("Daypass found no unused grants in this period."),
        usage.unused,
        usage.unused_cells,
        by_period=True,
    ),
    Report(
        "unasked",
        _("Unrequested roles"),
        _(
            "Roles that nobody has requested for 90 days, although they can be requested. Disable the roles "
            "that are not needed."
        ),
        (_("Role"), _("Last requested"), _("Contractors"), _("Last used in AWS")),
        _("Every role was requested in the last 90 days."),
        usage.unasked,
        usage.unasked_cells,
    ),
    Report(
        "mutual-approvals",
        _("Mutual approvals"),
        _(
            "Pairs of people who approved requests for each other. An approval counts for the contractor's sponsor "
            "and for the person who vouched for the AWS identity. Mutual approvals can be legitimate. Check that "
            "each approval was justified."
        ),
        (_("Person"), _("Approvals"), _("Other person"), _("Approvals"), _("Last")),
        _("No two people approved requests for each other in this period."),
        mutual_approvals.mutual_approvals,
        mutual_approvals.mutual_approvals_cells,
        by_period=True,
        for_administrators=True,
    ),
    Report(
        "overly-permissive",
        _("Overly permissive imported roles"),
        _("Roles that existed before Daypass and whose trust policy admits more than the grants."),
        (_("Role"), _("Weight"), _("Finding"), _("Details"), _("Read")),
        _("No imported role is overly permissive."),
        overly_permissive.overly_permissive,
        overly_permissive.overly_permissive_cells,
    ),
)
REPORTS = {report.name: report for report in _ALL}
