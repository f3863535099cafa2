"""What is wrong: roles that the worker cannot bring in sync, changes by others, emails and accounts that fail."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import pauses
from access.models import Account, AuditEvent, Notification, Role, UnmanagedStatement
from access.models.role_states import STUCK_AFTER
from access.reviews.oversight import Oversight
from access.reviews.table import Cell
from access.wording import Words

DAY = timedelta(days=1)
RECENT = timedelta(days=7)  # older emails are given up for good
LATE = timedelta(minutes=5)  # an email that was not tried so long after it was written is late

_EMAILS: Mapping[str, Words] = {
    Notification.Kind.ASKED: _("A request waits for a decision"),
    Notification.Kind.AUTO_APPROVED: _("A policy approved a request"),
    Notification.Kind.DECIDED: _("A request was decided"),
    Notification.Kind.QUESTION: _("An approver asks for information"),
    Notification.Kind.ANSWER: _("A contractor answered"),
    Notification.Kind.ROLE_CHANGE: _("A role change waits for confirmation"),
    Notification.Kind.STATEMENT: _("An unmanaged statement was found"),
    Notification.Kind.STOPPED: _("Access was stopped"),
}
_STATEMENTS: Mapping[str, Words] = {
    UnmanagedStatement.Kind.REMOVED: _("An Allow that Daypass removes"),
    UnmanagedStatement.Kind.DENY: _("A Deny that Daypass keeps"),
    UnmanagedStatement.Kind.NO_ROOM: _("A Deny for which the expiry policy had no space"),
    UnmanagedStatement.Kind.HELD: _("An Allow that waits for an administrator"),
}

_FATES: Mapping[str, Words] = {
    UnmanagedStatement.Kind.REMOVED: _("Daypass removes this statement when it next writes the policy."),
    UnmanagedStatement.Kind.DENY: _(
        "Daypass keeps this statement. Grants that the statement denies are blocked. If the statement should "
        "not be there, remove it in AWS."
    ),
    UnmanagedStatement.Kind.NO_ROOM: _(
        "Daypass removed this statement to make space for the Deny of a grant that has ended. If the "
        "statement is still needed, add it to another policy."
    ),
    UnmanagedStatement.Kind.HELD: _(
        "The default-deny statement blocks this statement. Daypass writes no grant until you accept or "
        "remove this statement."
    ),
}


def three_sweeps() -> timedelta:
    """Return the time in which three sweeps should have begun, with some seconds to spare."""
    return timedelta(seconds=3 * settings.SWEEP_SECONDS + 5)


def stuck_roles(oversight: Oversight) -> QuerySet[Role]:
    return oversight.all_roles().filter(state__failures__gte=STUCK_AFTER)


def problem_roles(oversight: Oversight) -> QuerySet[Role]:
    """Return the roles whose last attempt found a problem, apart from those that are stuck."""
    return oversight.all_roles().exclude(state__problem="").filter(state__failures__lt=STUCK_AFTER)


def role_cells(rows: Sequence[Role]) -> list[list[Cell]]:
    return [[_role(row), Cell(row.state.problem_text or ""), Cell(at=row.state.reconciled_at)] for row in rows]


def waiting_roles(oversight: Oversight) -> QuerySet[Role]:
    """Return the roles that the worker should have taken up by now, and has not tried."""
    too_long = pauses.not_recent("state__waiting_since", within=three_sweeps(), now=oversight.now)
    return oversight.all_roles().filter(too_long, state__failures=0)


def waiting_role_cells(rows: Sequence[Role]) -> list[list[Cell]]:
    return [[_role(row), Cell(row.state.problem_text or ""), Cell(at=row.state.waiting_since)] for row in rows]


def unsettled_roles(oversight: Oversight) -> QuerySet[Role]:
    """Return the roles with a write that AWS did not answer, and that may yet take effect."""
    longest = timedelta(seconds=2 * settings.LEASE_SECONDS)
    return oversight.all_roles().filter(pauses.held("state__settle_until", longest=longest, now=oversight.now))


def drift(oversight: Oversight) -> QuerySet[AuditEvent]:
    """Return the changes by others that the worker found in the last day."""
    return AuditEvent.objects.filter(verb="role.drift", at__gt=oversight.now - DAY)


def drift_cells(rows: Sequence[AuditEvent]) -> list[list[Cell]]:
    return [
        [
            Cell(row.subject.partition("/")[2], row.subject.partition(":")[2].partition("/")[0]),
            Cell(
                gettext("event {sequence}").format(sequence=row.sequence),
                url=reverse("audit_event", args=[row.sequence]),
            ),
            Cell(at=row.at),
        ]
        for row in rows
    ]


def statements(oversight: Oversight) -> QuerySet[UnmanagedStatement]:
    found = UnmanagedStatement.objects.reported(now=oversight.now).filter(oversight.of_roles("role"))
    return found.select_related("role__account", "role__state", "accepted_by")


def statement_cells(rows: Sequence[UnmanagedStatement]) -> list[list[Cell]]:
    return [
        [_role(row.role), Cell(f"{_STATEMENTS[row.kind]} ({row.sid})", _fate(row)), Cell(at=row.found_at)]
        for row in rows
    ]


def undelivered_emails(oversight: Oversight) -> QuerySet[Notification]:
    """Return the emails of the last week that were tried in vain, or not tried in time."""
    late = Q(tried_at__isnull=False) | Q(made_at__lt=oversight.now - LATE)
    found = Notification.objects.filter(late, sent_at=None, made_at__gt=oversight.now - RECENT)
    return found.select_related("person", "request")


def email_cells(rows: Sequence[Notification]) -> list[list[Cell]]:
    return [
        [
            Cell(str(row.person), row.person.email),
            _about(row),
            Cell(at=row.made_at),
            Cell(at=row.tried_at) if row.tried_at else Cell(gettext("not tried yet")),
        ]
        for row in rows
    ]


def failing_accounts(_oversight: Oversight) -> QuerySet[Account]:
    """Return the accounts for which AWS gives no answer, or whose last connection test failed."""
    connected = Account.objects.filter(disconnected_at=None)
    tested = connected.exclude(tested_at=None).values_list("pk", "test_steps")
    failed = [pk for pk, steps in tested if not all(step.get("ok") for step in steps)]
    return connected.filter(Q(unreachable_at__isnull=False) | Q(pk__in=failed))


def account_cells(rows: Sequence[Account]) -> list[list[Cell]]:
    return [
        [
            Cell(row.name, row.account_id, reverse("account", args=[row.account_id])),
            Cell(gettext("AWS does not answer") if row.unreachable_at else gettext("The last connection test failed")),
            Cell(at=row.unreachable_at or row.tested_at),
        ]
        for row in rows
    ]


def _role(role: Role) -> Cell:
    return Cell(role.name, role.account.name, reverse("role", args=[role.account.account_id, role.name]))


def _about(notification: Notification) -> Cell:
    asked = notification.request
    return Cell(_EMAILS[notification.kind], url=reverse("request", args=[asked.public_id]) if asked else "")


def _fate(statement: UnmanagedStatement) -> str:
    """Return what Daypass did about a statement, and what to do."""
    if statement.accepted_at:
        said = gettext("{person} accepted this statement. The worker writes the waiting grants.")
        return said.format(person=statement.accepted_by)
    removed = _("Daypass removed this statement.") if statement.settled_at else _FATES[statement.kind]
    urgent = _("Urgent: less than an hour earlier, Daypass had removed a statement with the same text.")
    return f"{urgent} {removed}" if statement.is_urgent else str(removed)
