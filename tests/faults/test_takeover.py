"""One writer per role: a holder that stands still on its way to a write, and goes on after somebody else took over."""

from functools import partial

import pytest
from django.utils import timezone

from access.models import Role
from tests.faults.approvals import Approval
from tests.faults.company import Company
from tests.faults.counts import times
from tests.faults.history import NEVER, Change
from tests.faults.house import LEASE_SECONDS, wait_until
from tests.faults.judge import admits, denies

HOLD = 1.4  # less than the worker's own patience


@pytest.mark.parametrize("round_", range(times(1, 10)))
def test_a_holder_that_goes_on_after_a_takeover_writes_nothing_and_what_it_sent_before_is_undone(
    company: Company, round_: int
) -> None:
    still, sent = company.role(), company.role()
    approvals = held_before_and_in_its_write(company, still, sent)
    taken_over_and_revoked(company, {still: approvals[0], sent: approvals[1]})
    for approval in approvals:
        company.await_state(approval, "ended")
        assert not company.is_let_in(approval)
    assert not [change for change in company.writes(still.name) if opens(change, approvals[0])]
    # It was called ended only after the late write had come and gone: the judgement of the whole house sees to that.
    late = [change for change in company.writes(sent.name) if opens(change, approvals[1])][-1]
    assert late.until < NEVER
    assert company.house.sweeps(since=late.since, until=late.until) <= 2


def held_before_and_in_its_write(company: Company, still: Role, sent: Role) -> list[Approval]:
    """Return while the worker waits for its last look at the one role, and has sent its write to the other."""
    aws = company.house.aws
    write = aws.fault("UpdateAssumeRolePolicy", "slow", seconds=2 * LEASE_SECONDS, times=1, role=sent.name)
    closing = aws.fault("PutRolePolicy", "slow", times=1, role=still.name)
    look = aws.fault("GetRole", "slow", seconds=HOLD, times=1, role=still.name, after=closing["id"])
    of_sent = company.give(sent)
    company.house.await_met(write)
    # Last, because nothing may come between the look and the stop: the write is on its way whatever happens here.
    of_still = company.give(still)
    company.house.await_met(look)
    return [of_still, of_sent]


def taken_over_and_revoked(company: Company, approvals: dict[Role, Approval]) -> None:
    """Stop the holder where it is, revoke, let the worker for revocations take over, and let the first go on."""
    holder = company.house.stack["worker"]
    holder.pause()
    for approval in approvals.values():
        company.revoke(approval)
    for role, approval in approvals.items():
        wait_until(partial(is_taken_over, company, role, approval), "the other worker has taken the role over")
        assert company.state(approval) == "ending"
    holder.resume()


def is_taken_over(company: Company, role: Role, approval: Approval) -> bool:
    """Ask the other worker as the sweep does, for which nobody is left, and say whether it did what it was asked."""
    company.hint(role, urgent=True)
    return is_denied(company, approval)


def is_denied(company: Company, approval: Approval) -> bool:
    """Whether the closing policy denies the grant's sessions already now."""
    user_id = f"{company.unique_id(approval.role)}:{approval.session_name}"
    return denies(company.closing(approval.role), user_id, timezone.now())


def opens(change: Change, approval: Approval) -> bool:
    return admits(change.trust, approval.caller, approval.starts_at)
