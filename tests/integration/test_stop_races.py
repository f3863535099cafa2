"""Stops under simultaneous actions, in AWS, and without the queue. PostgreSQL shows what SQLite hides."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from access import endings, tasks
from access.actions import deciding, stopping
from access.actions.stop_targets import Target
from access.ledger.walks import broken_links
from access.models import Grant, Request, Stop, User
from access.rules.stopping import Scope
from tests import break_glass, factories
from tests.factories import NOON, Cast, ask
from tests.integration.concurrently import kinds, run_together
from tests.integration.environment import Environment, state
from tests.integration.test_revocation_in_aws import is_denied
from tests.integration.test_stopping import TARGETS, an_auto_approval

every_scope = pytest.mark.parametrize("scope", TARGETS)


@pytest.fixture
def committed(commits: None, enqueued: Any) -> Cast:
    return factories.cast()


def stopping_by(by: User, target: Target) -> Callable[[], Any]:
    return partial(stopping.stop, by=by, target=target, reason="An incident.", now=NOON, has_new_factor=True)


@every_scope
def test_a_stop_and_approvals_at_the_same_moment_leave_nothing_open(committed: Cast, scope: str) -> None:
    people = [committed.richard, committed.rita]
    for number in range(3):
        person = factories.user(f"ron-{number}")
        committed.role.contractors.add(factories.contractor(person, sponsor=committed.alice))
        people.append(person)
    waiting = [ask(committed, by=person, principal=None) for person in people]
    approvals = [
        partial(deciding.approve, by=committed.bob, request=one, content_hash=one.content_hash, now=NOON)
        for one in waiting
    ]
    answers = run_together(*approvals, stopping_by(committed.ada, TARGETS[scope](committed)))
    assert isinstance(answers[-1], Stop)
    covered = {"person": [committed.richard.pk]}.get(scope, [person.pk for person in people])
    left = Grant.objects.filter(revoked_at=None, request__requester__in=covered)
    assert not left.exists(), kinds(answers)
    assert not Request.objects.filter(state="pending", requester__in=covered).exists()
    assert list(broken_links()) == []


@every_scope
def test_a_stop_and_auto_approved_requests_leave_nothing_open(committed: Cast, scope: str) -> None:
    an_auto_approval(committed)
    asking = [partial(ask, committed, by=committed.richard, principal=None) for _ in range(3)]
    run_together(*asking, stopping_by(committed.ada, TARGETS[scope](committed)))
    assert not Grant.objects.filter(revoked_at=None).exists()
    assert not Request.objects.filter(state="pending").exists()


def test_a_stop_and_break_glass_leave_nothing_open(committed: Cast) -> None:
    policy = break_glass.policy(committed, committed.mallory)
    used, stopped = run_together(
        partial(break_glass.new_grant, policy, committed.mallory),
        stopping_by(committed.ada, Target(Scope.PERSON, committed.mallory)),
    )
    assert isinstance(stopped, Stop), used
    assert not Grant.objects.filter(revoked_at=None).exists()


@every_scope
def test_two_people_press_the_same_button(committed: Cast, scope: str) -> None:
    factories.create_grant(committed)
    adam = break_glass.adam()
    target = TARGETS[scope](committed)
    answers = run_together(stopping_by(committed.ada, target), stopping_by(adam, target))
    assert kinds(answers) == {"Stop": 2}
    assert Stop.objects.count() == 1


def test_two_administrators_lift_at_the_same_moment(committed: Cast) -> None:
    made = stopping_by(committed.ada, Target(Scope.EVERYTHING))()
    people = (committed.ada, break_glass.adam())
    answers = run_together(
        *(partial(stopping.lift, by=one, stop=made, has_new_factor=True, now=NOON) for one in people)
    )
    assert sorted(answers) == [False, True]
    lifted = Stop.objects.get()
    assert {lifted.lift_proposed_by, lifted.lifted_by} == set(people)


def test_a_stop_ends_access_in_aws_without_the_queue(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    grants = [env.create_grant(), env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Ron")))]
    env.reconcile()

    def refuse(**_: Any) -> None:
        raise tasks.reconcile_role.OperationalError

    monkeypatch.setattr(tasks.reconcile_role, "apply_async", refuse)
    target = Target(Scope.ROLE, env.role)
    stopping.stop(by=env.cast.ada, target=target, reason="An incident.", now=env.clock())
    assert endings.end_once(now=env.clock) == 1
    assert all(is_denied(env, grant) for grant in grants)
    assert env.sids() == ["dpclosed"] or not env.sids()
    assert {state(grant, env.clock()) for grant in grants} == {"ended"}


def test_a_queue_that_takes_nothing_is_asked_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    for number in range(3):
        role = factories.role(f"role-{number}", unique_id=f"AROA{number:017}")
        role.approvers.add(cast.alice)
        role.contractors.add(cast.rita.contractor)
        factories.create_grant(cast, role=role, by=cast.rita, principal=None)
    asked = []

    def refuse(**how: Any) -> None:
        asked.append(how)
        raise tasks.reconcile_role.OperationalError

    monkeypatch.setattr(tasks.reconcile_role, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        stopping_by(cast.ada, Target(Scope.EVERYTHING))()
    assert len(asked) == 1
    assert not Grant.objects.filter(revoked_at=None).exists()
