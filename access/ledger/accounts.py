"""Store accounts: changes by people, each with its event, and the worker's state of an account, which has no events."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from access import pauses
from access.ledger.chain import append
from access.ledger.role_states import settle_states
from access.ledger.roles import mark_all_dirty, mark_dirty
from access.ledger.spool import record, record_all
from access.ledger.stops import end_policies
from access.ledger.subjects import account_subject
from access.models import Account, AutoApprovalPolicy, BreakGlassPolicy, User


@transaction.atomic
def record_account(account: Account, *, by: User, now: datetime) -> Account:
    """Store a new account. The event contains the external ID, which is not a secret."""
    account.save(force_insert=True)
    append(
        verb="account.connected",
        subject=account_subject(account),
        by=by,
        now=now,
        name=account.name,
        external_id=account.external_id,
        hub=account.hub_account_id,
        organisation=account.org_id,
        issuer=account.issuer_arn,
    )
    return account


@transaction.atomic
def change_account(account: Account, before: Mapping[str, Any], *, by: User, now: datetime) -> None:
    """Store the changed fields of an account, which are the fields in `before`.

    The trust policies of the account's roles name the issuer. So if the issuer changes, the roles are marked dirty.
    """
    account.save(update_fields=list(before))
    if "issuer_arn" in before:
        for role in account.roles.lock().order_by("pk"):
            mark_dirty(role, now=now)
    changes = {name: (value, getattr(account, name)) for name, value in before.items()}
    append(verb="account.changed", subject=account_subject(account), by=by, now=now, changes=changes)


@transaction.atomic
def disconnect_account(
    account: Account,
    *,
    auto_approvals: Sequence[AutoApprovalPolicy],
    break_glass: Sequence[BreakGlassPolicy],
    by: User,
    now: datetime,
) -> None:
    """Store that an account is disconnected, disable its roles, and end these policies.

    The worker has nothing to do for its roles any more, so their states show no problem and no waiting.
    """
    Account.objects.filter(pk=account.pk).update(disconnected_at=now, test_asked_at=None, unreachable_at=None)
    enabled = account.roles.filter(is_active=True, overflow_of=None)
    disabled = list(enabled.order_by("name").values_list("name", flat=True))
    enabled.update(is_active=False)
    settle_states(account.roles.all())
    record_all(end_policies(auto_approvals, break_glass, by=by, now=now), by=by, now=now)
    append(
        verb="account.disconnected", subject=account_subject(account), by=by, now=now, name=account.name, roles=disabled
    )


@transaction.atomic
def reconnect_account(account: Account, *, by: User, now: datetime) -> None:
    """Store that an account is connected again, and have its roles read."""
    Account.objects.filter(pk=account.pk).update(disconnected_at=None)
    mark_all_dirty(set(account.roles.values_list("pk", flat=True)), now=now)
    append(verb="account.reconnected", subject=account_subject(account), by=by, now=now, name=account.name)


@transaction.atomic
def ask_test(account: Account, *, by: User, now: datetime) -> None:
    """Record that somebody has requested a connection test.

    Every sweep finds the account until the worker has tested it.
    """
    Account.objects.filter(pk=account.pk).update(test_asked_at=now)
    # If a wrong clock dates a test later than this, it must not count as the result.
    Account.objects.filter(pk=account.pk, tested_at__gte=now).update(tested_at=None)
    append(verb="account.test_asked", subject=account_subject(account), by=by, now=now)


@transaction.atomic
def record_test(account: Account, steps: Sequence[dict[str, Any]], *, by: str, now: datetime) -> None:
    """Store the result of a connection test."""
    Account.objects.filter(pk=account.pk).update(test_steps=list(steps), tested_at=now)
    missing = [step["title"]["code"] for step in steps if not step["ok"]]
    record(verb="account.tested", subject=account_subject(account), by=by, now=now, missing=missing)


def store_throttling(account: Account, *, at: datetime, next_write_at: datetime) -> None:
    """Store that AWS throttles calls to an account, and when the next write can be sent."""
    Account.objects.filter(pk=account.pk).update(throttled_at=at, next_write_at=next_write_at)


def take_slot(account: Account, *, at: datetime, length: timedelta) -> bool:
    """Take the slot for one write to a throttled account, and return whether it was free."""
    free = pauses.reached("next_write_at", longest=length, now=at)
    return bool(Account.objects.filter(free, pk=account.pk).update(next_write_at=at + length))


def store_outage(account: Account, *, since: datetime | None) -> None:
    """Store since when AWS has not answered for an account, or None if it answers."""
    Account.objects.filter(pk=account.pk).update(unreachable_at=since)


def store_quota(account: Account, quota: int, *, now: datetime) -> None:
    """Store the quota of trust policies in characters, as it was just read."""
    Account.objects.filter(pk=account.pk).update(trust_quota=quota, trust_quota_read_at=now)
