"""Let another internal user decide in an approver's place for some time."""

from datetime import datetime

from django.db import transaction

from access.actions.locking import lock_people
from access.ledger.delegations import record_delegation, record_delegations_ended
from access.models import Delegation, Role, User
from access.rules.delegations import check_can_delegate
from access.rules.facts import Refused
from access.rules.people import check_can_administer


@transaction.atomic
def create_delegation(*, by: User, delegate: User, from_at: datetime, until_at: datetime, now: datetime) -> Delegation:
    """Let `delegate` decide in the place of `by` in that time; one at a time, and delegates of delegates do not
    count.
    """
    lock_people(by, delegate)
    check_can_delegate(by.facts(), delegate.facts(), from_at=from_at, until_at=until_at, now=now)
    named = Delegation.objects.filter(approver=by, ended_at=None).select_related("approver", "delegate")
    if named.filter(until_at__gt=now).exists():
        raise Refused("delegation_exists")
    if not Role.objects.naming(by).exists():
        raise Refused("not_an_approver_of_any_role")
    record_delegations_ended(named, at=now, by="daypass", now=now)
    row = Delegation(approver=by, delegate=delegate, from_at=max(from_at, now), until_at=until_at, named_at=now)
    return record_delegation(row, by=by, now=now)


@transaction.atomic
def end_delegation(*, by: User, row: Delegation, now: datetime) -> None:
    """Decide again oneself, before the time that was said; whose delegate it is or an administrator can do that."""
    lock_people(row.approver, row.delegate)
    if by.pk != row.approver_id:
        check_can_administer(by.facts())
    record_delegations_ended([row], at=now, by=by, now=now)
