"""Break-glass from end to end: what the portal writes, what AWS admits, who is notified, stops and reviews it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from access import alerts, tasks
from access.actions import break_glass_policies, people, requests
from access.actions.break_glass import review_break_glass, stop_break_glass, use_break_glass
from access.actions.break_glass_policies import confirm_break_glass_policy
from access.catalogue import changes
from access.ledger.conflicts import Conflict
from access.ledger.subjects import subject_of
from access.models import AuditEvent, BreakGlassGrant, BreakGlassPolicy, Request, RoleState, User
from access.rules.facts import Refused
from tests import break_glass, factories
from tests.break_glass import grant_of
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.conftest import Enqueued
from tests.integration.environment import state, verbs
from tests.integration.pages import text, visitor
from tests.integration.ritas import JSON, Rita, credentials
from tests.localaws.server import Credentials
from tests.refusals import refusing
from tests.signin import confirm_for, sign_in

MINUTE = timedelta(minutes=1)
REASON = {"minutes": "60", "reason": "The upload is blocked."}


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the uses of which the worker was asked to tell everybody."""
    asked: list[int] = []
    monkeypatch.setattr(tasks.notify_of_break_glass, "apply_async", lambda *, args, **_: asked.append(args[0]))
    return asked


@pytest.fixture
def policy(cast: Cast, enqueued: list[Enqueued], notified: list[int]) -> BreakGlassPolicy:
    return break_glass.policy(cast, cast.mallory)


def refused(**facts: Any) -> str:
    said: dict[str, Any] = {"length": HOUR, "reason": "It burns.", "has_new_factor": True, "now": NOON}
    with pytest.raises(Refused) as refusal:
        use_break_glass(**said | facts)
    return refusal.value.code


def session_of(person: User, used: BreakGlassGrant) -> Credentials:
    """Return the credentials that Bob receives."""
    answer = visitor(person).post(reverse("credentials", args=[used.request.public_id]), headers=JSON)
    assert answer.status_code == 200, answer.content
    return credentials(answer)


def test_a_break_glass_user_is_not_led_to_the_contractor_form(cast: Cast, policy: BreakGlassPolicy) -> None:
    used = break_glass.new_grant(policy, cast.mallory)
    page = visitor(cast.mallory).get(reverse("request", args=[used.request.public_id]))
    assert reverse("request_new") not in page.content.decode()


def test_the_page_shows_only_what_each_viewer_is_allowed_to_know(cast: Cast, policy: BreakGlassPolicy) -> None:
    break_glass.new_grant(break_glass.policy(cast, cast.bob), cast.bob)
    shown = text(visitor(cast.mallory).get(reverse("break_glass")))
    assert "No break-glass grant that you can see is active or awaiting review." in shown


# --- On the local AWS -------------------------------------------------------------------------------------------------


def test_bob_uses_break_glass_and_aws_admits_bob_until_the_end(rita: Rita, notified: list[int]) -> None:
    env, bob = rita.env, rita.env.cast.mallory
    policy = break_glass.policy(env.cast, bob, now=env.clock())
    used = break_glass.new_grant(policy, bob, now=env.clock())
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


def test_alice_stops_bob_with_one_click_and_aws_denies_the_session(
    rita: Rita, notified: list[int], enqueued: list[Enqueued], django_capture_on_commit_callbacks: Any
) -> None:
    env, bob = rita.env, rita.env.cast.mallory
    used = break_glass.new_grant(break_glass.policy(env.cast, bob, now=env.clock()), bob, now=env.clock())
    env.reconcile()
    keys = session_of(bob, used)
    with django_capture_on_commit_callbacks(execute=True):
        answer = visitor(env.cast.alice).post(reverse("break_glass_grant_stop", args=[used.request.public_id]))
    assert answer["Location"] == reverse("break_glass_grant", args=[used.request.public_id])
    assert enqueued[-1] == Enqueued(env.role.pk, "urgent")
    env.clock.at = grant_of(used).revoked_at or env.clock.at
    env.reconcile()
    assert state(grant_of(used), env.clock()) == "ended"
    assert not rita.can_upload(keys)
    assert visitor(bob).post(reverse("credentials", args=[used.request.public_id]), headers=JSON).status_code == 409


# --- Who can ----------------------------------------------------------------------------------------------------------


