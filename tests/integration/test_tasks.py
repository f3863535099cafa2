"""The messages to the worker are hints: what is lost, doubled or forged costs time and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction

from access import actions, aws, reconcile, tasks, trust
from access.models import Heartbeat, Role
from tests.factories import NOON, Cast, ask, give
from tests.injection import called_by, failing, name_of
from tests.integration.conftest import Hint
from tests.integration.stage import Stage, state


@pytest.fixture
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    def apply_async(**_: Any) -> None:
        raise tasks.reconcile_role.OperationalError("nobody listens")

    monkeypatch.setattr(tasks.reconcile_role, "apply_async", apply_async)


def test_an_approval_counts_although_the_queue_is_down(
    cast: Cast, no_queue: None, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        grant = give(cast)
    assert grant.pk
    role = Role.objects.get(pk=cast.role.pk)
    assert role.generation > role.reconciled_generation


def test_the_sweep_asks_for_each_role_that_waits_and_shows_a_sign_of_life(stage: Stage, hints: list[Hint]) -> None:
    stage.give()
    tasks.sweep()
    assert hints == [Hint(stage.role.pk, "default")]
    assert Heartbeat.objects.filter(name="worker").exists()


def test_a_revocation_that_the_sweep_finds_overtakes_like_any_other(stage: Stage, hints: list[Hint]) -> None:
    grant = stage.give()
    tasks.reconcile_role(stage.role.pk)
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
    hints.clear()
    tasks.sweep()
    assert hints == [Hint(stage.role.pk, "urgent")]


def test_an_account_without_an_answer_is_left_alone_for_ten_sweeps(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.reconcile()
    asked: list[str] = []

    def gives_no_answer(what: str) -> Callable[..., None]:
        def ask_aws(**_: Any) -> None:
            asked.append(what)
            raise aws.Unavailable("AWS did not answer.")

        return ask_aws

    monkeypatch.setattr(aws, "read_roles", gives_no_answer("roles"))
    monkeypatch.setattr(aws, "trust_quota", gives_no_answer("quota"))
    for _ in range(11):
        assert list(reconcile.drifted(now=stage.clock())) == []
        reconcile.read_quotas(now=stage.clock())
        stage.clock.forward(seconds=settings.SWEEP_SECONDS)
    assert asked == ["roles", "roles"]


def test_the_sweep_asks_for_nothing_when_all_is_well(stage: Stage, hints: list[Hint]) -> None:
    stage.give()
    tasks.reconcile_role(stage.role.pk)
    tasks.sweep()
    assert hints == []


def test_the_sweep_goes_on_although_the_queue_is_down(stage: Stage, no_queue: None) -> None:
    stage.give()
    tasks.sweep()
    assert Heartbeat.objects.filter(name="worker").exists()


def test_the_letter_about_a_yes_waits_for_the_door_and_the_one_about_a_no_for_nothing(
    stage: Stage, hints: list[Hint], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(tasks.send_letters, "apply_async", lambda **message: asked.append(message["queue"]))
    with django_capture_on_commit_callbacks(execute=True):
        stage.give()
    assert (len(hints), asked) == (1, [])
    tasks.reconcile_role(stage.role.pk)
    assert asked == ["default"]
    request = ask(stage.cast)
    with django_capture_on_commit_callbacks(execute=True):
        shown = request.content_hash
        actions.deny(by=stage.cast.bob, request=request, content_hash=shown, reason="No.", now=NOON)
    assert asked == ["default", "default"]


def test_a_forged_or_doubled_message_changes_nothing(stage: Stage) -> None:
    grant = stage.give()
    for role_id in (stage.role.pk, stage.role.pk, 10**9, -1):
        tasks.reconcile_role(role_id)
    assert state(grant, stage.clock()) == "active"
    assert stage.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_the_sweep_lets_whoever_has_to_decide_be_told(
    cast: Cast, hints: list[Hint], monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    time_machine.move_to(NOON, tick=False)
    asked: list[str] = []
    monkeypatch.setattr(tasks.send_letters, "apply_async", lambda **_: asked.append("letters"))
    ask(cast)
    tasks.sweep()
    assert asked == ["letters"]
    tasks.send_letters()
    assert {letter.to[0] for letter in mail.outbox} == {"alice@example.com", "bob@example.com"}
    tasks.sweep()
    assert asked == ["letters"]


def test_a_step_of_the_sweep_that_fails_stops_no_other(stage: Stage, hints: list[Hint]) -> None:
    grant = stage.give()
    tasks.reconcile_role(stage.role.pk)
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
    needed = ("access.tasks.", "access.guarding.")
    steps = [step for step in called_by(tasks.sweep) if not name_of(step).startswith(needed)]
    assert {"access.reconcile.due.beat", "access.ledger.walking.walk_on"} <= {name_of(step) for step in steps}
    for step in steps:
        hints.clear()
        with transaction.atomic(), failing(step, lambda: ValueError("an odd row")):
            tasks.sweep()
            transaction.set_rollback(False)
        asked_for = [hint.role_id for hint in hints]
        assert stage.role.pk in asked_for, name_of(step)


def test_a_role_whose_documents_cannot_be_compared_hides_the_drift_of_no_other(
    stage: Stage, hints: list[Hint], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.give()
    stage.reconcile()
    odd = Role.objects.get(pk=stage.role.pk)
    odd.pk, odd.name, odd.seen_trust = None, stage.aws.fresh("odd"), {"Statement": "odd"}
    odd.save()
    true_same = trust.same

    def same(one: Any, other: Any) -> bool:
        if one == odd.seen_trust:
            raise TypeError("unhashable type: 'dict'")
        return true_same(one, other)

    monkeypatch.setattr(trust, "same", same)
    shown = aws.read_roles

    def read_roles(**which: Any) -> Any:
        found = shown(**which)
        return found | {odd.arn: found[stage.role.arn]}

    monkeypatch.setattr(aws, "read_roles", read_roles)
    stage.edit_trust({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
    assert list(reconcile.drifted(now=stage.clock())) == [stage.role.pk]
