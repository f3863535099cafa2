"""Drift: what somebody changed in AWS behind our back is found and recorded once, and what we do ourselves is none."""

from collections.abc import Callable
from typing import Any

import pytest

from access import aws
from access.models import AuditEvent, Role
from access.reconcile import drift, outcome
from access.reconcile.lease import lease
from access.trust import same
from tests.factories import HOUR
from tests.fakes.iam import Killed, killed
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment, state, verbs

SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def test_a_statement_that_somebody_added_to_an_imported_role_stays_and_is_on_record(env: Environment) -> None:
    Role.objects.filter(pk=env.role.pk).update(is_managed=False)
    grant = env.create_grant()
    env.reconcile()
    env.edit_trust(*env.trust()["Statement"], SERVICE)
    env.aws.forget_calls()
    assert env.sweep() == [env.role.pk]
    assert any(same({"Statement": s}, {"Statement": SERVICE}) for s in env.trust()["Statement"])
    assert env.writes() == []
    found = AuditEvent.objects.get(verb="role.drift").details["trust_found"]["Statement"]
    assert SERVICE["Principal"] in [s["Principal"] for s in found]
    assert state(grant, env.clock()) == "active"


def test_an_edit_is_recorded_once_and_then_the_sweeps_are_idle(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    env.edit_trust(*env.trust()["Statement"], SERVICE)
    for _ in range(5):
        env.clock.forward(seconds=30)
        env.sweep()
    assert verbs().count("role.drift") == 1


class TestNoDrift:
    """What the worker itself does while the account is read, or did a moment before, is nobody's edit."""

    def test_a_grant_written_meanwhile_is_not_drift(self, env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        env.reconcile()

        def alice_approves() -> None:
            env.create_grant()
            env.clock.forward(seconds=1)
            env.reconcile()

        while_the_account_is_read(monkeypatch, alice_approves)
        assert list(drift.drifted(now=env.clock())) == []
        assert "role.drift" not in verbs()

    def test_a_role_that_the_worker_holds_is_checked_by_the_next_sweep(self, env: Environment) -> None:
        env.reconcile()
        env.edit_trust(SERVICE)
        with lease(env.role.pk, now=env.clock):
            assert list(drift.drifted(now=env.clock())) == []
        assert "role.drift" not in verbs()
        assert list(drift.drifted(now=env.clock())) == [env.role.pk]
        assert AuditEvent.objects.get(verb="role.drift").details["trust_found"]["Statement"] == [SERVICE]

    def test_a_list_older_than_our_own_write_is_not_drift(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        env.reconcile()
        old = aws.read_roles(target=env.role.account.aws_target(), expiry_policy_name=EXPIRY_POLICY_NAME)
        env.create_grant(ends_at=env.clock() + 2 * HOUR)
        env.reconcile()
        monkeypatch.setattr(aws, "read_roles", lambda **_: old)
        env.clock.forward(seconds=59)
        assert list(drift.drifted(now=env.clock())) == []
        assert "role.drift" not in verbs()
        env.clock.forward(seconds=1)
        assert list(drift.drifted(now=env.clock())) == [env.role.pk]

    def test_a_write_after_which_the_worker_died_is_not_drift(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        env.create_grant()
        env.reconcile()
        env.clock.forward(hours=1)
        with monkeypatch.context() as dying:
            dying.setattr(outcome, "converged", killed)
            with pytest.raises(Killed):
                env.reconcile()
        assert env.sids() == ["dpclosed"]
        assert list(drift.drifted(now=env.clock())) == []
        assert env.sweep() == [env.role.pk]
        assert "role.drift" not in verbs()


def while_the_account_is_read(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], None]) -> None:
    """Let something happen after the sweep read its rows and before AWS made the list of the account."""
    true_read = aws.read_roles

    def read_roles(**which: Any) -> dict[str, aws.RoleSnapshot]:
        happen()
        return true_read(**which)

    monkeypatch.setattr(aws, "read_roles", read_roles)
