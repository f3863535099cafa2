"""While clocks differ nobody is admitted, and everybody who is to go goes."""

import smtplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from access import alerts, clock, credentials, skew, tasks, verify
from access.actions import deciding, requests
from access.models import ClockComparison, ClockEpisode, Grant, Role
from access.reconcile import building
from tests import break_glass
from tests.factories import DAY, HOUR, NOON, SECOND, Cast, approve, ask
from tests.integration.conftest import Enqueued
from tests.integration.environment import Environment, state, verbs
from tests.integration.ritas import Rita
from tests.refusals import refusing
from tests.signin import sign_in

Skew = Callable[[int], None]


@pytest.fixture
def aws_is_ahead(env: Environment) -> Iterator[Skew]:
    """Set the Date of AWS's answers so many seconds ahead; the worker learns of it with the next answer."""

    def set_ahead(seconds: int) -> None:
        env.aws.settings(date_skew_seconds=seconds)

    yield set_ahead
    set_ahead(0)


def problem(grant: Grant) -> str:
    grant.refresh_from_db()
    return grant.problem


@pytest.mark.parametrize("seconds", [40, -40, 3600, -86400])
def test_nothing_new_is_written_until_the_clocks_agree(env: Environment, aws_is_ahead: Skew, seconds: int) -> None:
    grant = env.create_grant()
    aws_is_ahead(seconds)
    env.reconcile(times=2)
    assert (env.sids(), env.writes(), problem(grant)) == (["dpclosed"], [], "clock_skew")
    assert state(grant, env.clock()) == "activating"
    aws_is_ahead(0)
    clock.forget()  # what other processes saw of it is not stored
    assert env.sweep()
    assert (state(grant, env.clock()), problem(grant)) == ("active", "")


