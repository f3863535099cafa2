"""Simultaneous actions: one winner, one grant, one chain. SQLite hides races; PostgreSQL shows them."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from access.actions import deciding, people, requests
from access.ledger.chain import append
from access.ledger.people import SSO, record_rights
from access.ledger.requests import expire_overdue
from access.ledger.subjects import subject_of
from access.ledger.walks import broken_links
from access.models import AuditEvent, AuditHead, Decision, Grant, Request, Role, RoleState
from access.reconcile.lease import lease
from access.rules.facts import Refused
from tests import factories
from tests.factories import HOUR, NOON, Cast, approve, ask, create_grant
from tests.integration.concurrently import kinds, run_together
from tests.integration.conftest import Enqueued
from tests.integration.environment import Clock, Environment, state
from tests.refusals import refusing

pytestmark = pytest.mark.usefixtures("commits", "enqueued")
only_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite locks the whole database: these locks exist only on PostgreSQL"
)


@pytest.fixture
def cast(commits: None) -> Cast:
    return factories.cast()


def approving(cast: Cast, request: Request, by: Any, now: datetime = NOON) -> Callable[[], Any]:
    return lambda: deciding.approve(by=by, request=request, content_hash=request.content_hash, now=now)


def test_twenty_approvals_by_two_approvers_give_one_grant(cast: Cast) -> None:
    request = ask(cast)
    answers = run_together(*(approving(cast, request, (cast.alice, cast.bob)[n % 2]) for n in range(20)))
    assert kinds(answers) == {"Decision": 1, "Refused": 19}
    assert Grant.objects.count() == 1
    assert Decision.objects.count() == 1
    assert AuditEvent.objects.filter(verb="request.approved").count() == 1
    assert list(broken_links()) == []


def test_twenty_approvals_write_one_statement(env: Environment) -> None:
    cast, now = env.cast, env.clock()
    request = ask(cast, now=now, principal_arn=env.richard_arn)
    answers = run_together(*(approving(cast, request, (cast.alice, cast.bob)[n % 2], now=now) for n in range(20)))
    assert kinds(answers) == {"Decision": 1, "Refused": 19}
    env.reconcile(times=2)
    assert env.sids() == [Grant.objects.get().session_name]
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_two_approvals_where_two_are_needed_give_one_grant(cast: Cast) -> None:
    Role.objects.filter(pk=cast.role.pk).update(quorum=2)
    request = ask(cast)
    answers = run_together(*(approving(cast, request, (cast.alice, cast.bob)[n % 2]) for n in range(6)))
    assert kinds(answers) == {"Decision": 2, "Refused": 4}
    assert Grant.objects.count() == 1


def test_approval_denial_and_withdrawal_have_one_winner(cast: Cast) -> None:
    for _ in range(5):
        request = ask(cast)
        shown = request.content_hash
        answers = run_together(
            approving(cast, request, cast.alice),
            partial(deciding.deny, by=cast.bob, request=request, content_hash=shown, reason="No.", now=NOON),
            partial(requests.withdraw, by=cast.richard, request=request, now=NOON),
        )
        assert kinds(answers)["Refused"] == 2
        settled = Request.objects.get(pk=request.pk).state
        events = AuditEvent.objects.filter(subject=subject_of(request)).values_list("verb", flat=True)
        assert [verb for verb in events if verb.startswith("request.")] == ["request.submitted", f"request.{settled}"]
        assert Grant.objects.filter(request=request).exists() == (settled == "approved")


@pytest.mark.parametrize("round_", range(3))
def test_approval_denial_withdrawal_and_revocation_have_one_order(cast: Cast, round_: int) -> None:
    request = ask(cast)

    def revoke() -> None:
        for _ in range(1000):
            # In this order: a grant that comes between the two looks is found at the second.
            is_settled = Request.objects.get(pk=request.pk).state != "pending"
            if grant := Grant.objects.filter(request=request).first():
                return requests.revoke(by=cast.ada, grant=grant, reason="Stop.", now=NOON)
            if is_settled:
                return None
        raise TimeoutError("nobody has decided")

    answers = run_together(
        approving(cast, request, cast.alice),
        partial(deciding.deny, by=cast.bob, request=request, content_hash=request.content_hash, reason="No.", now=NOON),
        partial(requests.withdraw, by=cast.richard, request=request, now=NOON),
        revoke,
        revoke,
    )
    verbs = list(AuditEvent.objects.filter(subject=subject_of(request)).values_list("verb", flat=True))
    settled = Request.objects.get(pk=request.pk).state
    assert [verb for verb in verbs if verb.startswith("request.")] == ["request.submitted", f"request.{settled}"]
    assert kinds(answers[:3])["Refused"] == 2
    assert (
        verbs.count("grant.created") == verbs.count("grant.revoked") == Grant.objects.count() == (settled == "approved")
    )
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert list(broken_links()) == []


@pytest.mark.parametrize("round_", range(3))
def test_an_approval_and_the_loss_of_the_approvers_group_have_one_order(cast: Cast, round_: int) -> None:
    group = Group.objects.create(name="AWS approvers")
    cast.role.approvers.clear()
    cast.role.approver_groups.add(group)
    cast.alice.groups.add(group)
    request = ask(cast)
    answers = run_together(
        approving(cast, request, cast.alice),
        lambda: record_rights(cast.alice, groups=set(), mapped={group.name}, is_administrator=False, by=SSO, now=NOON),
    )
    assert answers[1] is None
    verbs = list(AuditEvent.objects.values_list("verb", flat=True))
    decided = "decision.approved" in verbs
    assert decided != isinstance(answers[0], Refused)
    assert not decided or verbs.index("decision.approved") < verbs.index("person.rights_changed")
    assert Grant.objects.exists() == decided


@pytest.mark.parametrize("round_", range(5))
def test_an_approval_and_the_removal_of_its_approver_have_one_order(cast: Cast, round_: int) -> None:
    request = ask(cast)
    answers = run_together(
        approving(cast, request, cast.alice),
        lambda: people.disable_person_or_company(by=cast.ada, what=cast.alice, now=NOON),
    )
    assert answers[1] is None
    verbs = list(AuditEvent.objects.values_list("verb", flat=True))
    decided = "decision.approved" in verbs
    assert decided != isinstance(answers[0], Refused)
    assert not decided or verbs.index("decision.approved") < verbs.index("person.disabled")
    assert not Grant.objects.filter(revoked_at=None).exists()


def test_an_approval_and_the_expiry_of_the_request_have_one_winner(cast: Cast) -> None:
    request = ask(cast)
    end = request.expires_at
    answers = run_together(
        lambda: deciding.approve(
            by=cast.alice, request=request, content_hash=request.content_hash, now=end - factories.SECOND
        ),
        lambda: expire_overdue(now=end),
    )
    settled = Request.objects.get(pk=request.pk).state
    assert settled in {"approved", "expired"}
    assert Grant.objects.exists() == (settled == "approved")
    assert kinds(answers)["Refused"] == (settled == "expired")


def test_ten_simultaneous_revocations_revoke_once(cast: Cast) -> None:
    grant = create_grant(cast)
    answers = run_together(
        *(lambda: requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON) for _ in range(10))
    )
    assert kinds(answers) == {"NoneType": 1, "Refused": 9}
    assert AuditEvent.objects.filter(verb="grant.revoked").count() == 1


def test_the_last_capacity_is_used_once(cast: Cast) -> None:
    for _ in range(4):
        create_grant(cast)
    waiting = [ask(cast) for _ in range(4)]
    answers = run_together(*(approving(cast, request, cast.alice) for request in waiting))
    given = kinds(answers)["Decision"]
    assert given == Grant.objects.count() - 4
    assert given < 4
    with refusing("role_full"):
        ask(cast)


def test_the_limit_of_five_pending_requests_holds_for_simultaneous_ones(cast: Cast) -> None:
    answers = run_together(*(lambda: ask(cast) for _ in range(10)))
    assert kinds(answers) == {"Request": 5, "Refused": 5}
    assert Request.objects.count() == 5


def test_the_limit_of_five_pending_requests_holds_across_roles(cast: Cast) -> None:
    roles = [factories.role("put", account=factories.account(f"33333333333{number}")) for number in range(8)]
    for role in roles:
        role.contractors.set(cast.role.contractors.all())
    answers = run_together(*(partial(ask, cast, role=role) for role in roles))
    assert kinds(answers) == {"Request": 5, "Refused": 3}


def test_twenty_writers_make_one_chain(cast: Cast) -> None:
    def write() -> None:
        for number in range(5):
            append(verb="test.happened", subject=f"test:{number}", by="worker", now=NOON)

    assert kinds(run_together(*(write for _ in range(20)))) == {"NoneType": 20}
    assert AuditEvent.objects.count() == 100
    assert AuditHead.objects.get().sequence == 100
    assert list(broken_links()) == []


def test_one_of_ten_workers_gets_the_role(cast: Cast) -> None:
    clock, waiting = Clock(), threading.Barrier(10)

    def work() -> bool:
        with lease(cast.role.pk, now=clock) as held:
            waiting.wait(timeout=30)
            return held is not None

    assert Counter(run_together(*(work for _ in range(10)))) == {True: 1, False: 9}


def test_one_of_ten_workers_takes_over_an_expired_lease(cast: Cast) -> None:
    clock, waiting = Clock(), threading.Barrier(10)
    RoleState.objects.filter(pk=cast.role.pk).update(lease_holder="gone", leased_until=clock())

    def work() -> bool:
        with lease(cast.role.pk, now=clock) as held:
            waiting.wait(timeout=30)
            return held is not None

    assert Counter(run_together(*(work for _ in range(10)))) == {True: 1, False: 9}


def test_simultaneous_workers_write_each_document_once(env: Environment) -> None:
    grants = [env.create_grant() for _ in range(3)]
    run_together(*(env.reconcile for _ in range(5)))
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert [state(grant, env.clock()) for grant in grants] == ["active"] * 3


def test_a_grant_approved_while_the_worker_works_is_in_aws_afterwards(env: Environment) -> None:
    waiting = [ask(env.cast, now=env.clock(), principal_arn=env.richard_arn) for _ in range(4)]
    answers = run_together(
        *(partial(approve, env.cast, request, now=env.clock()) for request in waiting),
        lambda: env.reconcile(times=4),
    )
    assert kinds(answers) == {"Grant": 4, "NoneType": 1}
    env.sweep()
    assert sorted(env.sids()) == sorted(Grant.objects.values_list("session_name", flat=True))
    assert {state(grant, env.clock()) for grant in Grant.objects.all()} == {"active"}


def test_messages_are_sent_only_after_the_commit(cast: Cast, enqueued: list[Enqueued]) -> None:
    request = ask(cast)
    with transaction.atomic():
        approve(cast, request)
        assert enqueued == []
    assert enqueued == [Enqueued(cast.role.pk, "default")]


def test_a_rolled_back_transaction_sends_no_message(cast: Cast, enqueued: list[Enqueued]) -> None:
    request = ask(cast)

    def break_off() -> None:
        with transaction.atomic():
            approve(cast, request)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert enqueued == []
    assert not Grant.objects.exists()


def test_a_database_emptied_for_the_next_test_guards_its_history(cast: Cast) -> None:
    create_grant(cast, ends_at=NOON + HOUR)
    with pytest.raises(Exception, match=r"never|refused"), transaction.atomic():
        AuditEvent.objects.all().delete()
    assert AuditHead.objects.get(pk=1).sequence == AuditEvent.objects.count()


def test_simultaneous_guesses_have_the_same_limit_as_successive_ones(cast: Cast) -> None:
    def guess() -> bool:
        given = {"login": cast.richard.email, "password": "not-his-password"}
        return "Too many" in Client().post(reverse("account_login"), given).content.decode()

    refused = run_together(*(guess for _ in range(12)))
    assert refused.count(False) <= 5
    assert refused.count(True) >= 7
