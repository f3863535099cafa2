"""Drift: what somebody changed in AWS behind our back is found and recorded once, and what we do ourselves is none."""

from collections.abc import Callable
from typing import Any

import pytest

from access import aws, reconcile
from access.models import AuditEvent, Role
from access.reconcile import outcome
from access.reconcile.lease import lease
from access.trust import same
from tests.factories import HOUR
from tests.fakes.iam import Killed, killed
from tests.integration.stage import CLOSING, Stage, state, verbs

SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def test_a_statement_that_somebody_added_to_an_imported_role_stays_and_is_on_record(stage: Stage) -> None:
    Role.objects.filter(pk=stage.role.pk).update(is_managed=False)
    grant = stage.give()
    stage.reconcile()
    stage.edit_trust(*stage.trust()["Statement"], SERVICE)
    stage.aws.forget_calls()
    assert stage.sweep() == [stage.role.pk]
    assert any(same({"Statement": s}, {"Statement": SERVICE}) for s in stage.trust()["Statement"])
    assert stage.writes() == []
    found = AuditEvent.objects.get(verb="role.drift").details["trust_found"]["Statement"]
    assert SERVICE["Principal"] in [s["Principal"] for s in found]
    assert state(grant, stage.clock()) == "active"


def test_an_edit_is_recorded_once_and_then_the_sweeps_are_idle(stage: Stage) -> None:
    stage.give()
    stage.reconcile()
    stage.edit_trust(*stage.trust()["Statement"], SERVICE)
    for _ in range(5):
        stage.clock.forward(seconds=30)
        stage.sweep()
    assert verbs().count("role.drift") == 1


class TestNoDrift:
    """What the worker itself does while the account is read, or did a moment before, is nobody's edit."""

    def test_a_grant_that_is_written_meanwhile(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        stage.reconcile()

        def alice_approves() -> None:
            stage.give()
            stage.clock.forward(seconds=1)
            stage.reconcile()

        while_the_account_is_read(monkeypatch, alice_approves)
        assert list(reconcile.drifted(now=stage.clock())) == []
        assert "role.drift" not in verbs()

    def test_a_role_that_the_worker_is_at_is_looked_at_by_the_next_sweep(self, stage: Stage) -> None:
        stage.reconcile()
        stage.edit_trust(SERVICE)
        with lease(stage.role.pk, now=stage.clock):
            assert list(reconcile.drifted(now=stage.clock())) == []
        assert "role.drift" not in verbs()
        assert list(reconcile.drifted(now=stage.clock())) == [stage.role.pk]
        assert AuditEvent.objects.get(verb="role.drift").details["trust_found"]["Statement"] == [SERVICE]

    def test_a_list_of_the_account_that_is_behind_our_own_write(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stage.reconcile()
        old = aws.read_roles(reach=stage.role.account.reach(), closing_name=CLOSING)
        stage.give(ends_at=stage.clock() + 2 * HOUR)
        stage.reconcile()
        monkeypatch.setattr(aws, "read_roles", lambda **_: old)
        stage.clock.forward(seconds=59)
        assert list(reconcile.drifted(now=stage.clock())) == []
        assert "role.drift" not in verbs()
        stage.clock.forward(seconds=1)
        assert list(reconcile.drifted(now=stage.clock())) == [stage.role.pk]

    def test_a_write_after_which_the_worker_died(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        stage.give()
        stage.reconcile()
        stage.clock.forward(hours=1)
        with monkeypatch.context() as dying:
            dying.setattr(outcome, "converged", killed)
            with pytest.raises(Killed):
                stage.reconcile()
        assert stage.sids() == ["dpclosed"]
        assert list(reconcile.drifted(now=stage.clock())) == []
        assert stage.sweep() == [stage.role.pk]
        assert "role.drift" not in verbs()


def while_the_account_is_read(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], None]) -> None:
    """Let something happen after the sweep read its rows and before AWS made the list of the account."""
    true_read = aws.read_roles

    def read_roles(**which: Any) -> dict[str, aws.RoleRead]:
        happen()
        return true_read(**which)

    monkeypatch.setattr(aws, "read_roles", read_roles)