def test_permissions_are_not_changed_until_the_clocks_agree(
    env: Environment, aws_is_ahead: Skew, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.reconcile()
    updated: list[int] = []
    monkeypatch.setattr(building, "update", lambda row, **_: updated.append(row.pk))
    Role.objects.update(to_update=True)
    aws_is_ahead(40)
    env.reconcile()
    assert updated == []
    assert env.role.to_update
    aws_is_ahead(0)
    clock.forget()  # what other processes saw of it is not stored
    env.reconcile()
    assert updated == [env.role.pk]


@pytest.mark.parametrize("seconds", [25, -25])
def test_half_a_minute_is_not_a_difference(env: Environment, aws_is_ahead: Skew, seconds: int) -> None:
    grant = env.create_grant()
    aws_is_ahead(seconds)
    env.reconcile()
    assert state(grant, env.clock()) == "active"


@pytest.mark.parametrize("seconds", [3600, -3600, 10**6, -(10**6)])
def test_a_revocation_gets_through_and_removes_no_other_deny(
    env: Environment, aws_is_ahead: Skew, seconds: int
) -> None:
    revoked, other, ended = env.create_grant(), env.create_grant(), env.create_grant(ends_at=env.clock() + 600 * SECOND)
    env.reconcile()
    env.clock.forward(seconds=601)
    env.reconcile()
    aws_is_ahead(seconds)
    requests.revoke(by=env.cast.alice, grant=revoked, reason="Stop.", now=env.clock())
    env.reconcile()
    assert env.sids() == [other.session_name]
    assert state(revoked, env.clock()) == "ended"
    user_id = f"{env.role.unique_id}:"
    for name, at in {revoked: env.clock(), ended: env.clock(), other: other.ends_at}.items():
        assert verify.denies(env.expiry_policy(), user_id=user_id + name.session_name, at=at)
    assert not verify.denies(env.expiry_policy(), user_id=user_id + other.session_name, at=other.ends_at - SECOND)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_no_deny_is_removed_even_if_due(env: Environment, aws_is_ahead: Skew, seconds: int) -> None:
    env.create_grant()
    env.reconcile()
    env.clock.forward(hours=2)
    env.reconcile()
    expiry_policy = env.expiry_policy()
    aws_is_ahead(seconds)
    env.clock.forward(hours=24)
    env.reconcile()
    assert env.expiry_policy() == expiry_policy
    aws_is_ahead(0)
    clock.forget()
    env.reconcile()
    assert env.expiry_policy() is None


def test_an_extension_waits_in_both_documents(env: Environment, aws_is_ahead: Skew) -> None:
    grant = env.create_grant()
    env.reconcile()
    trust, expiry_policy = env.trust(), env.expiry_policy()
    longer = requests.extend(
        by=env.cast.richard, grant=grant, ends_at=grant.ends_at + HOUR, reason="More.", now=env.clock()
    )
    approve(env.cast, longer, now=env.clock())
    aws_is_ahead(3600)
    env.reconcile()
    assert (env.trust(), env.expiry_policy(), problem(grant)) == (trust, expiry_policy, "clock_skew")
    env.clock.forward(hours=1, minutes=1)
    env.reconcile()
    assert env.sids() == ["dpclosed"]
    grant.refresh_from_db()
    assert grant.removed_at is None
    aws_is_ahead(0)
    clock.forget()
    env.sweep()
    assert (env.sids(), problem(grant)) == ([grant.session_name], "")


def test_nobody_can_approve_and_everybody_can_deny(env: Environment, aws_is_ahead: Skew) -> None:
    asked, other = (ask(env.cast, now=env.clock(), principal_arn=env.richard_arn) for _ in range(2))
    aws_is_ahead(3600)
    env.reconcile()
    with refusing("clock_skew"):
        approve(env.cast, asked, now=env.clock())
    deciding.deny(by=env.cast.bob, request=other, content_hash=other.content_hash, reason="No.", now=env.clock())
    assert not Grant.objects.exists()


def test_no_session_is_issued(rita: Rita, aws_is_ahead: Skew) -> None:
    grant = rita.gets_grant()
    aws_is_ahead(-3600)
    before = len(rita.aws.calls())
    for _ in range(2):
        with refusing("clock_skew"):
            credentials.issue(by=rita.env.cast.rita, grant=grant, now=rita.env.clock)
    asked = [call for call in rita.aws.calls()[before:] if call["action"] == "AssumeRole"]
    assert len(asked) <= 1, "once it is known AWS is not asked again"


def test_a_process_with_a_different_clock_stops_the_others_too_until_it_is_gone(cast: Cast) -> None:
    ClockComparison.objects.create(process="web-2:7", read_at=NOON, process_ahead=-HOUR)
    asked = ask(cast, now=NOON)
    with refusing("clock_skew"):
        approve(cast, asked, now=NOON)
    ClockComparison.objects.update(read_at=NOON - HOUR)
    assert approve(cast, asked, now=NOON)


def test_a_measurement_from_the_future_stops_nobody(cast: Cast) -> None:
    ClockComparison.objects.create(process="web-2:7", read_at=NOON + HOUR, process_ahead=-HOUR)
    assert approve(cast, ask(cast, now=NOON), now=NOON)


@pytest.mark.parametrize("own", [timedelta(seconds=0.5), timedelta(seconds=-0.5), timedelta(milliseconds=-3)])
@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_less_than_a_second_is_named_as_the_clock_of_the_database(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, own: timedelta, ahead: timedelta
) -> None:
    monkeypatch.setattr(clock, "offsets", lambda: clock.Offsets(own, -own))
    ClockComparison.objects.create(process="web-2:7", read_at=NOON, process_ahead=ahead, aws_ahead=own)
    found = skew.found(now=NOON)
    assert found is not None
    assert {found.facts["ahead"], found.facts["behind"]} == {"web-2:7", connection.vendor}
    assert found.facts["seconds"] == 3600


def test_a_clock_that_differs_by_more_is_named(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "offsets", lambda: clock.Offsets(-SECOND, None))
    ClockComparison.objects.create(process="web-2:7", read_at=NOON, process_ahead=HOUR)
    found = skew.found(now=NOON)
    assert found is not None
    assert found.facts["behind"] not in {"web-2:7", connection.vendor}
    assert found.facts["seconds"] == 3601


@pytest.mark.parametrize(("own", "differ"), [(-0.5, True), (-0.4, False)])
def test_a_fraction_of_a_second_still_counts_for_the_limit(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, own: float, differ: bool
) -> None:
    monkeypatch.setattr(clock, "offsets", lambda: clock.Offsets(timedelta(seconds=own), None))
    ClockComparison.objects.create(process="web-2:7", read_at=NOON, process_ahead=timedelta(seconds=29.55))
    assert (skew.found(now=NOON) is not None) is differ


@pytest.mark.parametrize("process", [HOUR, -HOUR])
def test_two_clocks_can_differ_although_each_is_close_to_the_third(cast: Cast, process: timedelta) -> None:
    a_bit = timedelta(seconds=20 if process > timedelta(0) else -20)
    ClockComparison.objects.create(process="one:1", read_at=NOON, process_ahead=a_bit, aws_ahead=-a_bit)
    found = skew.found(now=NOON)
    assert found is not None
    assert (found.code, found.facts["seconds"]) == ("clocks_apart", 40)


def test_the_pages_machines_and_administrators_are_informed_once(
    cast: Cast, enqueued: list[Enqueued], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(tasks.notify_of_clocks, "apply_async", lambda args, **_: sent.extend(args))
    now = clock.now()
    ClockComparison.objects.create(process="web-2:7", read_at=now, process_ahead=DAY)
    for _ in range(2):
        tasks.sweep()
    (episode,) = ClockEpisode.objects.all()
    assert episode.reason_code == "clocks_apart"
    assert episode.reason_facts == {"seconds": 86400, "ahead": "web-2:7", "behind": connection.vendor}
    for _ in range(2):
        tasks.notify_of_clocks(episode.pk)
    assert [email.to for email in mail.outbox] == [[cast.ada.email]]
    assert str(episode.reason_text) in mail.outbox[0].body
    answer = Client().get(reverse("readyz"))
    assert episode.reason_text is not None
    assert (answer.status_code, episode.reason_text.english in answer.json()["clocks"]) == (503, True)
    for person, is_told in ((cast.ada, True), (cast.alice, False)):
        client = Client()
        sign_in(client, person)
        assert (str(episode.reason_text) in client.get(reverse("home")).text) is is_told
    assert verbs().count("clocks.differ") == 1


def test_an_email_that_could_not_be_sent_is_sent_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    episode = ClockEpisode.objects.create(began_at=NOON, observed_at=NOON, reason_code="clocks_unknown")
    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", _fails)
        alerts.notify_of_clocks(episode.pk, now=NOON)
    assert skew.to_notify(now=NOON) == [episode.pk]
    alerts.notify_of_clocks(episode.pk, now=NOON)
    assert (len(mail.outbox), skew.to_notify(now=NOON)) == (1, [])


def _fails(_message: Any) -> None:
    raise smtplib.SMTPServerDisconnected


def test_clocks_that_alternate_are_one_episode(cast: Cast) -> None:
    reading = ClockComparison.objects.create(process="web-2:7", read_at=NOON, process_ahead=HOUR)
    for minute in range(6):
        ahead = HOUR if minute % 2 == 0 else timedelta(0)
        at = NOON + minute * timedelta(minutes=1)
        ClockComparison.objects.filter(pk=reading.pk).update(read_at=at, process_ahead=ahead)
        skew.observe(now=at)
    assert ClockEpisode.objects.filter(ended_at=None).count() == 1
    skew.observe(now=NOON + HOUR)
    assert ClockEpisode.objects.filter(ended_at=NOON + HOUR).count() == 1
    assert (verbs().count("clocks.differ"), verbs().count("clocks.agree")) == (1, 1)


def test_a_failed_comparison_delays_no_revocation(
    env: Environment, enqueued: list[Enqueued], monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())

    def fails(**_: Any) -> None:
        raise RuntimeError("whatever it is")

    monkeypatch.setattr(skew, "observe", fails)
    enqueued.clear()
    tasks.sweep()
    assert Enqueued(env.role.pk, "urgent") in enqueued


def test_nobody_can_use_break_glass_meanwhile(cast: Cast) -> None:
    ClockComparison.objects.create(process="web-2:7", read_at=NOON, process_ahead=HOUR)
    policy = break_glass.policy(cast, cast.bob)
    with refusing("clock_skew"):
        break_glass.new_grant(policy, cast.bob)
