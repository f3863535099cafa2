"""When AWS does not do what it is asked: the grant says so, nothing is lost, and it heals by itself."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from access import actions, reconcile
from access.models import Account, AuditEvent, Grant, Role
from access.reconcile import outcome
from access.reconcile.pace import TURN
from tests import factories
from tests.fakes.iam import Killed, killed
from tests.integration.stage import CLOSED, Stage, heal, problem, state, verbs


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
def test_a_grant_waits_and_says_why_until_aws_is_well(stage: Stage, fault: Fault) -> None:
    grant = stage.give()
    stage.aws.fault(fault.action, fault.kind, role=stage.role.name, **fault.rest)
    stage.reconcile()
    assert state(grant, stage.clock()) == "activating"
    assert problem(grant)[0] == fault.word
    assert problem(grant)[1]
    assert stage.role.problem == fault.word
    heal(stage)
    assert state(grant, stage.clock()) == "active"
    assert problem(grant) == ("", "")
    assert stage.role.problem == ""
    assert stage.can_assume(stage.richard_arn, grant.session_name)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_revocation_is_ending_and_never_ended_until_aws_is_well(stage: Stage, fault: Fault) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.aws.fault(fault.action, fault.kind, role=stage.role.name, **fault.rest)
    actions.revoke(by=stage.cast.bob, grant=grant, reason="Stop.", now=stage.clock())
    stage.reconcile()
    assert state(grant, stage.clock()) == "ending"
    heal(stage)
    assert state(grant, stage.clock()) == "ended"
    assert not stage.can_assume(stage.richard_arn, grant.session_name)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_an_expiry_is_ending_and_never_ended_until_aws_is_well(stage: Stage, fault: Fault) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.aws.fault(fault.action, fault.kind, role=stage.role.name, **fault.rest)
    stage.clock.forward(hours=1)
    assert stage.sweep() == [stage.role.pk]
    assert state(grant, stage.clock()) == "ending"
    heal(stage)
    assert state(grant, stage.clock()) == "ended"


def test_the_door_stays_shut_when_the_deny_cannot_be_written(stage: Stage) -> None:
    stage.give()
    stage.aws.fault("PutRolePolicy", "error", role=stage.role.name)
    stage.reconcile()
    assert stage.writes() == []
    assert stage.sids() == ["dpclosed"]


def test_a_live_grant_goes_on_while_aws_cannot_be_read(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.aws.fault("*", "error", role=stage.role.name)
    stage.reconcile()
    assert state(grant, stage.clock()) == "active"
    assert problem(grant) == ("", "")
    assert stage.role.problem == "aws_unavailable"


def test_tries_grow_further_apart_up_to_a_minute(stage: Stage) -> None:
    stage.give()
    stage.aws.fault("GetRole", "error", role=stage.role.name)
    pauses = []
    for _ in range(9):
        stage.reconcile()
        retry_at = stage.role.retry_at
        assert retry_at is not None
        pauses.append((retry_at - stage.clock()).total_seconds())
    assert 0 < pauses[0] <= 1
    assert all(pause <= 60 for pause in pauses)
    assert pauses[-1] >= 30
    assert stage.role.failures == 9


def test_the_sweep_leaves_a_failing_role_alone_until_its_pause_is_over(stage: Stage) -> None:
    stage.give()
    stage.aws.fault("GetRole", "error", role=stage.role.name)
    stage.reconcile()
    assert stage.role.pk not in reconcile.due(now=stage.clock())
    stage.clock.forward(seconds=2)
    assert stage.role.pk in reconcile.due(now=stage.clock())


def test_one_failing_role_does_not_hold_up_another(stage: Stage) -> None:
    failing, grant = stage.role, stage.give()
    stage.aws.fault("*", "error", role=failing.name)
    stage.reconcile()
    other = factories.role(stage.aws.fresh("other"), account=failing.account)
    stage.aws.root().create_role(
        RoleName=other.name,
        Path="/daypass/",
        AssumeRolePolicyDocument=json.dumps(CLOSED),
        PermissionsBoundary=factories.BOUNDARY_ARN,
        Tags=[{"Key": "managed-by", "Value": "daypass"}],
    )
    reconcile.role(other.pk, now=stage.clock)
    assert Role.objects.get(pk=other.pk).reconciled_at == stage.clock()
    assert state(grant, stage.clock()) == "activating"


def test_the_worker_may_not_write_where_the_role_is_not_tagged_as_ours(stage: Stage) -> None:
    grant = stage.give()
    stage.aws.root().untag_role(RoleName=stage.role.name, TagKeys=["managed-by"])
    stage.reconcile()
    assert problem(grant)[0] == "aws_denied"
    assert state(grant, stage.clock()) == "activating"
    assert stage.sids() == ["dpclosed"]
    stage.aws.root().tag_role(RoleName=stage.role.name, Tags=[{"Key": "managed-by", "Value": "daypass"}])
    heal(stage)
    assert state(grant, stage.clock()) == "active"


def test_a_role_that_is_gone_is_a_problem_and_is_not_made(stage: Stage) -> None:
    grant = stage.give()
    stage.aws.root().delete_role(RoleName=stage.role.name)
    stage.reconcile()
    assert state(grant, stage.clock()) == "blocked"
    assert problem(grant)[0] == "role_missing"
    with pytest.raises(stage.aws.root().exceptions.NoSuchEntityException):
        stage.aws.root().get_role(RoleName=stage.role.name)


def test_an_active_grant_is_blocked_when_its_role_goes_and_active_again_when_it_comes_back(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    iam = stage.aws.root()
    iam.delete_role_policy(RoleName=stage.role.name, PolicyName="daypass-closing")
    iam.delete_role(RoleName=stage.role.name)
    assert stage.sweep() == [stage.role.pk]
    assert state(grant, stage.clock()) == "blocked"
    assert "role.drift" in verbs()
    iam.create_role(
        RoleName=stage.role.name,
        Path="/daypass/",
        AssumeRolePolicyDocument=json.dumps(CLOSED),
        PermissionsBoundary=factories.BOUNDARY_ARN,
        Tags=[{"Key": "managed-by", "Value": "daypass"}],
    )
    heal(stage)
    assert state(grant, stage.clock()) == "active"


def test_a_grant_that_has_ended_stays_as_it_is_when_its_role_goes(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.clock.forward(hours=1)
    stage.reconcile()
    before = Grant.objects.filter(pk=grant.pk).values().get()
    iam = stage.aws.root()
    iam.delete_role_policy(RoleName=stage.role.name, PolicyName="daypass-closing")
    iam.delete_role(RoleName=stage.role.name)
    stage.reconcile()
    assert stage.role.problem == "role_missing"
    assert Grant.objects.filter(pk=grant.pk).values().get() == before


def test_a_role_of_the_same_name_in_another_account_is_not_touched(stage: Stage) -> None:
    elsewhere = factories.account("999999999999")
    Role.objects.filter(pk=stage.role.pk).update(account=elsewhere)
    grant = stage.give()
    stage.reconcile()
    assert problem(grant)[0] == "role_missing"
    assert "not arn:aws:iam::999999999999" in problem(grant)[1]
    assert stage.writes(tried=True) == []


def test_a_role_that_waits_for_its_turn_has_not_failed_and_its_grant_says_why_it_waits(stage: Stage) -> None:
    grant = stage.give()
    Account.objects.update(throttled_at=stage.clock(), next_write_at=stage.clock() + TURN)
    for _ in range(7):
        stage.reconcile()
    assert (stage.role.failures, stage.role.is_stuck, stage.role.problem) == (0, False, "")
    assert stage.role.retry_at is not None
    assert problem(grant) == ("aws_throttled", "AWS asked us to slow down; this waits for its turn.")
    assert state(grant, stage.clock()) == "activating"
    assert "role.problem" not in verbs()
    heal(stage)
    assert (state(grant, stage.clock()), problem(grant)) == ("active", ("", ""))


def test_a_failure_is_in_the_audit_chain_once_however_often_it_is_tried(stage: Stage) -> None:
    stage.give()
    stage.aws.fault("GetRole", "error", role=stage.role.name)
    stage.reconcile(times=4)
    assert AuditEvent.objects.filter(verb="role.problem").count() == 1
    assert AuditEvent.objects.filter(verb="grant.problem").count() == 1


class TestOnRecord:
    """What was written is on record also when the worker did not come to say so."""

    def test_a_write_after_which_the_worker_died_is_recorded_by_the_next_try(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed, grant = stage.trust(), stage.give()
        with monkeypatch.context() as dying:
            dying.setattr(outcome, "converged", killed)
            with pytest.raises(Killed):
                stage.reconcile()
        assert written() == []
        assert list(reconcile.drifted(now=stage.clock())) == []
        stage.reconcile(times=2)
        (event,) = written()
        assert (event["trust_before"], event["trust_after"]) == (closed, stage.trust())
        assert (event["closing_before"], event["closing_after"]) == (None, stage.closing())
        assert state(grant, stage.clock()) == "active"
        assert "role.drift" not in verbs()

    def test_the_first_write_is_recorded_although_the_second_one_failed(self, stage: Stage) -> None:
        stage.give()
        stage.aws.fault("UpdateAssumeRolePolicy", "error", role=stage.role.name)
        stage.reconcile(times=2)
        (event,) = written()
        assert (event["closing_before"], event["closing_after"]) == (None, stage.closing())
        heal(stage)
        event, last = written()
        assert (last["trust_before"], last["trust_after"]) == (event["trust_after"], stage.trust())

    def test_a_revocation_that_comes_between_finds_both_writes_on_record(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = stage.give()
        with monkeypatch.context() as dying:
            dying.setattr(outcome, "converged", killed)
            with pytest.raises(Killed):
                stage.reconcile()
        opened = stage.trust()
        actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
        stage.reconcile()
        first, second = written()
        assert first["trust_after"] == second["trust_before"] == opened
        assert second["trust_after"] == stage.trust()

    def test_what_aws_refused_is_no_write_and_the_edit_after_it_is_not_ours(self, stage: Stage) -> None:
        stage.give()
        stage.aws.root().untag_role(RoleName=stage.role.name, TagKeys=["managed-by"])
        stage.reconcile()
        guard = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        stage.edit_trust({"Sid": "Mallory", **guard})
        stage.reconcile()
        assert stage.role.problem == "aws_denied"
        assert written() == []


def written() -> list[dict[str, Any]]:
    """What is on record of writes, in order."""
    events = AuditEvent.objects.filter(verb="role.written").order_by("sequence")
    return list(events.values_list("details", flat=True))
