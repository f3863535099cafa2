"""When AWS does not do what it is asked: the grant says so, nothing is lost, and it heals by itself."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from access.actions import requests
from access.models import Account, AuditEvent, Grant, Role
from access.reconcile import convergence, drift, due, outcome
from access.reconcile.rate_limit import SLOT
from tests import factories
from tests.fakes.iam import Killed, killed
from tests.integration.environment import DEFAULT_DENY, Environment, heal, problem, state, verbs


@dataclass(frozen=True)
class Fault:
    action: str
    kind: str
    word: str
    rest: dict[str, Any]


FAULTS = {
    "AWS answers a read with an error": Fault("GetRole", "error", "aws_unavailable", {"status": 500}),
    "AWS is not there": Fault("GetRole", "error", "aws_unavailable", {"status": 503}),
    "AWS throttles reads": Fault("GetRole", "throttle", "aws_throttled", {}),
    "AWS throttles the first write": Fault("PutRolePolicy", "throttle", "aws_throttled", {}),
    "AWS throttles the second write": Fault("UpdateAssumeRolePolicy", "throttle", "aws_throttled", {}),
    "AWS fails at the first write": Fault("PutRolePolicy", "error", "aws_unavailable", {"status": 500}),
    "AWS fails at the second write": Fault("UpdateAssumeRolePolicy", "error", "aws_unavailable", {"status": 500}),
    "the answer to the first write is lost": Fault("PutRolePolicy", "lost", "aws_unavailable", {}),
    "the answer to the second write is lost": Fault("UpdateAssumeRolePolicy", "lost", "aws_unavailable", {}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_grant_waits_and_says_why_until_aws_works_again(env: Environment, fault: Fault) -> None:
    grant = env.create_grant()
    env.aws.fault(fault.action, fault.kind, role=env.role.name, **fault.rest)
    env.reconcile()
    assert state(grant, env.clock()) == "activating"
    assert problem(grant)[0] == fault.word
    assert problem(grant)[1]
    assert env.role.state.problem == fault.word
    heal(env)
    assert state(grant, env.clock()) == "active"
    assert problem(grant) == ("", "")
    assert env.role.state.problem == ""
    assert env.can_assume(env.richard_arn, grant.session_name)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_revocation_is_ending_and_not_ended_until_aws_works_again(env: Environment, fault: Fault) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.aws.fault(fault.action, fault.kind, role=env.role.name, **fault.rest)
    requests.revoke(by=env.cast.bob, grant=grant, reason="Stop.", now=env.clock())
    env.reconcile()
    assert state(grant, env.clock()) == "ending"
    heal(env)
    assert state(grant, env.clock()) == "ended"
    assert not env.can_assume(env.richard_arn, grant.session_name)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_an_expiry_is_ending_and_not_ended_until_aws_works_again(env: Environment, fault: Fault) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.aws.fault(fault.action, fault.kind, role=env.role.name, **fault.rest)
    env.clock.forward(hours=1)
    assert env.sweep() == [env.role.pk]
    assert state(grant, env.clock()) == "ending"
    heal(env)
    assert state(grant, env.clock()) == "ended"


def test_no_access_begins_when_the_deny_cannot_be_written(env: Environment) -> None:
    env.create_grant()
    env.aws.fault("PutRolePolicy", "error", role=env.role.name)
    env.reconcile()
    assert env.writes() == []
    assert env.sids() == ["dpclosed"]


def test_a_live_grant_stays_active_while_aws_cannot_be_read(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.aws.fault("*", "error", role=env.role.name)
    env.reconcile()
    assert state(grant, env.clock()) == "active"
    assert problem(grant) == ("", "")
    assert env.role.state.problem == "aws_unavailable"


def test_the_pauses_between_tries_grow_up_to_a_minute(env: Environment) -> None:
    env.create_grant()
    env.aws.fault("GetRole", "error", role=env.role.name)
    pauses = []
    for _ in range(9):
        env.reconcile()
        retry_at = env.role.state.retry_at
        assert retry_at is not None
        pauses.append((retry_at - env.clock()).total_seconds())
    assert 0 < pauses[0] <= 1
    assert all(pause <= 60 for pause in pauses)
    assert pauses[-1] >= 30
    assert env.role.state.failures == 9


def test_the_sweep_skips_a_failing_role_until_its_pause_is_over(env: Environment) -> None:
    env.create_grant()
    env.aws.fault("GetRole", "error", role=env.role.name)
    env.reconcile()
    assert env.role.pk not in due.due(now=env.clock())
    env.clock.forward(seconds=2)
    assert env.role.pk in due.due(now=env.clock())


def test_one_failing_role_does_not_delay_another(env: Environment) -> None:
    failing, grant = env.role, env.create_grant()
    env.aws.fault("*", "error", role=failing.name)
    env.reconcile()
    other = factories.role(env.aws.fresh("other"), account=failing.account)
    env.aws.root().create_role(
        RoleName=other.name,
        Path="/daypass/",
        AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY),
        PermissionsBoundary=factories.BOUNDARY_ARN,
        Tags=[{"Key": "managed-by", "Value": "daypass"}],
    )
    convergence.role(other.pk, now=env.clock)
    assert Role.objects.get(pk=other.pk).state.reconciled_at == env.clock()
    assert state(grant, env.clock()) == "activating"


def test_the_worker_cannot_write_a_role_without_our_tag(env: Environment) -> None:
    grant = env.create_grant()
    env.aws.root().untag_role(RoleName=env.role.name, TagKeys=["managed-by"])
    env.reconcile()
    assert problem(grant)[0] == "aws_denied"
    assert state(grant, env.clock()) == "activating"
    assert env.sids() == ["dpclosed"]
    env.aws.root().tag_role(RoleName=env.role.name, Tags=[{"Key": "managed-by", "Value": "daypass"}])
    heal(env)
    assert state(grant, env.clock()) == "active"


def test_a_missing_role_is_a_problem_and_is_not_made_again(env: Environment) -> None:
    grant = env.create_grant()
    env.aws.root().delete_role(RoleName=env.role.name)
    env.reconcile()
    assert state(grant, env.clock()) == "blocked"
    assert problem(grant)[0] == "role_missing"
    with pytest.raises(env.aws.root().exceptions.NoSuchEntityException):
        env.aws.root().get_role(RoleName=env.role.name)


def test_an_active_grant_is_blocked_while_its_role_is_missing(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    iam = env.aws.root()
    iam.delete_role_policy(RoleName=env.role.name, PolicyName="daypass-closing")
    iam.delete_role(RoleName=env.role.name)
    assert env.sweep() == [env.role.pk]
    assert state(grant, env.clock()) == "blocked"
    assert "role.drift" in verbs()
    iam.create_role(
        RoleName=env.role.name,
        Path="/daypass/",
        AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY),
        PermissionsBoundary=factories.BOUNDARY_ARN,
        Tags=[{"Key": "managed-by", "Value": "daypass"}],
    )
    heal(env)
    assert state(grant, env.clock()) == "active"


def test_an_ended_grant_is_unchanged_when_its_role_is_deleted(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.clock.forward(hours=1)
    env.reconcile()
    before = Grant.objects.filter(pk=grant.pk).values().get()
    iam = env.aws.root()
    iam.delete_role_policy(RoleName=env.role.name, PolicyName="daypass-closing")
    iam.delete_role(RoleName=env.role.name)
    env.reconcile()
    assert env.role.state.problem == "role_missing"
    assert Grant.objects.filter(pk=grant.pk).values().get() == before


def test_a_role_of_the_same_name_in_another_account_is_not_touched(env: Environment) -> None:
    elsewhere = factories.account("999999999999")
    Role.objects.filter(pk=env.role.pk).update(account=elsewhere)
    grant = env.create_grant()
    env.reconcile()
    assert problem(grant)[0] == "role_missing"
    assert problem(grant)[1] == "aws_other_role"
    assert env.writes(tried=True) == []


def test_a_role_that_waits_for_a_slot_has_not_failed_and_its_grant_says_why(env: Environment) -> None:
    grant = env.create_grant()
    Account.objects.update(throttled_at=env.clock(), next_write_at=env.clock() + SLOT)
    for _ in range(7):
        env.reconcile()
    assert (env.role.state.failures, env.role.state.is_stuck, env.role.state.problem) == (0, False, "")
    assert env.role.state.retry_at is not None
    assert problem(grant) == ("aws_throttled", "rate_limited")
    assert state(grant, env.clock()) == "activating"
    assert "role.problem" not in verbs()
    heal(env)
    assert (state(grant, env.clock()), problem(grant)) == ("active", ("", ""))


def test_a_failure_is_in_the_audit_chain_once_however_often_it_is_tried(env: Environment) -> None:
    env.create_grant()
    env.aws.fault("GetRole", "error", role=env.role.name)
    env.reconcile(times=4)
    assert AuditEvent.objects.filter(verb="role.problem").count() == 1
    assert AuditEvent.objects.filter(verb="grant.problem").count() == 1


class TestOnRecord:
    """What was written is on record also when the worker did not come to say so."""

    def test_a_write_after_which_the_worker_died_is_recorded_by_the_next_try(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed, grant = env.trust(), env.create_grant()
        with monkeypatch.context() as dying:
            dying.setattr(outcome, "converged", killed)
            with pytest.raises(Killed):
                env.reconcile()
        assert written() == []
        assert list(drift.drifted(now=env.clock())) == []
        env.reconcile(times=2)
        (event,) = written()
        assert (event["trust_before"], event["trust_after"]) == (closed, env.trust())
        assert (event["expiry_policy_before"], event["expiry_policy_after"]) == (None, env.expiry_policy())
        assert state(grant, env.clock()) == "active"
        assert "role.drift" not in verbs()

    def test_the_first_write_is_recorded_even_if_the_second_one_fails(self, env: Environment) -> None:
        env.create_grant()
        env.aws.fault("UpdateAssumeRolePolicy", "error", role=env.role.name)
        env.reconcile(times=2)
        (event,) = written()
        assert (event["expiry_policy_before"], event["expiry_policy_after"]) == (None, env.expiry_policy())
        heal(env)
        event, last = written()
        assert (last["trust_before"], last["trust_after"]) == (event["trust_after"], env.trust())

    def test_a_revocation_in_between_finds_both_writes_on_record(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        with monkeypatch.context() as dying:
            dying.setattr(outcome, "converged", killed)
            with pytest.raises(Killed):
                env.reconcile()
        opened = env.trust()
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.reconcile()
        first, second = written()
        assert first["trust_after"] == second["trust_before"] == opened
        assert second["trust_after"] == env.trust()

    def test_a_refused_write_is_not_recorded_and_a_later_edit_is_not_ours(self, env: Environment) -> None:
        env.create_grant()
        env.aws.root().untag_role(RoleName=env.role.name, TagKeys=["managed-by"])
        env.reconcile()
        guard = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        env.edit_trust({"Sid": "Mallory", **guard})
        env.reconcile()
        assert env.role.state.problem == "aws_denied"
        assert written() == []


def written() -> list[dict[str, Any]]:
    """Return what is on record of writes, in order."""
    events = AuditEvent.objects.filter(verb="role.written").order_by("sequence")
    return list(events.values_list("details", flat=True))
