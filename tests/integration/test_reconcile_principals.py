"""Principals that are missing, deleted, or made again; and what AWS shows after a write."""

import json
from typing import Any

import pytest
from django.utils import timezone

from access import aws, trust
from access.ledger.identities import block_recreated, resting_on_another_id
from access.models import Account, Role
from access.reconcile import convergence
from tests.factories import HOUR, vouched
from tests.integration.environment import Environment, problem, state, sweeps, verbs

DEFAULT_DENY = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


class TestPrincipals:
    """One principal that is missing, deleted, or made again does not disturb the others."""

    def test_a_missing_principal_waits_and_the_others_are_written(self, env: Environment) -> None:
        nobody = env.create_grant(principal_arn="arn:aws:iam::222222222222:user/" + env.aws.fresh("Nobody"))
        richard = env.create_grant()
        env.reconcile()
        assert state(richard, env.clock()) == "active"
        assert state(nobody, env.clock()) == "blocked"
        assert problem(nobody)[0] == "principal_missing"
        assert env.sids() == [richard.session_name]

    def test_a_missing_principal_costs_one_write_of_each_document(self, env: Environment) -> None:
        env.create_grant(principal_arn="arn:aws:iam::222222222222:user/" + env.aws.fresh("Nobody"))
        env.create_grant()
        env.reconcile()
        assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]

    def test_a_missing_principal_with_a_voucher_is_admitted_once_it_exists(self, env: Environment) -> None:
        name = env.aws.fresh("Late")
        Role.objects.update(allows_vouched=True)
        word = vouched(env.cast.richard, f"arn:aws:iam::222222222222:user/{name}", by=env.cast.mallory)
        grant = env.create_grant(principal=word)
        env.reconcile()
        arn = env.contractor_user(name)
        env.clock.forward(seconds=61)
        env.sweep()
        assert state(grant, env.clock()) == "active"
        assert env.can_assume(arn, grant.session_name)

    def test_a_missing_principal_is_tried_again_at_its_own_pace(self, env: Environment) -> None:
        name = env.aws.fresh("Later")
        grant = env.create_grant(principal_arn=f"arn:aws:iam::222222222222:user/{name}", ends_at=env.clock() + 8 * HOUR)
        sweeps(env, 10)
        env.contractor_user(name)
        sweeps(env, 3)
        assert state(grant, env.clock()) == "active"

    def test_a_missing_principal_does_not_delay_the_others_while_aws_is_throttled(self, env: Environment) -> None:
        env.create_grant(principal_arn="arn:aws:iam::222222222222:user/" + env.aws.fresh("Nobody"))
        richard = env.create_grant()
        moment = timezone.now()
        Account.objects.update(throttled_at=moment, next_write_at=moment)
        convergence.role(env.role.pk, now=timezone.now)
        assert state(richard, timezone.now()) == "active"
        assert env.sids() == [richard.session_name]

    def test_a_deleted_principal_is_blocked_permanently(self, env: Environment) -> None:
        grant = env.create_grant()
        env.reconcile()
        env.dismiss(env.richard_arn)
        assert env.sweep() == [env.role.pk]
        assert state(grant, env.clock()) == "blocked"
        assert problem(grant)[0] == "principal_deleted"
        assert env.sids() == ["dpclosed"]

    def test_a_recreated_principal_is_not_trusted_again(self, env: Environment) -> None:
        grant = env.create_grant()
        env.reconcile()
        env.dismiss(env.richard_arn)
        env.contractor_user(env.richard_arn.rsplit("/", 1)[1])
        env.sweep()
        for _ in range(3):
            env.clock.forward(seconds=61)
            env.sweep()
            env.reconcile()
        assert problem(grant)[0] == "principal_deleted"
        assert not env.can_assume(env.richard_arn, grant.session_name)

    def test_a_grant_to_a_deleted_principal_still_ends(self, env: Environment) -> None:
        grant = env.create_grant()
        env.reconcile()
        env.dismiss(env.richard_arn)
        env.sweep()
        env.clock.forward(hours=1)
        env.sweep()
        assert state(grant, env.clock()) == "ended"
        assert problem(grant)[0] == "principal_deleted"

    def test_a_principal_proven_again_while_its_grant_is_written_stays_blocked(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        prove_again_meanwhile(env, monkeypatch, env.richard_arn)
        env.reconcile()
        assert state(grant, env.clock()) == "blocked"
        assert problem(grant)[0] == "principal_deleted"
        assert env.sids() == ["dpclosed"]
        assert "grant.applied" not in verbs()

    def test_a_principal_proven_again_while_it_is_found_missing_stays_blocked(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nobody = "arn:aws:iam::222222222222:user/" + env.aws.fresh("Nobody")
        grant = env.create_grant(principal_arn=nobody)
        prove_again_meanwhile(env, monkeypatch, nobody)
        env.reconcile()
        assert problem(grant)[0] == "principal_deleted"
        assert verbs().count("grant.problem") == 1

    def test_a_deleted_principal_does_not_affect_another(self, env: Environment) -> None:
        paul = env.contractor_user(env.aws.fresh("Paul"))
        gone, stays = env.create_grant(), env.create_grant(principal_arn=paul)
        env.reconcile()
        env.dismiss(env.richard_arn)
        env.sweep()
        assert (state(gone, env.clock()), state(stays, env.clock())) == ("blocked", "active")
        assert env.can_assume(paul, stays.session_name)


class TestReadingBack:
    """What AWS shows after the write counts, not that the write was answered."""

    def test_a_grant_is_not_active_when_somebody_else_is_named_in_its_statement(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        paul = env.contractor_user(env.aws.fresh("Paul"))
        edit_after_write(env, monkeypatch, lambda statement: {**statement, "Principal": {"AWS": paul}})
        env.reconcile()
        assert state(grant, env.clock()) == "activating"
        monkeypatch.undo()

    def test_an_edit_between_our_read_and_write_is_fixed_by_the_next_sweeps(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        env.reconcile()
        kept = env.trust()["Statement"]
        env.clock.forward(hours=1)
        with monkeypatch.context() as gap:
            put_back = edit_after_write(env, gap, lambda _: kept[0])
            env.reconcile()
            assert put_back == [1]
        assert state(grant, env.clock()) == "ending"
        sweeps(env, 1)
        assert env.sids() == ["dpclosed"]
        assert state(grant, env.clock()) == "ended"

    def test_a_grant_that_might_have_been_used_before_its_statement_was_removed_keeps_its_deny(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Role.objects.filter(pk=env.role.pk).update(is_managed=False)
        grant = env.create_grant()
        with monkeypatch.context() as gap:
            assert edit_after_write(env, gap, lambda _: DEFAULT_DENY) == []
            env.reconcile()
        assert state(grant, env.clock()) == "activating"
        env.edit_trust({"Effect": "Allow", "Principal": {"AWS": env.richard_arn}, "Action": "sts:AssumeRole"})
        env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName=trust.EXPIRY_POLICY_NAME)
        env.clock.forward(seconds=61)
        env.reconcile()
        assert problem(grant)[0] == "admitted_by_unmanaged"
        assert f"{env.role.unique_id}:{grant.session_name}" in json.dumps(env.expiry_policy())


def edit_after_write(env: Environment, monkeypatch: pytest.MonkeyPatch, change: Any) -> list[int]:
    """Let somebody change the trust policy right after the worker's next write of it, before it is read back."""
    true_write = aws.write_trust
    done: list[int] = []

    def write_trust(**document: Any) -> None:
        true_write(**document)
        if not done:
            done.append(1)
            env.edit_trust(*map(change, env.trust()["Statement"]))

    monkeypatch.setattr(aws, "write_trust", write_trust)
    return done


def prove_again_meanwhile(env: Environment, monkeypatch: pytest.MonkeyPatch, arn: str) -> None:
    """Let Richard prove this ARN with another unique id while the worker writes."""
    true_write = aws.write_expiry_policy

    def write_expiry_policy(**document: Any) -> None:
        true_write(**document)
        stale = resting_on_another_id(arn, "AIDAANOTHERANOTHER01", now=env.clock())
        block_recreated(stale, by=env.cast.richard, now=env.clock())

    monkeypatch.setattr(aws, "write_expiry_policy", write_expiry_policy)
