"""A3: a clock of a process, or AWS's, is wrong or jumps: nobody is admitted, whoever is revoked is out."""

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from access import clock, skew
from access.models import Account, ClockEpisode, Role
from access.rules import Refused
from tests.faults.approvals import Approval
from tests.faults.company import Company
from tests.faults.counts import FULL, times
from tests.faults.house import WORKERS, House, wait_until
from tests.faults.judge import Document, denies
from tests.faults.test_takeover import is_denied

HOUR = 3600
AHEAD = [HOUR, -HOUR, 400 * 24 * HOUR, -400 * 24 * HOUR, 45, -45] if FULL else [HOUR, -HOUR]


@pytest.mark.busy
@pytest.mark.parametrize("ahead", AHEAD)
def test_a_worker_whose_clock_is_wrong_shuts_out_whoever_is_revoked_and_lets_nobody_in(
    company: Company, ahead: int
) -> None:
    revoked, other, house = let_in(company), let_in(company), company.house
    house.kill(*WORKERS)
    new = company.give(company.role())
    for name in WORKERS:
        house.set_clock(name, ahead=ahead)
    company.revoke(revoked)
    closing = company.closing(other.role)
    must_be_out(company, revoked)
    company.await_problem(new, "clock_skew")
    assert not company.is_let_in(new)
    assert is_denied_as_before(company, other, closing)
    must_be_told(company)
    house.heal()
    must_admit_again(company, new)


@pytest.mark.busy
@pytest.mark.parametrize("ahead", AHEAD)
def test_while_awss_clock_differs_whoever_is_revoked_is_out_and_nobody_gets_in(company: Company, ahead: int) -> None:
    revoked, house = let_in(company), company.house
    house.kill(*WORKERS)
    new = company.give(company.role())
    house.aws.settings(date_skew_seconds=ahead)
    house.start(*WORKERS)
    company.revoke(revoked)
    must_be_out(company, revoked)
    company.await_problem(new, "clock_skew")
    assert not company.is_let_in(new)
    must_be_told(company)
    house.heal()
    must_admit_again(company, new)


@pytest.mark.parametrize("round_", range(times(1, 10)))
def test_clocks_that_jump_to_and_fro_stop_no_sweep_and_no_revocation(company: Company, round_: int) -> None:
    house = company.house
    approvals = [let_in(company) for _ in range(3)]
    for name in (*WORKERS, "beat"):
        house.set_clock(name, ahead=0)
    house.await_sweeps(1)
    for approval, ahead in zip(approvals, (HOUR, -HOUR, 0), strict=True):
        for name in (*WORKERS, "beat"):
            house.set_clock(name, ahead=ahead)
        company.revoke(approval)
        house.redis().flushall()  # only a sweep can find it
        must_be_out(company, approval)
        house.await_sweeps(2)
    house.heal()
    must_admit_again(company)


def test_what_a_worker_wrote_while_its_clock_was_ahead_does_not_outlive_that(company: Company) -> None:
    approval, house = let_in(company), company.house
    for name in WORKERS:
        house.set_clock(name, ahead=0)
    house.await_sweeps(1)
    fault = house.aws.fault("*", "error", status=503)
    for name in WORKERS:
        house.set_clock(name, ahead=HOUR)
    company.revoke(approval)
    wait_until(lambda: Role.objects.get(pk=company.roles[0].pk).failures > 1, f"two tries meet {fault}")
    house.heal()
    must_be_out(company, approval)


def test_times_that_are_far_ahead_hold_nothing_back(company: Company) -> None:
    """What the database's own clock wrote an hour ahead, before somebody set it right."""
    approval, house = let_in(company), company.house
    house.kill(*WORKERS)
    company.revoke(approval)
    far = timezone.now() + timedelta(hours=1)
    Role.objects.filter(name=approval.role).update(
        retry_at=far, lease_holder="dead", leased_until=far, quiet_until=far, reconciled_at=far, waiting_since=far
    )
    Account.objects.update(unanswered_at=far, throttled_at=far, next_write_at=far, trust_quota_read_at=far)
    house.redis().flushall()
    house.start(*WORKERS)
    must_be_out(company, approval)


def let_in(company: Company) -> Approval:
    """Give access to somebody who has a session by it, once the clocks agree: the test before may have set them."""
    wait_until(lambda: not skew.found(now=clock.now()), lambda: skew.found(now=clock.now()))
    approval = company.give(company.role())
    company.await_state(approval, "active")
    assert company.is_let_in(approval)
    assert company.can_upload(approval)
    return approval


def must_be_out(company: Company, approval: Approval) -> None:
    """Return when the contractor is out: no new session, none that goes on, and the portal says so."""
    wait_until(lambda: is_denied(company, approval), "the sessions are denied")
    wait_until(lambda: not company.is_let_in(approval), "nobody is let in")
    assert not company.can_upload(approval)
    company.await_state(approval, "ended")


def is_denied_as_before(company: Company, approval: Approval, before: Document | None) -> bool:
    """Whether the Deny of an access that goes on is the one that it was."""
    user_id = f"{company.unique_id(approval.role)}:{approval.session_name}"
    edges = [approval.ends_at + timedelta(seconds=offset) for offset in (-1, 0, 1, 13 * HOUR)]
    closing = company.closing(approval.role)
    return [denies(closing, user_id, at) for at in edges] == [denies(before, user_id, at) for at in edges]


def must_be_told(company: Company) -> None:
    """Return when machines and administrators are told, and whoever approves is refused."""
    wait_until(lambda: "ahead" in readyz(company.house)["clocks"], "/readyz says that clocks differ")
    wait_until(lambda: ClockEpisode.objects.filter(ended_at=None, notified_at__isnull=False), "they are notified")
    mails = company.house.stack.options.var / "mail"
    assert any("clocks differ" in file.read_text() for file in mails.iterdir())
    with pytest.raises(Refused, match="clocks"):
        company.give(company.roles[0])


def readyz(house: House) -> dict[str, str]:
    answer: dict[str, str] = requests.get(f"{house.stack.options.url}/readyz", timeout=10).json()
    return answer


def must_admit_again(company: Company, *waiting: Approval) -> None:
    """Return when the clocks agree again, and what waited is given."""
    wait_until(lambda: not skew.found(now=clock.now()), lambda: skew.found(now=clock.now()))
    for approval in waiting:
        company.await_state(approval, "active")
        assert company.is_let_in(approval)
    company.settle()