def test_the_record_comes_first_and_the_worker_is_woken_immediately(
    cast: Cast,
    policy: BreakGlassPolicy,
    enqueued: list[Enqueued],
    notified: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        used = break_glass.new_grant(policy, cast.mallory)
    assert enqueued == [Enqueued(cast.role.pk, "urgent")]
    assert notified == [used.pk]
    given = verbs(subject_of(used.request))
    assert given == ["request.submitted", "break_glass_grant.created", "request.approved", "grant.created"]
    event = AuditEvent.objects.get(verb="break_glass_grant.created")
    assert (event.details["made_by"], event.details["confirmed_by"]) == ("ada@example.com", "adam@example.com")
    assert grant_of(used).ends_at - grant_of(used).starts_at == HOUR


def test_without_a_new_factor_nothing_happens(cast: Cast, policy: BreakGlassPolicy) -> None:
    assert refused(by=cast.mallory, policy=policy, has_new_factor=False) == "confirmation_too_old"
    assert not Request.objects.exists()


def test_the_page_requires_a_recent_code(cast: Cast, policy: BreakGlassPolicy) -> None:
    path = reverse("break_glass_use", args=[policy.public_id])
    client = Client()
    sign_in(client, cast.mallory, factor_age=5 * 60 + 1)
    assert reverse("mfa_reauthenticate") in client.post(path, REASON)["Location"]
    sign_in(client, cast.mallory)
    assert reverse("mfa_reauthenticate") in client.post(path, REASON)["Location"]  # the code of the sign-in will not do
    assert not BreakGlassGrant.objects.exists()
    confirm_for(client, path)
    used_at = client.post(path, REASON)["Location"]
    assert used_at == reverse("request", args=[BreakGlassGrant.objects.get().request.public_id])


@pytest.mark.parametrize("name", ["richard", "alice", "ada", "bob"])
def test_people_whom_the_policy_does_not_name_cannot_use_it(cast: Cast, policy: BreakGlassPolicy, name: str) -> None:
    assert refused(by=getattr(cast, name), policy=policy)
    assert (
        visitor(getattr(cast, name)).post(reverse("break_glass_use", args=[policy.public_id]), REASON).status_code
        == 404
    )
    assert not Request.objects.exists()


def test_an_unconfirmed_policy_allows_nothing(cast: Cast, notified: list[int]) -> None:
    waiting = break_glass.waiting_policy(cast, cast.mallory)
    assert refused(by=cast.mallory, policy=waiting) == "break_glass_policy_not_active"
    with refusing("break_glass_own_policy"):
        confirm_break_glass_policy(by=cast.ada, policy=waiting, content_hash=waiting.content_hash(), now=NOON)


def test_a_named_person_cannot_confirm_and_only_the_shown_policy_can_be_confirmed(cast: Cast) -> None:
    adam = break_glass.adam()
    waiting = break_glass.waiting_policy(cast, adam)
    shown = waiting.content_hash()
    with refusing("break_glass_policy_names_you"):
        confirm_break_glass_policy(by=adam, policy=waiting, content_hash=shown, now=NOON)
    eve = factories.user("eve", is_staff=True)
    with refusing("page_outdated_policy", Conflict):
        confirm_break_glass_policy(by=eve, policy=waiting, content_hash="x", now=NOON)
    User.objects.filter(pk=adam.pk).update(email="somebody@example.com")
    with refusing("page_outdated_policy", Conflict):
        confirm_break_glass_policy(by=eve, policy=waiting, content_hash=shown, now=NOON)


def test_contractors_cannot_be_named_in_a_policy(cast: Cast) -> None:
    with refusing("break_glass_internal_only"):
        break_glass.waiting_policy(cast, cast.mallory, cast.richard)
    form = {"role": cast.role.pk, "people": [cast.richard.pk], "expires_at": "2027-01-31T18:00"}
    page = text(visitor(cast.ada).post(reverse("break_glass_policy_new"), form | REASON))
    assert "Contractors cannot use break-glass. Choose people from the list." in page
    assert not BreakGlassPolicy.objects.exists()


def test_one_administrator_cannot_widen_a_confirmed_policy(cast: Cast, policy: BreakGlassPolicy) -> None:
    wider = {"longest_window": 12 * HOUR}
    assert changes.change(by=cast.ada, role=cast.role, fields=wider, now=NOON) is not None
    break_glass_policies.withdraw_break_glass_policy(by=cast.ada, policy=policy, now=NOON)
    assert changes.change(by=cast.ada, role=cast.role, fields=wider, now=NOON) is None


def test_it_cannot_be_extended(cast: Cast, policy: BreakGlassPolicy) -> None:
    used = break_glass.new_grant(policy, cast.mallory, length=HOUR / 2)
    with refusing("break_glass_not_extendable"):
        requests.extend(by=cast.mallory, grant=grant_of(used), ends_at=NOON + HOUR, reason="More.", now=NOON)
    page = visitor(cast.mallory).get(reverse("request", args=[used.request.public_id]))
    assert "Request an extension" not in text(page)


def test_a_role_that_can_bypass_its_expiry_cannot_be_used(cast: Cast, policy: BreakGlassPolicy) -> None:
    RoleState.objects.update(can_bypass_expiry=["iam:PassRole"])
    assert refused(by=cast.mallory, policy=policy) == "role_can_bypass_expiry"
    assert not Request.objects.exists()


def test_a_disabled_user_loses_their_break_glass_grant(
    cast: Cast, policy: BreakGlassPolicy, enqueued: list[Enqueued]
) -> None:
    used = break_glass.new_grant(policy, cast.mallory)
    people.disable_person_or_company(by=cast.ada, what=cast.mallory, now=NOON + MINUTE)
    assert grant_of(used).revoked_facts == {"name": "Mallory"}
    assert refused(by=cast.mallory, policy=policy)


def test_withdrawing_a_policy_ends_its_open_grants(cast: Cast, policy: BreakGlassPolicy) -> None:
    used = break_glass.new_grant(policy, cast.mallory)
    break_glass_policies.withdraw_break_glass_policy(by=break_glass.adam(), policy=policy, now=NOON + MINUTE)
    assert grant_of(used).revoked_code == "revoked_policy_withdrawn"
    with refusing("break_glass_policy_withdrawn"):
        break_glass_policies.withdraw_break_glass_policy(by=cast.ada, policy=policy, now=NOON + MINUTE)


@pytest.mark.parametrize("way", ["stop", "withdraw", "disable"])
def test_a_clock_that_is_ahead_keeps_no_grant_open(cast: Cast, policy: BreakGlassPolicy, way: str) -> None:
    used = break_glass.new_grant(policy, cast.mallory)
    ahead = NOON + 30 * HOUR
    if way == "stop":
        stop_break_glass(by=cast.alice, grant=grant_of(used), now=ahead)
    elif way == "withdraw":
        break_glass_policies.withdraw_break_glass_policy(by=break_glass.adam(), policy=policy, now=ahead)
    else:
        people.disable_person_or_company(by=cast.ada, what=cast.mallory, now=ahead)
    assert grant_of(used).revoked_at == ahead


# --- Notifications ---------------------------------------------------------------------------------------------------


def test_every_responsible_person_gets_an_email(cast: Cast, policy: BreakGlassPolicy) -> None:
    used = break_glass.new_grant(policy, cast.mallory)
    alerts.notify_of_break_glass(used.pk, now=NOON)
    assert sorted(email.to[0] for email in mail.outbox) == [
        f"{name}@example.com" for name in ("ada", "adam", "alice", "bob", "mallory")
    ]
    email = mail.outbox[0]
    assert email.subject == f"Daypass: Mallory used break-glass access to {cast.role.name}"
    assert reverse("break_glass_grant", args=[used.request.public_id]) in email.body
    used.refresh_from_db()
    assert (used.not_notified, used.notified_at) == ([], NOON)
    alerts.notify_of_break_glass(used.pk, now=NOON)
    assert len(mail.outbox) == 5


@pytest.fixture
def no_mail_for_alice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the email server refuse Alice's emails."""
    send = EmailBackend.send_messages

    def fail(self: EmailBackend, messages: Any) -> int:
        if "alice@example.com" in messages[0].to:
            raise ConnectionRefusedError
        return int(send(self, messages))

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", fail)
        yield


def test_a_failed_email_stops_nothing_is_reported_and_retried(
    cast: Cast,
    policy: BreakGlassPolicy,
    no_mail_for_alice: None,
    monkeypatch: pytest.MonkeyPatch,
    enqueued: list[Enqueued],
) -> None:
    used = break_glass.new_grant(policy, cast.mallory)
    alerts.notify_of_break_glass(used.pk, now=NOON)
    assert len(mail.outbox) == 4
    used.refresh_from_db()
    assert (used.not_notified, used.notified_at) == (["alice@example.com"], None)
    assert "People not notified yet alice@example.com" in text(
        visitor(cast.ada).get(reverse("break_glass_grant", args=[used.request.public_id]))
    )
    assert "person has not been notified" in text(visitor(cast.alice).get(reverse("inbox")))
    assert alerts.to_notify_of_break_glass(now=NOON + HOUR) == [used.pk]
    assert alerts.to_notify_of_break_glass(now=NOON + 2 * DAY) == []


def test_notifications_are_sent_even_when_the_queue_is_down(
    cast: Cast, policy: BreakGlassPolicy, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def nobody_listens(**_: Any) -> None:
        raise tasks.notify_of_break_glass.OperationalError("nobody listens")

    monkeypatch.setattr(tasks.notify_of_break_glass, "apply_async", nobody_listens)
    with django_capture_on_commit_callbacks(execute=True):
        break_glass.new_grant(policy, cast.mallory)
    assert len(mail.outbox) == 5


def test_the_sweep_retries_missing_notifications(
    cast: Cast, policy: BreakGlassPolicy, notified: list[int], enqueued: list[Enqueued], time_machine: Any
) -> None:
    time_machine.move_to(NOON + MINUTE, tick=False)
    used = break_glass.new_grant(policy, cast.mallory)
    tasks.sweep()
    assert notified == [used.pk]


# --- Reviewed afterwards ----------------------------------------------------------------------------------------------


def test_there_is_only_one_use_until_somebody_else_reviews_it(cast: Cast, policy: BreakGlassPolicy) -> None:
    used = break_glass.new_grant(policy, cast.mallory)
    assert refused(by=cast.mallory, policy=policy, now=NOON + 2 * HOUR) == "break_glass_review_pending"
    review: dict[str, Any] = {"break_glass_grant": used, "is_justified": True, "comment": "Seen the logs."}
    with refusing("break_glass_still_open"):
        review_break_glass(by=cast.alice, **review, now=NOON + MINUTE)
    with refusing("break_glass_own_review"):
        review_break_glass(by=cast.mallory, **review, now=NOON + 2 * HOUR)
    review_break_glass(by=cast.alice, **review, now=NOON + 2 * HOUR)
    with refusing("break_glass_reviewed", Conflict):
        review_break_glass(by=cast.bob, **review, now=NOON + 2 * HOUR)
    break_glass.new_grant(policy, cast.mallory, now=NOON + 2 * HOUR)
    assert BreakGlassGrant.objects.count() == 2
    assert AuditEvent.objects.get(verb="break_glass_grant.reviewed").details["text"] == {
        "code": "break_glass_justified",
        "facts": {"comment": "Seen the logs."},
    }


def test_an_unreviewed_use_is_flagged_for_the_responsible_people(
    cast: Cast, policy: BreakGlassPolicy, time_machine: Any
) -> None:
    break_glass.new_grant(policy, cast.mallory, now=NOON - 2 * HOUR)
    time_machine.move_to(NOON, tick=False)
    for person, name in ((cast.alice, "inbox"), (cast.ada, "home"), (cast.alice, "break_glass")):
        page = text(visitor(person).get(reverse(name)))
        assert "Mallory used break-glass" in page
        assert "unreviewed" in page
    assert "Mallory used" not in text(visitor(cast.mallory).get(reverse("home")))
    assert visitor(cast.richard).get(reverse("break_glass")).status_code == 404


def test_two_people_who_review_each_other_are_reported(cast: Cast, notified: list[int], time_machine: Any) -> None:
    made = break_glass.policy(cast, cast.alice, cast.bob)
    for person, other in ((cast.alice, cast.bob), (cast.bob, cast.alice)):
        used = break_glass.new_grant(made, person)
        review_break_glass(by=other, break_glass_grant=used, is_justified=True, comment="Fine.", now=NOON + 2 * HOUR)
    time_machine.move_to(NOON + DAY, tick=False)
    page = text(visitor(cast.ada).get(reverse("review", args=["mutual-approvals"])))
    assert "found break-glass access justified 1 time" in page


def test_the_evidence_names_who_approved_the_policy_in_advance(
    cast: Cast, policy: BreakGlassPolicy, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    used = break_glass.new_grant(policy, cast.mallory)
    path = reverse("request_evidence", args=[used.request.public_id])
    assert visitor(cast.ada).post(path).status_code == 200
    assert visitor(cast.mallory).post(path).status_code == 404


def test_all_break_glass_policies_are_listed_in_pages_waiting_ones_first(cast: Cast) -> None:
    """However many were made, the waiting one is listed first and the withdrawn one last."""
    waits = break_glass.waiting_policy(cast, cast.mallory)
    withdrawn = break_glass.waiting_policy(cast, cast.mallory, longest=30 * MINUTE)
    break_glass_policies.withdraw_break_glass_policy(by=cast.ada, policy=withdrawn, now=NOON)
    facts = {"role": cast.role, "reason": "At night.", "made_by": cast.ada, "confirmed_by": break_glass.adam()}
    times = {"made_at": NOON + MINUTE, "confirmed_at": NOON + MINUTE, "expires_at": NOON + 9000 * DAY}
    BreakGlassPolicy.objects.bulk_create(BreakGlassPolicy(**facts, **times) for _ in range(205))
    ada, listed = visitor(cast.ada), []
    for number in range(1, 12):
        page = ada.get(reverse("break_glass"), {"policies": number})
        listed += [(policy.pk, word) for policy, word, _ in page.context["policies"]]
    assert (len(listed), len(set(listed))) == (207, 207)
    assert (listed[0], listed[-1]) == ((waits.pk, "unconfirmed"), (withdrawn.pk, "withdrawn"))
    assert {word for _, word in listed[1:-1]} == {"in force"}
    assert "Page 11 of 11" in text(page)
