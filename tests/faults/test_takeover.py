"""One writer per role: a holder that pauses before a write, and continues after somebody else took over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Timer

import pytest
from django.utils import timezone
from psycopg import sql

from access.models import AuditHead, Grant, Request, Role, RoleState
from tests.faults.approvals import Approval
from tests.faults.counts import times
from tests.faults.environment import LEASE_SECONDS, Environment, wait_until
from tests.faults.history import NEVER, Change
from tests.faults.oracle import admits, denies
from tests.faults.portal import database_at
from tests.faults.tenant import Tenant

HOLD = 1.4  # longer than the worker waits for a read
LONGEST_STOP = 60  # seconds
HELD = 50  # reads of the role, more than anybody tries before the holder is stopped


@pytest.mark.parametrize("round_", range(times(1, 10)))
def test_a_holder_that_continues_after_a_takeover_writes_nothing_and_its_late_write_is_undone(
    tenant: Tenant, round_: int
) -> None:
    still, sent = tenant.role(), tenant.role()
    approvals = held_before_and_in_its_write(tenant, still, sent)
    not_before = taken_over_and_revoked(tenant, {still: approvals[0], sent: approvals[1]})
    for approval in approvals:
        tenant.await_state(approval, "ended")
        assert not tenant.is_admitted(approval)
        approval.grant.refresh_from_db()
        assert approval.grant.removed_at is not None
        assert approval.grant.removed_at >= not_before[approval.role]
    assert not [change for change in tenant.writes(still.name) if opens(change, approvals[0])]
    # It was called ended only after the late write was undone: the judgement of the whole environment checks that.
    late = [change for change in tenant.writes(sent.name) if opens(change, approvals[1])][-1]
    assert late.until < NEVER
    looked = min(tenant.book.first_look(sent.name, since=late.since), late.until)
    assert tenant.env.sweeps(since=late.since, until=looked) <= 2


def test_a_process_that_stops_with_rows_locked_stops_no_revocation(tenant: Tenant) -> None:
    approval = tenant.create_grant(tenant.role())
    tenant.await_state(approval, "active")
    with stopped_with_rows_locked(tenant.env) as was_given_up:
        tenant.revoke(approval)
        tenant.await_state(approval, "ended")
        assert not tenant.is_admitted(approval)
        assert not was_given_up.is_set()


@contextmanager
def stopped_with_rows_locked(env: Environment) -> Iterator[Event]:
    """Lock what a revocation writes, and then do nothing, until the database ends that.

    If the database does not, the lock is given up after a minute, so that the test ends; the event says so.
    """
    stopped, was_given_up = database_at(env.database_url), Event()
    stopped.set_autocommit(False)
    with stopped.cursor() as cursor:
        for model in (Role, RoleState, Request, Grant, AuditHead):
            statement = sql.SQL("SELECT 1 FROM {} FOR UPDATE").format(sql.Identifier(model._meta.db_table))
            cursor.execute(statement.as_string(cursor))

    def give_up() -> None:
        was_given_up.set()
        stopped.connection.close()

    timer = Timer(LONGEST_STOP, give_up)
    timer.start()
    try:
        yield was_given_up
    finally:
        timer.cancel()
        stopped.close()


def held_before_and_in_its_write(tenant: Tenant, still: Role, sent: Role) -> list[Approval]:
    """Return while the worker waits for its last read of the one role, and has sent its write to the other."""
    aws = tenant.env.aws
    write = aws.fault("UpdateAssumeRolePolicy", "slow", seconds=2 * LEASE_SECONDS, times=1, role=sent.name)
    expiry_policy = aws.fault("PutRolePolicy", "slow", times=1, role=still.name)
    look = aws.fault("GetRole", "slow", seconds=HOLD, times=HELD, role=still.name, after=expiry_policy["id"])
    of_sent = tenant.create_grant(sent)
    tenant.env.await_met(write)
    # Last, because little may come between the look and the stop: the write is on its way whatever happens here.
    of_still = tenant.create_grant(still)
    tenant.env.await_first(look)
    return [of_still, of_sent]


def taken_over_and_revoked(tenant: Tenant, approvals: dict[Role, Approval]) -> dict[str, datetime]:
    """Stop the holder where it is, revoke, let the worker for revocations take over, and let the first continue.

    Return by role when its grant can be called ended at the earliest: a holder that was stopped with the role may yet
    write for two lengths of its lease.
    """
    holder = tenant.env.stack["worker"]
    holder.pause()
    stopped, quiet = timezone.now(), timedelta(seconds=2 * LEASE_SECONDS)
    leases = {role.name: Role.objects.get(pk=role.pk).state.leased_until for role in approvals}
    not_before = {name: until + quiet if until else stopped for name, until in leases.items()}
    tenant.env.aws.clear_faults()
    for approval in approvals.values():
        tenant.revoke(approval)
    for role, approval in approvals.items():
        wait_until(partial(is_taken_over, tenant, role, approval), "the other worker has taken the role over")
    holder.resume()
    return not_before


def is_taken_over(tenant: Tenant, role: Role, approval: Approval) -> bool:
    """Ask the other worker as the sweep does, for which nobody is left, and say whether it did what it was asked."""
    tenant.enqueue(role, urgent=True)
    return is_denied(tenant, approval)


def is_denied(tenant: Tenant, approval: Approval) -> bool:
    """Return whether the expiry policy already denies the grant's sessions."""
    user_id = f"{tenant.unique_id(approval.role)}:{approval.session_name}"
    return denies(tenant.expiry_policy(approval.role), user_id, timezone.now())


def opens(change: Change, approval: Approval) -> bool:
    return admits(change.trust, approval.caller, approval.starts_at)
