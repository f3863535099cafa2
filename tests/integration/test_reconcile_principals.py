"""Principals that are missing, deleted, or made again; and what AWS shows after a write."""

import json
from typing import Any

import pytest
from django.utils import timezone

from access import aws, ledger, reconcile, trust
from access.models import Account, Role
from tests.factories import HOUR, vouched
from tests.integration.stage import Stage, problem, state, sweeps, verbs

CLOSED = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


class TestPrincipals:
    """One principal that is missing, deleted, or made again does not disturb the others."""

    def test_a_missing_one_waits_and_the_others_are_written(self, stage: Stage) -> None:
        nobody = stage.give(principal_arn="arn:aws:iam::222222222222:user/" + stage.aws.fresh("Nobody"))
        richard = stage.give()
        stage.reconcile()
        assert state(richard, stage.clock()) == "active"
        assert state(nobody, stage.clock()) == "blocked"
        assert problem(nobody)[0] == "principal_missing"
        assert stage.sids() == [richard.session_name]

    def test_a_missing_one_costs_one_write_of_each_document(self, stage: Stage) -> None:
        stage.give(principal_arn="arn:aws:iam::222222222222:user/" + stage.aws.fresh("Nobody"))
        stage.give()
        stage.reconcile()
        assert stage.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]

    def test_a_missing_one_that_somebody_vouches_for_is_let_in_once_he_is_there(self, stage: Stage) -> None:
        name = stage.aws.fresh("Late")
        Role.objects.update(allows_vouched=True)
        word = vouched(stage.cast.richard, f"arn:aws:iam::222222222222:user/{name}", by=stage.cast.mallory)
        grant = stage.give(principal=word)
        stage.reconcile()
        arn = stage.outsider(name)
        stage.clock.forward(seconds=61)
        stage.sweep()
        assert state(grant, stage.clock()) == "active"
        assert stage.can_assume(arn, grant.session_name)

    def test_a_missing_one_is_tried_again_however_often_the_sweep_looks(self, stage: Stage) -> None:
        name = stage.aws.fresh("Later")
        grant = stage.give(principal_arn=f"arn:aws:iam::222222222222:user/{name}", ends_at=stage.clock() + 8 * HOUR)
        sweeps(stage, 10)
        stage.outsider(name)
        sweeps(stage, 3)
        assert state(grant, stage.clock()) == "active"

    def test_a_missing_one_does_not_hold_up_the_others_while_aws_is_throttled(self, stage: Stage) -> None:
        stage.give(principal_arn="arn:aws:iam::222222222222:user/" + stage.aws.fresh("Nobody"))
        richard = stage.give()
        moment = timezone.now()
        Account.objects.update(throttled_at=moment, next_write_at=moment)
        reconcile.role(stage.role.pk, now=timezone.now)
        assert state(richard, timezone.now()) == "active"
        assert stage.sids() == [richard.session_name]

    def test_a_deleted_one_is_blocked_for_ever(self, stage: Stage) -> None:
        grant = stage.give()
        stage.reconcile()
        stage.dismiss(stage.richard_arn)
        assert stage.sweep() == [stage.role.pk]
        assert state(grant, stage.clock()) == "blocked"
        assert problem(grant)[0] == "principal_deleted"
        assert stage.sids() == ["dpclosed"]

    def test_one_that_was_made_again_is_not_trusted_again(self, stage: Stage) -> None:
        grant = stage.give()
        stage.reconcile()
        stage.dismiss(stage.richard_arn)
        stage.outsider(stage.richard_arn.rsplit("/", 1)[1])
        stage.sweep()
        for _ in range(3):
            stage.clock.forward(seconds=61)
            stage.sweep()
            stage.reconcile()
        assert problem(grant)[0] == "principal_deleted"
        assert not stage.can_assume(stage.richard_arn, grant.session_name)

    def test_a_deleted_one_still_ends(self, stage: Stage) -> None:
        grant = stage.give()
        stage.reconcile()
        stage.dismiss(stage.richard_arn)
        stage.sweep()
        stage.clock.forward(hours=1)
        stage.sweep()
        assert state(grant, stage.clock()) == "ended"
        assert problem(grant)[0] == "principal_deleted"

    def test_one_that_is_proven_anew_while_its_grant_is_written_stays_blocked(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = stage.give()
        prove_anew_meanwhile(stage, monkeypatch, stage.richard_arn)
        stage.reconcile()
        assert state(grant, stage.clock()) == "blocked"
        assert problem(grant)[0] == "principal_deleted"
        assert stage.sids() == ["dpclosed"]
        assert "grant.applied" not in verbs()

    def test_one_that_is_proven_anew_while_it_is_found_missing_stays_blocked(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nobody = "arn:aws:iam::222222222222:user/" + stage.aws.fresh("Nobody")
        grant = stage.give(principal_arn=nobody)
        prove_anew_meanwhile(stage, monkeypatch, nobody)
        stage.reconcile()
        assert problem(grant)[0] == "principal_deleted"
        assert verbs().count("grant.problem") == 1

    def test_a_deleted_one_does_not_disturb_another(self, stage: Stage) -> None:
        paul = stage.outsider(stage.aws.fresh("Paul"))
        gone, stays = stage.give(), stage.give(principal_arn=paul)
        stage.reconcile()
        stage.dismiss(stage.richard_arn)
        stage.sweep()
        assert (state(gone, stage.clock()), state(stays, stage.clock())) == ("blocked", "active")
        assert stage.can_assume(paul, stays.session_name)


class TestReadingBack:
    """What AWS shows after the write counts, not that the write was answered."""

    def test_a_grant_is_not_active_when_somebody_else_is_named_in_its_statement(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = stage.give()
        paul = stage.outsider(stage.aws.fresh("Paul"))
        edit_after_write(stage, monkeypatch, lambda statement: {**statement, "Principal": {"AWS": paul}})
        stage.reconcile()
        assert state(grant, stage.clock()) == "activating"
        monkeypatch.undo()

    def test_an_edit_in_our_gap_is_mended_by_the_next_sweeps(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = stage.give()
        stage.reconcile()
        kept = stage.trust()["Statement"]
        stage.clock.forward(hours=1)
        with monkeypatch.context() as gap:
            put_back = edit_after_write(stage, gap, lambda _: kept[0])
            stage.reconcile()
            assert put_back == [1]
        assert state(grant, stage.clock()) == "ending"
        sweeps(stage, 1)
        assert stage.sids() == ["dpclosed"]
        assert state(grant, stage.clock()) == "ended"

    def test_who_may_have_come_in_before_somebody_took_his_statement_away_keeps_his_deny(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Role.objects.filter(pk=stage.role.pk).update(is_managed=False)
        grant = stage.give()
        with monkeypatch.context() as gap:
            assert edit_after_write(stage, gap, lambda _: CLOSED) == []
            stage.reconcile()
        assert state(grant, stage.clock()) == "activating"
        stage.edit_trust({"Effect": "Allow", "Principal": {"AWS": stage.richard_arn}, "Action": "sts:AssumeRole"})
        stage.aws.root().delete_role_policy(RoleName=stage.role.name, PolicyName=trust.CLOSING_POLICY_NAME)
        stage.clock.forward(seconds=61)
        stage.reconcile()
        assert problem(grant)[0] == "admitted_by_others"
        assert f"{stage.role.unique_id}:{grant.session_name}" in json.dumps(stage.closing())


def edit_after_write(stage: Stage, monkeypatch: pytest.MonkeyPatch, change: Any) -> list[int]:
    """Let somebody change the trust policy right after the worker's next write of it, before it is read back."""
    true_write = aws.write_trust
    done: list[int] = []

    def write_trust(**document: Any) -> None:
        true_write(**document)
        if not done:
            done.append(1)
            stage.edit_trust(*map(change, stage.trust()["Statement"]))

    monkeypatch.setattr(aws, "write_trust", write_trust)
    return done


def prove_anew_meanwhile(stage: Stage, monkeypatch: pytest.MonkeyPatch, arn: str) -> None:
    """Let Richard prove this ARN with another unique id while the worker writes."""
    true_write = aws.write_closing

    def write_closing(**document: Any) -> None:
        true_write(**document)
        stale = ledger.resting_on_another_id(arn, "AIDAANOTHERANOTHER01", now=stage.clock())
        ledger.block_remade(stale, by=stage.cast.richard, now=stage.clock())

    monkeypatch.setattr(aws, "write_closing", write_closing)
