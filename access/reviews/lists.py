"""All lists, by the name in their address."""

from django.utils.translation import gettext_lazy as _

from access.reviews import history, mutual_approvals, overly_permissive, usage
from access.reviews.table import Report

_ALL = (
    Report(
        "asked",
        _("Who has asked"),
        _("Each person and role: how often it was asked for, and what became of it."),
        (_("Person"), _("Role"), _("Asked"), _("Given"), _("Not given"), _("Waiting"), _("Last asked")),
        _("Nobody asked for anything in this time."),
        history.asked,
        history.asked_cells,
        by_period=True,
        by_word=True,
    ),
    Report(
        "granted",
        _("Who has been given what"),
        _("Every access that was given; the person leads to the page on which it can be ended."),
        (_("Person"), _("Role"), _("From"), _("Until"), _("Approved by"), _("Last session opened")),
        _("Nothing was given in this time."),
        history.granted,
        history.granted_cells,
        by_period=True,
        by_word=True,
    ),
    Report(
        "unused",
        _("Given and not used"),
        _(
            "Access of which it is certain that nobody used it. Of access from own AWS identities IAM says only when "
            "the role was last used by anybody, hours late: where somebody else used it meanwhile, this is empty."
        ),
        (_("Person"), _("Role"), _("From"), _("Until"), _("How we know")),
        _("Everything that was given was used, or nobody can tell that it was not."),
        usage.unused,
        usage.unused_cells,
        by_period=True,
    ),
    Report(
        "unasked",
        _("Roles nobody asks for"),
        _("Roles that can be requested and that nobody requested in 90 days. Disable those that are not needed."),
        (_("Role"), _("Last asked for"), _("May ask for it"), _("Last used in AWS")),
        _("Every role was asked for in the last 90 days."),
        usage.unasked,
        usage.unasked_cells,
    ),
    Report(
        "mutual-approvals",
        _("Mutual approvals"),
        _(
            "Two people who approved for each other. An approval counts for the contractor's sponsor and for the "
            "person who vouched for the AWS identity. This may be how you work; check that each approval was justified."
        ),
        (_("Person"), _("Approvals"), _("Other person"), _("Approvals"), _("Last")),
        _("No two people approved for each other in this time."),
        mutual_approvals.mutual_approvals,
        mutual_approvals.mutual_approvals_cells,
        by_period=True,
        for_administrators=True,
    ),
    Report(
        "overly-permissive",
        _("Overly permissive imported roles"),
        _("Roles that existed before Daypass, whose trust policy admits more than the grants."),
        (_("Role"), _("Weight"), _("What it is"), _("More"), _("As read")),
        _("No imported role admits more than it should."),
        overly_permissive.overly_permissive,
        overly_permissive.overly_permissive_cells,
    ),
)
REPORTS = {report.name: report for report in _ALL}
