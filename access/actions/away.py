"""Let somebody else decide while one is away."""

from datetime import datetime

from django.db import transaction

from access import ledger, rules
from access.actions.locking import hold
from access.models import Deputy, Role, User
from access.rules import Refused


@transaction.atomic
def name_deputy(*, by: User, deputy: User, from_at: datetime, until_at: datetime, now: datetime) -> Deputy:
    """Let `deputy` decide in the place of `by` in that time; one at a time, and deputies of deputies do not count."""
    hold(by, deputy)
    rules.check_can_name_deputy(by.facts(), deputy.facts(), from_at=from_at, until_at=until_at, now=now)
    named = Deputy.objects.filter(approver=by, ended_at=None).select_related("approver", "deputy")
    if named.filter(until_at__gt=now).exists():
        raise Refused("You have named a deputy already. End that first.")
    if not Role.objects.naming(by).exists():
        raise Refused("You decide about no role, so there is nothing to decide in your place.")
    ledger.end_deputies(named, at=now, by="daypass", now=now)
    row = Deputy(approver=by, deputy=deputy, from_at=max(from_at, now), until_at=until_at, named_at=now)
    return ledger.name_deputy(row, by=by, now=now)


@transaction.atomic
def end_deputy(*, by: User, row: Deputy, now: datetime) -> None:
    """Decide again oneself, before the time that was said; whose deputy it is or an administrator may do that."""
    hold(row.approver, row.deputy)
    if by.pk != row.approver_id:
        rules.check_can_administer(by.facts())
    ledger.end_deputies([row], at=now, by=by, now=now)
