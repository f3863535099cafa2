"""Times that a clock wrote which was wrong: an hour, a day or a year ahead, they hold nothing back when it is right."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import denials
from access.ledger.accounts import ask_test
from access.ledger.issuances import close_abandoned
from access.ledger.refusals import DENIED, note_refusal, record_refusals
from access.ledger.walks import walk_on
from access.models import (
    Account,
    ChainWalk,
    Challenge,
    Grant,
    Heartbeat,
    Invitation,
    Issuance,
    Notification,
    Refusal,
    Request,
    Role,
    RoleChange,
    RoleState,
)
from access.notifications import waiting
from access.reconcile import connection, due, lease, outage, rate_limit
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast, update_roles
from tests.integration.environment import Clock
from tests.signin import sign_in

AHEAD = [HOUR, DAY, 400 * DAY]
ahead = pytest.mark.parametrize("ahead", AHEAD, ids=["hour", "day", "year"])


def in_sync(cast: Cast, **facts: Any) -> None:
    """Let the role be as it should, but for these facts."""
    usual = {"reconciled_at": NOON, "observed_at": NOON, "permissions_read_at": NOON, "to_build": False}
    update_roles(Role.objects.filter(pk=cast.role.pk), **usual | facts)


def is_due(cast: Cast, *, now: datetime = NOON) -> bool:
    return cast.role.pk in due.due(now=now)


def test_a_role_in_sync_is_not_due(cast: Cast) -> None:
    in_sync(cast)
    assert not is_due(cast)


@ahead
@pytest.mark.parametrize("field", ["settle_until", "reconciled_at", "permissions_read_at"])
def test_a_role_read_in_the_future_is_due(cast: Cast, field: str, ahead: timedelta) -> None:
    in_sync(cast, **{field: NOON + ahead})
    assert is_due(cast)


@ahead
@pytest.mark.parametrize("facts", [{"retry_at": None}, {"leased_until": None, "lease_holder": "dead"}])
def test_a_next_try_too_far_ahead_happens_now(cast: Cast, facts: dict[str, Any], ahead: timedelta) -> None:
    held = {name: NOON + ahead if value is None else value for name, value in facts.items()}
    in_sync(cast, generation=2, reconciled_generation=1, **held)
    assert is_due(cast)


@pytest.mark.parametrize(("field", "seconds"), [("retry_at", 60), ("leased_until", settings.LEASE_SECONDS)])
def test_a_next_try_within_its_limit_still_waits(cast: Cast, field: str, seconds: float) -> None:
    holder = {"lease_holder": "alive"} if field == "leased_until" else {}
    in_sync(cast, generation=2, reconciled_generation=1, **holder, **{field: NOON + seconds * SECOND})
    assert not is_due(cast)


@ahead
def test_a_lease_of_the_future_is_taken_over(cast: Cast, ahead: timedelta) -> None:
    clock = Clock()
    RoleState.objects.filter(pk=cast.role.pk).update(lease_holder="dead", leased_until=clock.at + ahead)
    with lease.lease(cast.role.pk, now=clock) as held:
        assert held is not None
        settle_until = Role.objects.get(pk=cast.role.pk).state.settle_until
        assert settle_until is not None
        assert settle_until <= clock.at + 2 * lease.length()


@ahead
def test_a_holder_whose_clock_was_ahead_checks_its_lease_before_it_writes(cast: Cast, ahead: timedelta) -> None:
    clock = Clock()
    clock.at += ahead
    with lease.lease(cast.role.pk, now=clock) as held:
        assert held is not None
        clock.at -= ahead
        with lease.lease(cast.role.pk, now=clock) as newcomer:
            assert newcomer is not None
            with pytest.raises(lease.LeaseLost):
                held.renew(now=clock)


@ahead
def test_an_account_that_failed_in_the_future_is_asked(cast: Cast, ahead: timedelta) -> None:
    Account.objects.update(unreachable_at=NOON + ahead)
    assert outage.reachable_accounts(now=NOON).exists()
    Account.objects.update(unreachable_at=NOON)
    assert not outage.reachable_accounts(now=NOON).exists()


@ahead
def test_an_account_throttled_in_the_future_has_no_limit(cast: Cast, ahead: timedelta) -> None:
    account = Account(throttled_at=NOON + ahead)
    assert not rate_limit.is_throttled(account, at=NOON)
    Account.objects.update(next_write_at=NOON + ahead)
    rate_limit.Slots(Account.objects.get()).await_next(urgent=False, now=lambda: NOON)
    with pytest.raises(rate_limit.RateLimited):
        rate_limit.Slots(Account.objects.get()).await_next(urgent=False, now=lambda: NOON)


@ahead
def test_a_worker_seen_in_the_future_is_not_running(
    cast: Cast, time_machine: TimeMachineFixture, ahead: timedelta
) -> None:
    time_machine.move_to(NOON, tick=False)
    Heartbeat.objects.create(name="worker", at=NOON + ahead)
    assert readyz()["codes"]["worker"] == "sweep_outdated"
    Heartbeat.objects.update(at=NOON)
    assert readyz()["worker"] == "ok"


@ahead
def test_a_role_waiting_since_the_future_waits_too_long(
    cast: Cast, time_machine: TimeMachineFixture, ahead: timedelta
) -> None:
    time_machine.move_to(NOON, tick=False)
    RoleState.objects.update(waiting_since=NOON + ahead)
    assert readyz()["codes"]["waiting"] == "role_waiting"


def readyz() -> dict[str, Any]:
    answer: dict[str, Any] = Client().get(reverse("readyz")).json()
    return answer


@ahead
def test_an_email_tried_in_the_future_is_sent(cast: Cast, ahead: timedelta) -> None:
    factories.ask(cast, now=NOON)
    waiting.remind(now=NOON)
    Notification.objects.update(tried_at=NOON + ahead)
    assert waiting.send_waiting(now=NOON) == 2
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("ahead", [8 * DAY, 400 * DAY])
def test_approvers_with_a_reminder_in_the_far_future_are_reminded(cast: Cast, ahead: timedelta) -> None:
    factories.ask(cast, now=NOON)
    Request.objects.update(notify_next_at=NOON + ahead)
    waiting.remind(now=NOON)
    assert Notification.objects.exists()


@ahead
def test_a_refusal_observed_in_the_future_is_tried_again(cast: Cast, ahead: timedelta) -> None:
    grant = factories.create_grant(cast, principal_arn="", by=cast.rita)
    Grant.objects.filter(pk=grant.pk).update(ends_at=NOON + HOUR, removed_at=NOON + max(ahead, HOUR))
    assert denials.due(now=NOON) == [grant.pk]


@ahead
def test_an_unfinished_issuance_of_the_future_is_closed(cast: Cast, ahead: timedelta) -> None:
    grant = factories.create_grant(cast, principal_arn="", by=cast.rita)
    Issuance.objects.create(grant=grant, by=cast.rita, kind="credentials", started_at=NOON + ahead)
    close_abandoned(now=NOON)
    assert Issuance.objects.get().outcome == "failed"


@ahead
def test_refusals_of_the_future_are_recorded(cast: Cast, ahead: timedelta) -> None:
    note_refusal(DENIED, person=cast.mallory, address="192.0.2.1", page="x", now=NOON + ahead)
    record_refusals(now=NOON)
    assert not Refusal.objects.exists()


@ahead
def test_a_connection_tested_in_the_future_is_tested(cast: Cast, ahead: timedelta) -> None:
    account = Account.objects.get()
    Account.objects.update(test_asked_at=NOON + ahead, tested_at=NOON + ahead)
    ask_test(account, by=cast.ada, now=NOON)
    assert connection.tests_due() == [account.pk]


@ahead
def test_a_confirmation_of_the_future_is_not_valid_longer(cast: Cast, ahead: timedelta) -> None:
    assert not Challenge(created_at=NOON + ahead).is_open(now=NOON)
    assert not Invitation(sent_at=NOON + ahead).is_open(now=NOON)
    change = RoleChange(proposed_at=NOON + ahead, expires_at=NOON + ahead + DAY)
    assert not change.is_waiting(now=NOON)


def test_a_verification_of_a_future_day_does_not_replace_its_own(cast: Cast) -> None:
    walk_on(now=NOON + DAY)
    walk_on(now=NOON)
    walk_on(now=NOON + DAY)
    assert ChainWalk.objects.filter(ended_at=NOON + DAY).exists()
    assert list(ChainWalk.objects.order_by("pk").values_list("began_at", flat=True)) == [NOON, NOON + DAY]


@ahead
@pytest.mark.parametrize("key", ["began_at", "clicked_at"])
def test_a_browser_session_of_the_future_is_over(
    cast: Cast, time_machine: TimeMachineFixture, key: str, ahead: timedelta
) -> None:
    time_machine.move_to(NOON, tick=False)
    client = Client()
    sign_in(client, cast.alice)
    assert client.get(reverse("home")).status_code == 200
    session = client.session
    session[key] = (NOON + ahead).timestamp()
    session.save()
    assert client.get(reverse("home")).status_code == 302
