"""Accept an unmanaged statement that the default-deny statement of an imported role holds back."""

from datetime import datetime

from django.db import transaction

from access import tasks
from access.ledger import unmanaged
from access.ledger.conflicts import Conflict
from access.models import Role, UnmanagedStatement, User
from access.rules.people import check_can_administer, check_can_decide_again


@transaction.atomic
def accept_statement(*, by: User, role: Role, sha256: str, now: datetime) -> UnmanagedStatement:
    """Record that `by` accepts the statement with this hash, and ask the worker to write what waits for it.

    Raises Refused for everybody but administrators, and Conflict when no such statement waits.
    """
    check_can_administer(by.facts())
    check_can_decide_again(by.facts(), now=now)
    list(Role.objects.lock().filter(pk=role.pk))
    row = waiting_statement(role, sha256)
    unmanaged.accept_statement(row, by=by, now=now)
    tasks.enqueue(role.pk)
    return row


def waiting_statement(role: Role, sha256: str) -> UnmanagedStatement:
    """Return the statement with this hash that waits on the role; raises Conflict when there is none."""
    waiting = UnmanagedStatement.objects.open().filter(role=role, kind=UnmanagedStatement.Kind.HELD, accepted_at=None)
    row = waiting.filter(sha256=sha256).select_related("role__account", "role__state").first()
    if row is None:
        raise Conflict("statement_not_pending")
    return row
