"""A stop ends everything in its scope in one transaction, and refuses it until two administrators lift the stop."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from access import credentials
from access.actions import auto_approvals, requests, stopping
from access.actions.auto_approvals import AutoApprovalLimits
from access.actions.break_glass_policies import confirm_break_glass_policy
from access.actions.stop_targets import Target
from access.ledger import stops as ledger_stops
from access.ledger.chain import AuditUnavailable
from access.ledger.chaining import chain_spooled
from access.ledger.walks import broken_links
from access.models import (
    AuditEvent,
    AuditSubject,
    AutoApprovalPolicy,
    BreakGlassPolicy,
    Grant,
    Notification,
    Request,
    RoleState,
    SpooledEvent,
    Stop,
    User,
)
from access.notifications import waiting
from access.rules.facts import Refused
from access.rules.stopping import Scope
from tests import break_glass, factories
from tests.factories import DAY, HOUR, NOON, Cast
from tests.integration.conftest import Enqueued
from tests.integration.refusing import EVENTS, failing, is_revoked
from tests.refusals import refusing

pytestmark = pytest.mark.django_db

# Every scope that covers Richard's grant on the cast's role.
TARGETS: dict[str, Callable[[Cast], Target]] = {
    "role": lambda cast: Target(Scope.ROLE, cast.role),
    "account": lambda cast: Target(Scope.ACCOUNT, cast.role.account),
    "company": lambda _cast: Target(Scope.COMPANY, factories.company()),
    "person": lambda cast: Target(Scope.PERSON, cast.richard),
    "sponsor": lambda cast: Target(Scope.SPONSOR, cast.alice),
    "everything": lambda _cast: Target(Scope.EVERYTHING),
}
every_scope = pytest.mark.parametrize("scope", TARGETS)


def stop(cast: Cast, scope: str = "role", *, by: Any = None, **different: Any) -> Stop:
    facts: dict[str, Any] = {"reason": "An incident.", "now": NOON, "has_new_factor": True} | different
    return stopping.stop(by=by or cast.ada, target=TARGETS[scope](cast), **facts)


def lift(cast: Cast, made: Stop) -> Stop:
    for administrator in (cast.ada, break_glass.adam()):
        stopping.lift(by=administrator, stop=made, has_new_factor=True, now=NOON)
    return made


def an_auto_approval(cast: Cast, *, confirmed: bool = True) -> AutoApprovalPolicy:
    limits = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + 30 * DAY, per_week=3)
    policy = auto_approvals.create_auto_approval_policy(
        by=cast.ada, role=cast.role, company=factories.company(), limits=limits, now=NOON
    )
    if confirmed:
        second = factories.user("anna", is_staff=True)
        auto_approvals.confirm_auto_approval_policy(by=second, policy=policy, now=NOON)
    return policy


@every_scope
def test_a_stop_ends_grants_requests_and_marks_the_scope(
    cast: Cast, enqueued: list[Enqueued], scope: str, django_capture_on_commit_callbacks: Any
) -> None:
    granted, waiting = factories.create_grant(cast), factories.ask(cast)
    generation = RoleState.objects.get(pk=granted.role_id).generation
    with django_capture_on_commit_callbacks(execute=True):
        made = stop(cast, scope)
    ended = Grant.objects.get()
    assert (ended.revoked_at, ended.revoked_by, ended.ended_by_stop) == (NOON, cast.ada, made)
    assert str(ended.revoked_because).endswith(": An incident.")
    assert Request.objects.get(pk=waiting.pk).state == "withdrawn"
    assert RoleState.objects.get(pk=granted.role_id).generation == generation + 1
    assert enqueued[-1:] == [Enqueued(granted.role_id, "urgent")]
    assert Stop.objects.get().scope == scope
    verbs = list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))
    assert verbs[-3:] == ["stop.started", "grant.revoked", "request.withdrawn"]
    assert list(broken_links()) == []


@every_scope
def test_nothing_can_be_requested_or_approved_while_the_stop_is_in_force(cast: Cast, scope: str) -> None:
    waiting = factories.ask(cast)
    made = stop(cast, scope)
    Request.objects.filter(pk=waiting.pk).update(state="pending", settled_at=None)
    for act in (lambda: factories.ask(cast), lambda: factories.approve(cast, waiting)):
        with refusing("access_stopped"):
            act()
    lift(cast, made)
    assert factories.ask(cast).state == "pending"
    assert factories.approve(cast, waiting) is not None


@every_scope
def test_a_grant_that_a_stop_missed_can_be_neither_extended_nor_used(cast: Cast, scope: str) -> None:
    missed = factories.create_grant(cast, by=cast.richard, principal=None)
    Grant.objects.update(applied_at=NOON)
    stop(cast, scope)
    Grant.objects.update(revoked_at=None, revoked_by=None, ended_by_stop=None, revoked_code="", revoked_facts={})
    with refusing("access_stopped"):
        requests.extend(by=cast.richard, grant=missed, ends_at=NOON + 2 * HOUR, reason="More.", now=NOON)
    with refusing("access_stopped"):
        credentials.issue(by=cast.richard, grant=missed, now=lambda: NOON)


def test_an_auto_approval_policy_approves_nothing_and_is_ended(cast: Cast) -> None:
    for scope in ("role", "account", "company", "everything"):
        with transaction.atomic():
            policy = an_auto_approval(cast)
            waiting = an_auto_approval(cast, confirmed=False)
            made = stop(cast, scope)
            assert not AutoApprovalPolicy.objects.filter(ended_at=None).exists()
            assert made.ended_policies == 2
            AutoApprovalPolicy.objects.update(ended_by=None, ended_at=None)
            with refusing("access_stopped"):
                factories.ask(cast)
            with refusing("access_stopped"):
                auto_approvals.confirm_auto_approval_policy(by=break_glass.adam(), policy=waiting, now=NOON)
            assert policy.decisions.count() == 0
            transaction.set_rollback(True)


def test_break_glass_is_ended_and_refused(cast: Cast) -> None:
    targets = (Target(Scope.ROLE, cast.role), Target(Scope.PERSON, cast.mallory), Target(Scope.EVERYTHING))
    for target in targets:
        with transaction.atomic():
            policy = break_glass.policy(cast, cast.mallory)
            used = break_glass.grant_of(break_glass.new_grant(policy, cast.mallory))
            stopping.stop(by=cast.ada, target=target, reason="x", now=NOON, has_new_factor=True)
            assert Grant.objects.get(pk=used.pk).revoked_at == NOON
            assert BreakGlassPolicy.objects.get(pk=policy.pk).withdrawn_at == NOON
            transaction.set_rollback(True)


def test_a_policy_that_names_others_stays_but_does_not_help_the_stopped_person(cast: Cast) -> None:
    policy = break_glass.policy(cast, cast.mallory, cast.bob)
    stopping.stop(by=cast.ada, target=Target(Scope.PERSON, cast.mallory), reason="x", now=NOON)
    assert BreakGlassPolicy.objects.get(pk=policy.pk).withdrawn_at is None
    with refusing("access_stopped"):
        break_glass.new_grant(policy, cast.mallory)
    assert break_glass.new_grant(policy, cast.bob).person == cast.bob


def test_a_break_glass_policy_cannot_be_confirmed_for_a_stopped_role(cast: Cast) -> None:
    stop(cast)
    again = break_glass.waiting_policy(cast, cast.mallory)
    with refusing("access_stopped"):
        confirm_break_glass_policy(by=break_glass.adam(), policy=again, content_hash=again.content_hash(), now=NOON)


def test_access_outside_the_scope_continues(cast: Cast) -> None:
    other = factories.role("other", account=factories.account("333333333333"), unique_id="AROAOTHEROTHEROTHER01")
    other.approvers.add(cast.alice)
    vic = factories.user("vic", is_sponsor=True)
    ron = factories.user("ron")
    other.contractors.add(factories.contractor(ron, sponsor=vic, company=factories.company("Contractor B")))
    open_grant = factories.create_grant(cast, role=other, by=ron, principal=None)
    for scope in ("role", "account", "company", "person", "sponsor"):
        stop(cast, scope)
    assert Grant.objects.get(pk=open_grant.pk).revoked_at is None
    assert factories.create_grant(cast, role=other, by=ron, principal=None).revoked_at is None


@pytest.mark.parametrize(
    ("who", "scopes"),
    [
        ("ada", set(TARGETS)),
        ("alice", {"role", "person", "sponsor"}),  # approves the role and sponsors Richard
        ("bob", {"role"}),  # approves the role
        ("mallory", set()),
        ("richard", set()),
        ("rita", set()),
    ],
)
def test_only_those_responsible_can_stop_a_scope(cast: Cast, who: str, scopes: set[str]) -> None:
    allowed = set()
    User.objects.filter(pk=cast.alice.pk).update(is_sponsor=True)
    for scope in TARGETS:
        with transaction.atomic():
            try:
                stop(cast, scope, by=getattr(cast, who))
                allowed.add(scope)
            except Refused:
                pass
            transaction.set_rollback(True)
    assert allowed == scopes


def test_a_sponsor_stops_no_contractor_of_another_sponsor(cast: Cast) -> None:
    vic = factories.user("vic", is_sponsor=True)
    for target in (Target(Scope.PERSON, cast.richard), Target(Scope.SPONSOR, cast.alice), Target(Scope.PERSON, vic)):
        with refusing("not_their_sponsor" if target.named != vic else "administrator_only"):
            stopping.stop(by=vic, target=target, reason="x", now=NOON)
    assert not Stop.objects.exists()


def test_pressing_the_button_again_ends_what_is_left_under_the_same_mark(cast: Cast) -> None:
    earlier = factories.ask(cast)
    made = stop(cast)
    left = factories.like(earlier, 1, state="pending", settled_at=None)[0]
    assert stop(cast, now=NOON + HOUR) == made
    assert Request.objects.get(pk=left.pk).state == "withdrawn"
    assert [one.withdrawn_requests for one in Stop.objects.all()] == [2]


def test_two_administrators_lift_a_stop(cast: Cast) -> None:
    granted = factories.create_grant(cast)
    made, adam = stop(cast), break_glass.adam()
    for nobody in (cast.alice, cast.mallory, cast.richard):
        with refusing("administrator_only"):
            stopping.lift(by=nobody, stop=made, has_new_factor=True, now=NOON)
    with refusing("confirmation_too_old"):
        stopping.lift(by=cast.ada, stop=made, has_new_factor=False, now=NOON)
    assert stopping.lift(by=cast.ada, stop=made, has_new_factor=True, now=NOON) is False
    with refusing("access_stopped"):
        factories.ask(cast)
    with refusing("own_lift"):
        stopping.lift(by=cast.ada, stop=made, has_new_factor=True, now=NOON)
    assert stopping.lift(by=adam, stop=made, has_new_factor=True, now=NOON) is True
    with refusing("stop_lifted"):
        stopping.lift(by=adam, stop=made, has_new_factor=True, now=NOON)
    assert factories.ask(cast).state == "pending"
    assert Grant.objects.get(pk=granted.pk).revoked_at == NOON
    verbs = AuditEvent.objects.filter(verb__startswith="stop.").order_by("sequence").values_list("verb", "actor")
    assert list(verbs) == [
        ("stop.started", "ada@example.com"),
        ("stop.lift_proposed", "ada@example.com"),
        ("stop.lifted", "adam@example.com"),
    ]


def test_a_proposal_of_a_former_administrator_does_not_count(cast: Cast) -> None:
    made, adam, anna = stop(cast), break_glass.adam(), factories.user("anna", is_staff=True)
    stopping.lift(by=adam, stop=made, has_new_factor=True, now=NOON)
    User.objects.filter(pk=adam.pk).update(is_staff=False)
    assert stopping.lift(by=cast.ada, stop=made, has_new_factor=True, now=NOON) is False
    assert stopping.lift(by=anna, stop=made, has_new_factor=True, now=NOON) is True


def test_a_stop_can_follow_a_lifted_one(cast: Cast) -> None:
    first = stop(cast)
    lift(cast, first)
    assert stop(cast) != first
    assert Stop.objects.open().count() == 1


def test_everything_needs_a_new_passkey_or_code(cast: Cast) -> None:
    with refusing("confirmation_too_old"):
        stop(cast, "everything", has_new_factor=False)
    assert not Stop.objects.exists()


NEW = {"reason": "x", "stopped_at": NOON}
FORBIDDEN: dict[str, Callable[[Any, Cast], Any]] = {
    "a second open mark": lambda _, cast: Stop.objects.create(**NEW, scope="role", role=cast.role, stopped_by=cast.ada),
    "a scope without its object": lambda _, cast: Stop.objects.create(
        **NEW, scope="company", role=cast.role, stopped_by=cast.ada
    ),
    "a stop without a reason": lambda _, cast: Stop.objects.create(
        **NEW | {"reason": ""}, scope="everything", stopped_by=cast.ada
    ),
    "a stop that begins lifted": lambda _, cast: Stop.objects.create(
        **NEW, scope="everything", stopped_by=cast.ada, lift_proposed_by=cast.ada, lift_proposed_at=NOON
    ),
    "lifting without a proposal": lambda rows, cast: rows.update(lifted_by=cast.ada, lifted_at=NOON),
    "proposing and lifting together": lambda rows, cast: rows.update(
        lift_proposed_by=cast.bob, lift_proposed_at=NOON, lifted_by=cast.ada, lifted_at=NOON
    ),
    "lifting one's own proposal": lambda rows, cast: (
        rows.update(lift_proposed_by=cast.ada, lift_proposed_at=NOON),
        rows.update(lifted_by=cast.ada, lifted_at=NOON),
    ),
    "another scope": lambda rows, _: rows.update(scope="everything", role=None),
    "another reason": lambda rows, _: rows.update(reason="y"),
    "another time": lambda rows, _: rows.update(stopped_at=NOON + HOUR),
    "deleting": lambda rows, _: rows._raw_delete("default"),
    "stopping again after lifting": lambda rows, cast: (
        lift(cast, rows.get()),
        rows.update(lifted_by=None, lifted_at=None),
    ),
}


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_the_database_keeps_stops(cast: Cast, forbidden: str) -> None:
    made = stop(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        FORBIDDEN[forbidden](Stop.objects.filter(pk=made.pk), cast)


@every_scope
def test_a_stop_gets_through_while_no_audit_event_can_be_stored(cast: Cast, scope: str) -> None:
    factories.create_grant(cast)
    factories.ask(cast)
    with failing(EVENTS):
        stop(cast, scope)
        assert is_revoked()
    assert Request.objects.filter(state="pending").count() == 0
    assert {"stop.started", "grant.revoked", "request.withdrawn"} <= set(
        SpooledEvent.objects.values_list("verb", flat=True)
    )
    chain_spooled(now=NOON)
    assert AuditEvent.objects.filter(verb="stop.started").count() == 1


def test_lifting_needs_the_audit_chain(cast: Cast) -> None:
    made = stop(cast)
    with failing(EVENTS), pytest.raises(AuditUnavailable), transaction.atomic():
        stopping.lift(by=cast.ada, stop=made, has_new_factor=True, now=NOON)
    assert Stop.objects.get().lift_proposed_by is None


@pytest.mark.parametrize("step", ["withdraw_requests", "end_policies", "store_counts", "create_stop_notifications"])
def test_grants_end_whatever_else_of_the_stop_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    factories.create_grant(cast)
    waiting = factories.ask(cast)

    def fail(*_: Any, **__: Any) -> None:
        Stop.objects.create()  # an error of the database, after which a transaction takes no statements

    monkeypatch.setattr(ledger_stops, step, fail)
    made = stop(cast)
    assert is_revoked()
    assert made.lifted_at is None
    Request.objects.filter(pk=waiting.pk).update(state="pending", settled_at=None)
    with refusing("access_stopped"):
        factories.approve(cast, waiting)


def test_the_queries_of_a_stop_do_not_grow_with_the_roles(cast: Cast) -> None:
    counts: list[int] = []
    for number in (2, 12):
        some_roles(cast, number, begin=len(counts) * 100)
        with CaptureQueriesContext(connection) as queries:
            made = stop(cast, "everything")
        counts.append(len(queries))
        assert made.grants.count() == number
        lift(cast, made)
    assert counts[0] == counts[1]


def some_roles(cast: Cast, number: int, *, begin: int) -> None:
    for index in range(begin, begin + number):
        role = factories.role(f"role-{index}", unique_id=f"AROA{index:017}")
        role.approvers.add(cast.alice)
        role.contractors.add(cast.rita.contractor)
        factories.create_grant(cast, role=role, by=cast.rita, principal=None)


def test_those_concerned_are_notified(cast: Cast) -> None:
    factories.create_grant(cast)
    factories.ask(cast, by=cast.rita, principal=None)
    made = stop(cast, "company")
    kinds = Notification.objects.filter(stop=made)
    assert {one.person.email.partition("@")[0] for one in kinds} == {"richard", "rita", "alice", "bob", "ada"}
    waiting.send_waiting(now=NOON)
    sent = [one for one in mail.outbox if "Access is stopped: Company Contractor A" in one.subject]
    assert len(sent) == 5
    assert all("An incident." in one.body for one in sent)


def test_the_events_of_a_stop_are_found_by_its_role(cast: Cast) -> None:
    stop(cast)
    started = AuditEvent.objects.get(verb="stop.started")
    concerned = AuditSubject.objects.filter(sequence=started.sequence).values_list("kind", "key")
    assert ("role", cast.role.pk) in set(concerned)
