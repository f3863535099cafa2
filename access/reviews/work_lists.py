"""The lists behind the numbers of the overview: what an administrator has to do, and what is wrong.

A number is the count of its list, so the two never differ. The lists are short unless something is very wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from access.reviews import duties, troubles
from access.reviews.oversight import Oversight
from access.reviews.table import Cell
from access.wording import Words


@dataclass(frozen=True, slots=True)
class WorkList:
    """One list. `rows` are what one person oversees of it, `cells` those of one page, with few queries."""

    name: str
    title: Words
    says: Words
    head: tuple[Words, ...]
    rows: Callable[[Oversight], QuerySet[Any]]
    cells: Callable[[Sequence[Any]], list[list[Cell]]]
    is_duty: bool = False
    for_administrators: bool = True


_PROPOSED = (_("Role"), _("Proposed by"), _("Time"))
_OF_ROLE = (_("Role"), _("Details"), _("Since"))
_ALL = (
    WorkList(
        "role-changes",
        _("Role changes to confirm"),
        _("Another administrator proposed these changes. They take effect when you confirm them."),
        (*_PROPOSED, _("Expires")),
        duties.role_changes,
        duties.role_change_cells,
        is_duty=True,
    ),
    WorkList(
        "auto-approval-policies",
        _("Auto-approval policies to confirm"),
        _("Another administrator created these policies. They take effect when you confirm them."),
        _PROPOSED,
        duties.auto_approval_policies,
        duties.auto_approval_policy_cells,
        is_duty=True,
    ),
    WorkList(
        "break-glass-policies",
        _("Break-glass policies to confirm"),
        _("Another administrator created these policies. They take effect when you confirm them."),
        _PROPOSED,
        duties.break_glass_policies,
        duties.break_glass_policy_cells,
        is_duty=True,
    ),
    WorkList(
        "stops",
        _("Stops to lift"),
        _("Another administrator proposed to lift these stops. Requests are possible again when you confirm."),
        (_("Stop"), _("Proposed by"), _("Time")),
        duties.lifts,
        duties.lift_cells,
        is_duty=True,
    ),
    WorkList(
        "factor-resets",
        _("Resets of second factors to confirm"),
        _("Another administrator proposed these resets. The factors are removed when you confirm."),
        (_("Person"), _("Proposed by"), _("Time")),
        duties.factor_resets,
        duties.factor_reset_cells,
        is_duty=True,
    ),
    WorkList(
        "held-statements",
        _("Statements to accept or remove"),
        _("Daypass writes no grant of these roles until you accept or remove the statement."),
        _OF_ROLE,
        duties.held_statements,
        troubles.statement_cells,
        is_duty=True,
    ),
    WorkList(
        "break-glass-grants",
        _("Break-glass grants to review"),
        _("A person who used break-glass cannot use it again until somebody else has reviewed that grant."),
        (_("Person"), _("Role"), _("Used")),
        duties.break_glass_grants,
        duties.break_glass_grant_cells,
        is_duty=True,
        for_administrators=False,
    ),
    WorkList(
        "stuck-roles",
        _("Roles that fail repeatedly"),
        _("The worker failed several times in a row to write these roles to AWS. It continues to try."),
        _OF_ROLE,
        troubles.stuck_roles,
        troubles.role_cells,
        for_administrators=False,
    ),
    WorkList(
        "roles-with-a-problem",
        _("Roles with a problem"),
        _("The last attempt to bring these roles in sync with AWS found a problem."),
        _OF_ROLE,
        troubles.problem_roles,
        troubles.role_cells,
        for_administrators=False,
    ),
    WorkList(
        "waiting-roles",
        _("Roles waiting in the queue"),
        _("These roles have waited for the worker longer than three sweeps. Check the worker and the queue."),
        _OF_ROLE,
        troubles.waiting_roles,
        troubles.waiting_role_cells,
        for_administrators=False,
    ),
    WorkList(
        "unsettled-roles",
        _("Writes that AWS may still apply"),
        _("AWS did not answer a write to these roles. Until Daypass has read what AWS did, no grant counts as ended."),
        _OF_ROLE,
        troubles.unsettled_roles,
        troubles.role_cells,
        for_administrators=False,
    ),
    WorkList(
        "drift",
        _("Changes by others in the last day"),
        _("Somebody changed these policies in AWS without Daypass. Daypass brought the roles back in sync."),
        (_("Role"), _("Event"), _("Time")),
        troubles.drift,
        troubles.drift_cells,
    ),
    WorkList(
        "unmanaged-statements",
        _("Unmanaged statements"),
        _(
            "Statements that correspond to no grant: those that are in AWS, and those that Daypass "
            "removed in the last day."
        ),
        _OF_ROLE,
        troubles.statements,
        troubles.statement_cells,
    ),
    WorkList(
        "undelivered-emails",
        _("Undelivered emails"),
        _(
            "The mail server did not accept these emails, or the worker has not sent them yet. Check "
            "EMAIL_URL and the log of the worker."
        ),
        (_("Person"), _("About"), _("Written"), _("Last attempt")),
        troubles.undelivered_emails,
        troubles.email_cells,
    ),
    WorkList(
        "failing-accounts",
        _("Failing accounts"),
        _("AWS does not answer for these accounts, or their last connection test failed."),
        (_("Account"), _("Details"), _("Since")),
        troubles.failing_accounts,
        troubles.account_cells,
    ),
)
WORK_LISTS = {one.name: one for one in _ALL}


def lists_for(oversight: Oversight) -> list[WorkList]:
    """Return the lists that are there for this person."""
    return [one for one in _ALL if oversight.everything or not one.for_administrators]
