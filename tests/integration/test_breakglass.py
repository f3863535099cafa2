"""Break-glass from end to end: what the portal writes, what AWS lets in, who is told, who stops it, who reviews it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from access import actions, alarms, catalogue, ledger, tasks
from access.ledger import Conflict
from access.models import AuditEvent, EmergencyUse, Request, Role, StandingRule, User
from access.rules import Refused
from tests import breakglass, factories
from tests.breakglass import grant_of
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.conftest import Enqueued
from tests.integration.environment import state, verbs
from tests.integration.pages import text, visitor
from tests.integration.ritas import JSON, Rita, credentials
from tests.localaws.server import Credentials
from tests.signin import sign_in

MINUTE = timedelta(minutes=1)
REASON = {"minutes": "60", "reason": "The upload stands still."}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The uses of which the worker was asked to tell everybody."""
    asked: list[int] = []
    monkeypatch.setattr(tasks.tell_of_use, "apply_async", lambda *, args, **_: asked.append(args[0]))
    return asked


@pytest.fixture
def rule(cast: Cast, enqueued: list[Enqueued], told: list[int]) -> StandingRule:
    return breakglass.rule(cast, cast.mallory)


def refused(**facts: Any) -> str:
    said: dict[str, Any] = {"length": HOUR, "reason": "It burns.", "has_new_factor": True, "now": NOON}
    with pytest.raises(Refused) as refusal:
        actions.break_glass(**said | facts)
    return str(refusal.value)


def session_of(person: User, used: EmergencyUse) -> Credentials:
    """The credentials that he is given."""
    answer = visitor(person).post(reverse("credentials", args=[used.request.public_id]), headers=JSON)
    assert answer.status_code == 200, answer.content
    return credentials(answer)


def test_who_broke_the_glass_is_not_led_to_where_contractors_ask(cast: Cast, rule: StandingRule) -> None:
    used = breakglass.use(rule, cast.mallory)
    page = visitor(cast.mallory).get(reverse("request", args=[used.request.public_id]))
    assert reverse("request_new") not in page.content.decode()


def test_the_page_says_no_more_than_who_looks_at_it_may_know(cast: Cast, rule: StandingRule) -> None:
    breakglass.use(breakglass.rule(cast, cast.bob), cast.bob)
    shown = text(visitor(cast.mallory).get(reverse("emergencies")))
    assert "Nothing that you may see is open or waits for a review." in shown


# --- On the local AWS -------------------------------------------------------------------------------------------------


def test_bob_gives_himself_the_role_and_aws_lets_him_in_until_the_end(rita: Rita, told: list[int]) -> None:
    env, bob = rita.env, rita.env.cast.mallory
    rule = breakglass.rule(env.cast, bob, now=env.clock())
    used = breakglass.use(rule, bob, now=env.clock())
    env.reconcile()
    grant = grant_of(used)
    assert state(grant, env.clock()) == "active"
    (statement,) = [one for one in env.trust()["Statement"] if one.get("Sid") == grant.session_name]
    assert statement["Principal"] == {"AWS": env.role.account.issuer_arn}
    assert statement["Condition"]["StringEquals"]["sts:RoleSessionName"] == grant.session_name
    assert grant.session_name in str(env.expiry_policy())
    keys = session_of(bob, used)
    assert rita.can_upload(keys)
    rita.aws.clock(3601)
    assert not rita.can_upload(keys)


