"""Find the roles that somebody changed in AWS, by reading all roles of an account in a few calls."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

import structlog
from django.db import transaction
from django.db.models import F

from access import aws, pauses, trust, verify
from access.guarding import guarded
from access.ledger.accounts import store_outage
from access.ledger.role_states import forget_accepted, store_as_left
from access.ledger.roles import mark_dirty
from access.ledger.spool import record
from access.ledger.subjects import role_subject
from access.models import Account, AuditEvent, Role, RoleState
from access.reconcile import outage
from access.reconcile.lease import length

log = structlog.get_logger(__name__)

# For this time after our own write, the list of an account's roles might not show it. [IAM User Guide: eventual
# consistency]
SPREADING = timedelta(minutes=1)
_OUR_WRITES = ("role.built", "role.written", "role.hardening_done")


def drifted(*, now: datetime) -> Iterator[int]:
    """Yield the IDs of the roles that somebody has changed in AWS, and record the changes.

    Unchanged roles count as checked. If AWS does not answer for an account, none of its roles counts as checked, and
    the sweep reads each of them separately. The other accounts are not affected.
    """
    # What the worker wrote but has not recorded yet is not drift. It reads these roles one by one.
    settled = Role.objects.filter(
        state__reconciled_generation=F("state__generation"),
        state__observed_at__isnull=False,
        state__write_intent__isnull=True,
    )
    # The worker tries a failing role again after a pause, or earlier if the expiry policy has lost a Deny.
    failing = Role.objects.filter(state__failures__gt=0, state__observed_at__isnull=False)
    reachable = (settled | failing).filter(account__in=outage.reachable_accounts(now=now))
    rows = reachable.select_related("account").order_by("account_id")
    for account, of_account in itertools.groupby(rows, key=attrgetter("account")):
        found = guarded(partial(_drifted_in, account, list(of_account), now=now))
        if isinstance(found, Exception):
            # No role of this account counts as checked, so the sweep reads each of them separately.
            log.error("drift.failed", account=account.account_id, exc_info=found)
            continue
        yield from found


def _drifted_in(account: Account, all_rows: Sequence[Role], *, now: datetime) -> list[int]:
    rows = [row for row in all_rows if _is_settled(row.state)]
    try:
        observed = aws.read_roles(target=account.aws_target(), expiry_policy_name=trust.EXPIRY_POLICY_NAME)
    except aws.AwsError as error:
        log.warning("drift.unread", account=account.account_id, reason=str(error))
        outage.record_outage(account, error, now=now)
        return []
    if account.unreachable_at is not None:
        store_outage(account, since=None)
    as_left = {row.pk: guarded(partial(_is_as_left, row, observed.get(row.arn))) for row in rows}
    changed = [row for row in rows if as_left[row.pk] is False]
    untouched = [pk for pk, is_so in as_left.items() if is_so is True]
    store_as_left(untouched, now=now)
    failing = [row for row in all_rows if row not in rows]
    lost = [
        row.pk for row in failing if guarded(partial(_has_lost_deny, row, observed.get(row.arn), now=now)) is not False
    ]
    forget_accepted(lost)
    return [*lost, *_record([row for row in changed if not _is_stale_read(row, now=now)], observed, now=now)]


def _is_settled(state: RoleState) -> bool:
    return state.reconciled_generation == state.generation and state.write_intent is None


def _has_lost_deny(row: Role, observed: aws.RoleSnapshot | None, *, now: datetime) -> bool:
    """Return whether the expiry policy no longer denies a session of an admitted grant from the end of the grant."""
    if observed is None or pauses.holds(row.state.leased_until, longest=length(), now=now):
        return False
    admitted = row.grants.in_documents(now=now).filter(applied_at__isnull=False)
    ends = [(f"{observed.unique_id}:{grant.session_name}", grant.ends_at) for grant in admitted]
    is_lost = not all(verify.denies(observed.expiry_policy, user_id=user_id, at=end) for user_id, end in ends)
    if is_lost:
        log.error("role.deny_lost", role=row.arn)
    return is_lost


def _is_stale_read(row: Role, *, now: datetime) -> bool:
    """Return whether the list of the account lacks our last write, although the role itself is unchanged."""
    ours = AuditEvent.objects.filter(subject=role_subject(row), verb__in=_OUR_WRITES, at__gt=now - SPREADING)
    if not ours.exists():
        return False
    try:
        observed = aws.read_role(
            target=row.account.aws_target(), arn=row.arn, expiry_policy_name=trust.EXPIRY_POLICY_NAME
        )
    except aws.RoleMissing:
        return False
    except aws.AwsError:
        return True  # the next sweep asks again
    return _is_as_left(row, observed)


def _is_as_left(row: Role, observed: aws.RoleSnapshot | None) -> bool:
    return (
        observed is not None
        and observed.unique_id == row.unique_id
        and trust.same(row.state.observed_trust, observed.trust)
        and trust.same(row.state.observed_expiry_policy, observed.expiry_policy)
    )


@transaction.atomic
def _record(rows: Sequence[Role], observed: dict[str, aws.RoleSnapshot], *, now: datetime) -> list[int]:
    """Record the changes in AWS, and return the IDs of the changed roles.

    If a worker has worked on a role since the rows were read, the change is probably ours, so the next sweep checks it.
    """
    # Lock all roles before the audit chain, as always, so that there are no deadlocks.
    locked = Role.objects.lock().filter(pk__in=[row.pk for row in rows]).order_by("pk").in_bulk()
    left_alone = [row for row in rows if _is_left_alone(row, locked[row.pk], now=now)]
    for row in left_alone:
        found = observed.get(row.arn)
        mark_dirty(row, now=now)
        record(
            verb="role.drift",
            subject=role_subject(row),
            by="worker",
            now=now,
            trust_left=row.state.observed_trust,
            trust_found=found.trust if found else None,
            expiry_policy_left=row.state.observed_expiry_policy,
            expiry_policy_found=found.expiry_policy if found else None,
        )
        log.error("role.drift", role=row.arn, gone=found is None)
    return [row.pk for row in left_alone]


def _is_left_alone(row: Role, there: Role, *, now: datetime) -> bool:
    is_leased = pauses.holds(there.state.leased_until, longest=length(), now=now)
    return not is_leased and (there.state.generation, there.state.observed_at) == (
        row.state.generation,
        row.state.observed_at,
    )
