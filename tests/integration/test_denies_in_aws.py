"""Whether a Deny is in AWS is judged by what AWS shows; that two texts look the same proves nothing."""

import json
from typing import Any

import pytest

from access import actions, aws, trust
from access.models import Grant
from tests.faults.judge import denies
from tests.integration.stage import CLOSING, Stage, state


def is_denied(stage: Stage, grant: Grant) -> bool:
    closing = stage.closing()
    return closing is not None and denies(closing, f"{stage.role.unique_id}:{grant.session_name}", stage.clock())


@pytest.fixture
def revoked(stage: Stage) -> Grant:
    """A grant that was in force, is revoked, and is denied in AWS."""
    grant = stage.give()
    stage.reconcile()
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Enough.", now=stage.clock())
    stage.reconcile()
    assert is_denied(stage, grant)
    stage.aws.forget_calls()
    return grant


@pytest.fixture
def all_look_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "same", lambda _one, _other: True)


def spoil(stage: Stage, condition: dict[str, Any]) -> None:
    """Give the first Deny of the expiry policy another Condition by hand."""
    document: Any = stage.closing()
    document["Statement"][0]["Condition"] = condition
    text = json.dumps(document)
    stage.aws.root().put_role_policy(RoleName=stage.role.name, PolicyName=CLOSING, PolicyDocument=text)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_deny_with_a_second_spelling_that_spoils_it_is_written_again(
    stage: Stage, revoked: Grant, is_first: bool
) -> None:
    before: Any = stage.closing()
    tests = before["Statement"][0]["Condition"]["StringEquals"]
    pairs = [("AWS:UserId", "nobody"), *tests.items()]
    spoil(stage, {"StringEquals": dict(pairs if is_first else reversed(pairs))})
    stage.clock.forward(seconds=61)
    stage.sweep()
    assert "PutRolePolicy" in stage.writes()
    assert stage.closing() == before
    assert stage.role.failures == 0


@pytest.mark.usefixtures("all_look_the_same")
def test_a_deny_that_the_verifier_does_not_find_is_written_whatever_the_texts_say(stage: Stage, revoked: Grant) -> None:
    stage.aws.root().delete_role_policy(RoleName=stage.role.name, PolicyName=CLOSING)
    stage.reconcile()
    assert is_denied(stage, revoked)
    assert (stage.role.failures, stage.role.problem) == (0, "")


@pytest.mark.usefixtures("all_look_the_same")
def test_a_deny_that_does_not_get_there_counts_as_a_failure(
    stage: Stage, revoked: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.aws.root().delete_role_policy(RoleName=stage.role.name, PolicyName=CLOSING)
    with monkeypatch.context() as lost:
        lost.setattr(aws, "write_closing", lambda **_document: None)
        stage.reconcile()
    assert stage.role.failures == 1
    assert stage.role.retry_at is not None
    stage.clock.forward(seconds=61)
    stage.reconcile()
    assert is_denied(stage, revoked)
    assert stage.role.failures == 0
    assert state(revoked, stage.clock()) == "ended"


@pytest.mark.usefixtures("all_look_the_same")
def test_a_role_with_every_deny_is_left_alone(stage: Stage, revoked: Grant) -> None:
    stage.give()
    stage.reconcile(times=2)
    stage.aws.forget_calls()
    stage.reconcile()
    assert stage.writes() == []