def test_alice_stops_him_by_one_click_and_aws_cuts_his_session_off(
    rita: Rita, told: list[int], enqueued: list[Enqueued], django_capture_on_commit_callbacks: Any
) -> None:
    env, bob = rita.env, rita.env.cast.mallory
    used = breakglass.use(breakglass.rule(env.cast, bob, now=env.clock()), bob, now=env.clock())
    env.reconcile()
    keys = session_of(bob, used)
    with django_capture_on_commit_callbacks(execute=True):
        answer = visitor(env.cast.alice).post(reverse("emergency_stop", args=[used.request.public_id]))
    assert answer["Location"] == reverse("emergency", args=[used.request.public_id])
    assert enqueued[-1] == Enqueued(env.role.pk, "urgent")
    env.clock.at = grant_of(used).revoked_at or env.clock.at
    env.reconcile()
    assert state(grant_of(used), env.clock()) == "ended"
    assert not rita.can_upload(keys)
    assert visitor(bob).post(reverse("credentials", args=[used.request.public_id]), headers=JSON).status_code == 409


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_the_record_comes_first_and_the_worker_is_told_at_once(
    cast: Cast, rule: StandingRule, enqueued: list[Enqueued], told: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        used = breakglass.use(rule, cast.mallory)
    assert enqueued == [Enqueued(cast.role.pk, "urgent")]
    assert told == [used.pk]
    given = verbs(ledger.subject_of(used.request))
    assert given == ["request.submitted", "breakglass.used", "request.approved", "grant.given"]
    event = AuditEvent.objects.get(verb="breakglass.used")
    assert (event.details["made_by"], event.details["confirmed_by"]) == ("ada@example.com", "adam@example.com")
    assert grant_of(used).ends_at - grant_of(used).starts_at == HOUR


def test_without_a_new_factor_nothing_happens(cast: Cast, rule: StandingRule) -> None:
    assert "passkey or a code" in refused(by=cast.mallory, rule=rule, has_new_factor=False)
    assert not Request.objects.exists()


def test_the_page_asks_for_a_code_that_is_not_a_few_minutes_old(cast: Cast, rule: StandingRule) -> None:
    path = reverse("break_glass", args=[rule.public_id])
    client = Client()
    sign_in(client, cast.mallory, factor_age=5 * 60 + 1)
    assert reverse("mfa_reauthenticate") in client.post(path, REASON)["Location"]
    assert not EmergencyUse.objects.exists()
    sign_in(client, cast.mallory, factor_age=4 * 60)
    used_at = client.post(path, REASON)["Location"]
    assert used_at == reverse("request", args=[EmergencyUse.objects.get().request.public_id])


@pytest.mark.parametrize("name", ["richard", "alice", "ada", "bob"])
def test_whom_the_rule_does_not_name_it_lets_do_nothing(cast: Cast, rule: StandingRule, name: str) -> None:
    assert refused(by=getattr(cast, name), rule=rule)
    assert visitor(getattr(cast, name)).post(reverse("break_glass", args=[rule.public_id]), REASON).status_code == 404
    assert not Request.objects.exists()


def test_a_rule_that_nobody_confirmed_lets_nobody_do_anything(cast: Cast, told: list[int]) -> None:
    waiting = breakglass.waiting_rule(cast, cast.mallory)
    assert "not in force" in refused(by=cast.mallory, rule=waiting)
    with pytest.raises(Refused, match="Nobody confirms his own"):
        actions.confirm_standing(by=cast.ada, rule=waiting, content_hash=waiting.content_hash(), now=NOON)


def test_who_is_named_does_not_confirm_and_what_was_not_shown_is_not_confirmed(cast: Cast) -> None:
    adam = breakglass.adam()
    waiting = breakglass.waiting_rule(cast, adam)
    shown = waiting.content_hash()
    with pytest.raises(Refused, match="names you"):
        actions.confirm_standing(by=adam, rule=waiting, content_hash=shown, now=NOON)
    eve = factories.user("eve", is_staff=True)
    with pytest.raises(Conflict, match="did not show"):
        actions.confirm_standing(by=eve, rule=waiting, content_hash="x", now=NOON)
    User.objects.filter(pk=adam.pk).update(email="somebody@example.com")
    with pytest.raises(Conflict, match="did not show"):
        actions.confirm_standing(by=eve, rule=waiting, content_hash=shown, now=NOON)


def test_contractors_are_in_no_rule(cast: Cast) -> None:
    with pytest.raises(Refused, match="Contractors never"):
        breakglass.waiting_rule(cast, cast.mallory, cast.richard)
    form = {"role": cast.role.pk, "people": [cast.richard.pk], "expires_at": "2027-01-31T18:00"}
    page = text(visitor(cast.ada).post(reverse("standing_rule_new"), form | REASON))
    assert "Contractors never break the glass" in page
    assert not StandingRule.objects.exists()


def test_what_two_approved_one_does_not_widen(cast: Cast, rule: StandingRule) -> None:
    wider = {"longest_window": 12 * HOUR}
    assert catalogue.change(by=cast.ada, role=cast.role, fields=wider, now=NOON) is not None
    actions.withdraw_standing(by=cast.ada, rule=rule, now=NOON)
    assert catalogue.change(by=cast.ada, role=cast.role, fields=wider, now=NOON) is None


def test_it_cannot_be_extended(cast: Cast, rule: StandingRule) -> None:
    used = breakglass.use(rule, cast.mallory, length=HOUR / 2)
    with pytest.raises(Refused, match="never extended"):
        actions.extend(by=cast.mallory, grant=grant_of(used), ends_at=NOON + HOUR, reason="More.", now=NOON)
    page = visitor(cast.mallory).get(reverse("request", args=[used.request.public_id]))
    assert "later end" not in text(page)


def test_a_role_that_could_bypass_its_expiry_is_not_given_so_either(cast: Cast, rule: StandingRule) -> None:
    Role.objects.update(can_bypass_expiry=["iam:PassRole"])
    assert "could undo" in refused(by=cast.mallory, rule=rule)
    assert not Request.objects.exists()


def test_who_is_switched_off_loses_what_he_gave_himself(
    cast: Cast, rule: StandingRule, enqueued: list[Enqueued]
) -> None:
    used = breakglass.use(rule, cast.mallory)
    actions.switch_off(by=cast.ada, what=cast.mallory, now=NOON + MINUTE)
    assert grant_of(used).revoked_reason == "Switched off: Mallory."
    assert refused(by=cast.mallory, rule=rule)


def test_a_rule_that_is_withdrawn_ends_what_is_open_by_it(cast: Cast, rule: StandingRule) -> None:
    used = breakglass.use(rule, cast.mallory)
    actions.withdraw_standing(by=breakglass.adam(), rule=rule, now=NOON + MINUTE)
    assert grant_of(used).revoked_reason == "The standing rule was withdrawn."
    with pytest.raises(Refused, match="withdrawn already"):
        actions.withdraw_standing(by=cast.ada, rule=rule, now=NOON + MINUTE)


@pytest.mark.parametrize("way", ["stop", "withdraw", "switch off"])
def test_a_clock_that_is_ahead_keeps_no_use_open(cast: Cast, rule: StandingRule, way: str) -> None:
    used = breakglass.use(rule, cast.mallory)
    ahead = NOON + 30 * HOUR
    if way == "stop":
        actions.stop(by=cast.alice, grant=grant_of(used), now=ahead)
    elif way == "withdraw":
        actions.withdraw_standing(by=breakglass.adam(), rule=rule, now=ahead)
    else:
        actions.switch_off(by=cast.ada, what=cast.mallory, now=ahead)
    assert grant_of(used).revoked_at == ahead


# --- Who is told ------------------------------------------------------------------------------------------------------


def test_everybody_who_answers_for_it_gets_a_letter(cast: Cast, rule: StandingRule) -> None:
    used = breakglass.use(rule, cast.mallory)
    alarms.tell(used.pk, now=NOON)
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        f"{name}@example.com" for name in ("ada", "adam", "alice", "bob", "mallory")
    ]
    letter = mail.outbox[0]
    assert letter.subject == f"Daypass: Mallory broke the glass on {cast.role.name}"
    assert reverse("emergency", args=[used.request.public_id]) in letter.body
    used.refresh_from_db()
    assert (used.untold, used.told_at) == ([], NOON)
    alarms.tell(used.pk, now=NOON)
    assert len(mail.outbox) == 5


