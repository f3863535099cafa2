"""The messages to the worker are hints: what is lost, doubled or forged costs time and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction

from access import aws, tasks, trust
from access.actions import deciding, requests
from access.models import Heartbeat, Role
from access.reconcile import daily_refresh, drift
from tests import factories
from tests.factories import NOON, Cast, ask, create_grant
from tests.injection import called_by, failing, name_of
from tests.integration.conftest import Enqueued
from tests.integration.environment import Environment, state


@pytest.fixture
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    def apply_async(**_: Any) -> None:
        raise tasks.reconcile_role.OperationalError("nobody listens")

    monkeypatch.setattr(tasks.reconcile_role, "apply_async", apply_async)


def test_an_approval_counts_even_if_the_queue_is_down(
    cast: Cast, no_queue: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        grant = create_grant(cast)
    assert grant.pk
    role = Role.objects.get(pk=cast.role.pk)
    assert role.state.generation > role.state.reconciled_generation


def test_the_sweep_enqueues_each_due_role_and_records_a_heartbeat(env: Environment, enqueued: list[Enqueued]) -> None:
    env.create_grant()
    tasks.sweep()
    assert enqueued == [Enqueued(env.role.pk, "default")]
    assert Heartbeat.objects.filter(name="worker").exists()


def test_a_revocation_found_by_the_sweep_has_priority_like_any_other(
    env: Environment, enqueued: list[Enqueued]
) -> None:
    grant = env.create_grant()
    tasks.reconcile_role(env.role.pk)
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    enqueued.clear()
    tasks.sweep()
    assert enqueued == [Enqueued(env.role.pk, "urgent")]


def test_an_unreachable_account_is_skipped_for_ten_sweeps(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    env.reconcile()
    asked: list[str] = []

    def gives_no_answer(what: str) -> Callable[..., None]:
        def ask_aws(**_: Any) -> None:
            asked.append(what)
            raise aws.Unavailable("aws_silent", error="ReadTimeout")

        return ask_aws

    monkeypatch.setattr(aws, "read_roles", gives_no_answer("roles"))
    monkeypatch.setattr(aws, "trust_quota", gives_no_answer("quota"))
    for _ in range(11):
        assert list(drift.drifted(now=env.clock())) == []
        daily_refresh.read_quotas(now=env.clock())
        env.clock.forward(seconds=settings.SWEEP_SECONDS)
    assert asked == ["roles", "roles"]


def test_the_sweep_enqueues_nothing_when_all_is_in_sync(env: Environment, enqueued: list[Enqueued]) -> None:
    env.create_grant()
    tasks.reconcile_role(env.role.pk)
    tasks.sweep()
    assert enqueued == []


def test_the_sweep_continues_although_the_queue_is_down(env: Environment, no_queue: None) -> None:
    env.create_grant()
    tasks.sweep()
    assert Heartbeat.objects.filter(name="worker").exists()


def test_the_email_about_an_approval_waits_for_access_and_the_one_about_a_denial_does_not(
    env: Environment, enqueued: list[Enqueued], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(tasks.send_notifications, "apply_async", lambda **message: asked.append(message["queue"]))
    with django_capture_on_commit_callbacks(execute=True):
        env.create_grant()
    assert (len(enqueued), asked) == (1, [])
    tasks.reconcile_role(env.role.pk)
    assert asked == ["default"]
    request = ask(env.cast)
    with django_capture_on_commit_callbacks(execute=True):
        shown = request.content_hash
        deciding.deny(by=env.cast.bob, request=request, content_hash=shown, reason="No.", now=NOON)
    assert asked == ["default", "default"]


def test_a_forged_or_doubled_message_changes_nothing(env: Environment) -> None:
    grant = env.create_grant()
    for role_id in (env.role.pk, env.role.pk, 10**9, -1):
        tasks.reconcile_role(role_id)
    assert state(grant, env.clock()) == "active"
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_the_sweep_enqueues_notifications_of_approvers(
    cast: Cast, enqueued: list[Enqueued], monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    asked: list[str] = []
    monkeypatch.setattr(tasks.send_notifications, "apply_async", lambda **_: asked.append("notifications"))
    ask(cast)
    tasks.sweep()
    assert asked == ["notifications"]
    tasks.send_notifications()
    assert {email.to[0] for email in mail.outbox} == {"alice@example.com", "bob@example.com"}
    tasks.sweep()
    assert asked == ["notifications"]


def test_a_step_of_the_sweep_that_fails_stops_no_other(env: Environment, enqueued: list[Enqueued]) -> None:
    grant = env.create_grant()
    tasks.reconcile_role(env.role.pk)
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    needed = ("access.tasks.", "access.guarding.")
    steps = [step for step in called_by(tasks.sweep) if not name_of(step).startswith(needed)]
    assert {"access.housekeeping.run", "access.ledger.walks.walk_on"} <= {name_of(step) for step in steps}
    for step in steps:
        enqueued.clear()
        with transaction.atomic(), failing(step, lambda: ValueError("an odd row")):
            tasks.sweep()
            transaction.set_rollback(False)
        asked_for = [message.role_id for message in enqueued]
        assert env.role.pk in asked_for, name_of(step)


def test_a_role_that_cannot_be_compared_hides_the_drift_of_no_other(
    env: Environment, enqueued: list[Enqueued], monkeypatch: pytest.MonkeyPatch
) -> None:
    env.create_grant()
    env.reconcile()
    odd = factories.role(
        env.aws.fresh("odd"),
        account=env.role.account,
        unique_id=env.role.unique_id,
        observed_at=env.role.state.observed_at,
        observed_trust={"Statement": "odd"},
        reconciled_at=env.role.state.reconciled_at,
    )
    true_same = trust.same

    def same(one: Any, other: Any) -> bool:
        if one == odd.state.observed_trust:
            raise TypeError("unhashable type: 'dict'")
        return true_same(one, other)

    monkeypatch.setattr(trust, "same", same)
    shown = aws.read_roles

    def read_roles(**which: Any) -> Any:
        found = shown(**which)
        return found | {odd.arn: found[env.role.arn]}

    monkeypatch.setattr(aws, "read_roles", read_roles)
    env.edit_trust({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    assert list(drift.drifted(now=env.clock())) == [env.role.pk]