@pytest.fixture
def no_mail_for_alice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The mail server does not take Alice's letters."""
    send = EmailBackend.send_messages

    def fail(self: EmailBackend, messages: Any) -> int:
        if "alice@example.com" in messages[0].to:
            raise ConnectionRefusedError
        return int(send(self, messages))

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", fail)
        yield


def test_a_letter_that_fails_stops_nothing_is_seen_and_tried_again(
    cast: Cast, rule: StandingRule, no_mail_for_alice: None, monkeypatch: pytest.MonkeyPatch, enqueued: list[Enqueued]
) -> None:
    used = breakglass.use(rule, cast.mallory)
    alarms.tell(used.pk, now=NOON)
    assert len(mail.outbox) == 4
    used.refresh_from_db()
    assert (used.untold, used.told_at) == (["alice@example.com"], None)
    assert "Not told yet alice@example.com" in text(
        visitor(cast.ada).get(reverse("emergency", args=[used.request.public_id]))
    )
    assert "were not told" in text(visitor(cast.alice).get(reverse("inbox")))
    assert alarms.untold(now=NOON + HOUR) == [used.pk]
    assert alarms.untold(now=NOON + 2 * DAY) == []


def test_when_the_queue_is_down_they_are_told_all_the_same(
    cast: Cast, rule: StandingRule, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def nobody_listens(**_: Any) -> None:
        raise tasks.tell_of_use.OperationalError("nobody listens")

    monkeypatch.setattr(tasks.tell_of_use, "apply_async", nobody_listens)
    with django_capture_on_commit_callbacks(execute=True):
        breakglass.use(rule, cast.mallory)
    assert len(mail.outbox) == 5


def test_the_sweep_asks_again_for_those_who_were_not_told(
    cast: Cast, rule: StandingRule, told: list[int], enqueued: list[Enqueued], time_machine: Any
) -> None:
    time_machine.move_to(NOON + MINUTE, tick=False)
    used = breakglass.use(rule, cast.mallory)
    tasks.sweep()
    assert told == [used.pk]


# --- Reviewed afterwards ----------------------------------------------------------------------------------------------


def test_there_is_one_use_until_somebody_else_has_reviewed_it(cast: Cast, rule: StandingRule) -> None:
    used = breakglass.use(rule, cast.mallory)
    assert "not reviewed" in refused(by=cast.mallory, rule=rule, now=NOON + 2 * HOUR)
    review: dict[str, Any] = {"use": used, "is_fine": True, "remark": "Seen the logs."}
    with pytest.raises(Refused, match="still open"):
        actions.review_use(by=cast.alice, **review, now=NOON + MINUTE)
    with pytest.raises(Refused, match="Somebody else"):
        actions.review_use(by=cast.mallory, **review, now=NOON + 2 * HOUR)
    actions.review_use(by=cast.alice, **review, now=NOON + 2 * HOUR)
    with pytest.raises(Conflict, match="reviewed this already"):
        actions.review_use(by=cast.bob, **review, now=NOON + 2 * HOUR)
    breakglass.use(rule, cast.mallory, now=NOON + 2 * HOUR)
    assert EmergencyUse.objects.count() == 2
    assert AuditEvent.objects.get(verb="breakglass.reviewed").details["reason"] == "Fine. Seen the logs."


def test_what_nobody_reviewed_is_red_for_those_who_answer_for_it(
    cast: Cast, rule: StandingRule, time_machine: Any
) -> None:
    breakglass.use(rule, cast.mallory, now=NOON - 2 * HOUR)
    time_machine.move_to(NOON, tick=False)
    for person, name in ((cast.alice, "inbox"), (cast.ada, "home"), (cast.alice, "emergencies")):
        page = text(visitor(person).get(reverse(name)))
        assert "Mallory gave himself" in page
        assert "unreviewed" in page
    assert "gave himself" not in text(visitor(cast.mallory).get(reverse("home")))
    assert visitor(cast.richard).get(reverse("emergencies")).status_code == 404


def test_two_who_review_each_other_are_a_pair(cast: Cast, told: list[int], time_machine: Any) -> None:
    made = breakglass.rule(cast, cast.alice, cast.bob)
    for person, other in ((cast.alice, cast.bob), (cast.bob, cast.alice)):
        used = breakglass.use(made, person)
        actions.review_use(by=other, use=used, is_fine=True, remark="Fine.", now=NOON + 2 * HOUR)
    time_machine.move_to(NOON + DAY, tick=False)
    page = text(visitor(cast.ada).get(reverse("review", args=["reciprocal"])))
    assert "found break-glass fine 1 time" in page


def test_the_evidence_names_who_approved_it_beforehand(cast: Cast, rule: StandingRule, time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)
    used = breakglass.use(rule, cast.mallory)
    path = reverse("request_evidence", args=[used.request.public_id])
    assert visitor(cast.ada).post(path).status_code == 200
    assert visitor(cast.mallory).post(path).status_code == 404


def test_all_standing_rules_can_be_paged_through_those_that_wait_first(cast: Cast) -> None:
    """However many were made, the one that waits is seen at once and the one that was withdrawn at last."""
    waits = breakglass.waiting_rule(cast, cast.mallory)
    withdrawn = breakglass.waiting_rule(cast, cast.mallory, longest=30 * MINUTE)
    actions.withdraw_standing(by=cast.ada, rule=withdrawn, now=NOON)
    facts = {"role": cast.role, "reason": "At night.", "made_by": cast.ada, "confirmed_by": breakglass.adam()}
    times = {"made_at": NOON + MINUTE, "confirmed_at": NOON + MINUTE, "expires_at": NOON + 9000 * DAY}
    StandingRule.objects.bulk_create(StandingRule(**facts, **times) for _ in range(205))
    ada, listed = visitor(cast.ada), []
    for number in range(1, 12):
        page = ada.get(reverse("emergencies"), {"rules": number})
        listed += [(rule.pk, word) for rule, word, _ in page.context["standing_rules"]]
    assert (len(listed), len(set(listed))) == (207, 207)
    assert (listed[0], listed[-1]) == ((waits.pk, "waits"), (withdrawn.pk, "withdrawn"))
    assert {word for _, word in listed[1:-1]} == {"in force"}
    assert "Page 11 of 11" in text(page)
