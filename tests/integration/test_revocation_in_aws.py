"""A revocation gets into AWS itself, whatever stands in the role's trust policy and whatever fails."""

from typing import Any

import pytest
from django.utils import timezone

from access import actions, aws, verify
from access.models import Account, Grant, Role
from access.reconcile import lease, outcome, plan
from tests.factories import CONTRACTOR_ACCOUNT
from tests.faults.judge import denies
from tests.integration import odd
from tests.integration.stage import CLOSING, Stage, heal, state
from tests.integration.test_reconcile_foreign import fill_inline


@pytest.fixture
def imported(stage: Stage) -> Stage:
    Role.objects.filter(pk=stage.role.pk).update(is_managed=False)
    return stage


def revoked(stage: Stage) -> Grant:
    """A grant that was active and has just been revoked."""
    grant = stage.give()
    stage.reconcile()
    assert stage.can_assume(stage.richard_arn, grant.session_name)
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
    return grant


def is_denied(stage: Stage, grant: Grant) -> bool:
    return denies(stage.closing(), f"{stage.role.unique_id}:{grant.session_name}", timezone.now())


@pytest.mark.parametrize("condition", odd.TAKEN.values(), ids=odd.TAKEN.keys())
def test_an_unmanaged_statement_that_nobody_can_judge_keeps_no_grant_from_ending(
    imported: Stage, condition: dict[str, Any]
) -> None:
    grant, other = revoked(imported), imported.give(by=imported.cast.rita, principal_arn="")
    foreign = odd.statement(condition)
    asked = {"StringEquals": condition.get("StringEquals", {}) | {"sts:ExternalId": "known-to-nobody"}}
    imported.edit_trust(*imported.trust()["Statement"], {**foreign, "Condition": condition | asked})
    imported.reconcile()
    assert state(grant, imported.clock()) == "ended"
    assert is_denied(imported, grant)
    assert not imported.can_assume(imported.richard_arn, grant.session_name)
    assert "Odd" in imported.sids()
    assert state(other, imported.clock()) == "active"


FAILING = {
    "reading": (aws, "read_role"),
    "judging": (verify, "check"),
    "judging unmanaged statements": (verify, "foreign_admits"),
    "planning": (plan, "make_plan"),
    "what was never in AWS": (plan, "never_in_aws"),
    "catching up": (outcome, "catch_up"),
    "noting": (outcome, "note_unrecorded"),
    "recording": (outcome, "converged"),
}


@pytest.mark.parametrize(("module", "function"), FAILING.values(), ids=FAILING.keys())
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "not even recorded"])
def test_an_error_nobody_thought_of_keeps_no_deny_from_aws(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, module: Any, function: str, recorded: bool
) -> None:
    # Only an imported role keeps an Allow of others, so only there is it judged.
    Role.objects.filter(pk=stage.role.pk).update(is_managed=function != "foreign_admits")
    grant, live = revoked(stage), stage.give()
    # On a managed role nothing of others stays that could admit anybody.
    Role.objects.filter(pk=stage.role.pk).update(is_managed=function != "foreign_admits")

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("year 57868 is out of range")

    with monkeypatch.context() as broken:
        broken.setattr(module, function, fail)
        if not recorded:
            broken.setattr(outcome, "failed", fail)
        stage.reconcile()
    assert is_denied(stage, grant)
    assert not is_denied(stage, live)
    if function != "note_unrecorded":
        assert stage.role.failures == 1
    assert stage.role.problem == "internal_error"
    assert "57868" not in stage.role.problem_text
    heal(stage)
    assert (state(grant, stage.clock()), state(live, stage.clock())) == ("ended", "active")
    assert stage.role.problem == ""


@pytest.mark.parametrize("actions_denied", [["GetRole"], ["GetRolePolicy"], ["GetRole", "GetRolePolicy"]])
def test_a_role_that_cannot_be_read_is_denied_by_the_id_on_record(stage: Stage, actions_denied: list[str]) -> None:
    first = stage.give()
    grant = revoked(stage)
    for action in actions_denied:
        stage.aws.fault(action, "error", role=stage.role.name, status=500)
    stage.reconcile()
    stage.aws.clear_faults()
    assert is_denied(stage, grant)
    held = (stage.closing() or {})["Statement"]
    assert any(f"{stage.role.unique_id}:{first.session_name}" in str(statement) for statement in held)
    assert (stage.role.problem, stage.role.failures) == ("aws_unavailable", 1)
    heal(stage)
    assert (state(grant, stage.clock()), state(first, stage.clock())) == ("ended", "active")


def test_the_id_is_on_record_before_the_first_write(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt wrote and could not record it; then the role can no longer be read."""
    Role.objects.filter(pk=stage.role.pk).update(unique_id="")
    grant = stage.give()
    with monkeypatch.context() as broken:
        broken.setattr(outcome, "converged", lambda *_, **__: 1 / 0)
        stage.reconcile()
    assert stage.can_assume(stage.richard_arn, grant.session_name)
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
    stage.aws.fault("GetRole", "error", role=stage.role.name, status=500)
    stage.reconcile()
    assert is_denied(stage, grant)


def test_what_others_put_into_the_expiry_policy_stays_where_the_role_cannot_be_read(stage: Stage) -> None:
    grant = revoked(stage)
    by_hand = {"Sid": "Hand", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
    body = [*(stage.closing() or {})["Statement"], by_hand]
    Role.objects.filter(pk=stage.role.pk).update(seen_closing={"Version": "2012-10-17", "Statement": body})
    for action in ("GetRole", "GetRolePolicy"):
        stage.aws.fault(action, "error", role=stage.role.name, status=500)
    stage.reconcile()
    stage.aws.clear_faults()
    assert is_denied(stage, grant)
    assert by_hand in (stage.closing() or {})["Statement"]


def test_room_that_somebody_took_since_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [stage.give() for _ in range(3)]
    grant = revoked(stage)
    fill_inline(stage, 10_240 - 1_100)
    Account.objects.update(trust_quota=8_192)
    others += [stage.give() for _ in range(5)]
    monkeypatch.setattr(verify, "check", lambda *_, **__: 1 / 0)
    stage.reconcile()
    assert is_denied(stage, grant)
    held = stage.closing()
    for other in others:
        user_id = f"{stage.role.unique_id}:{other.session_name}"
        assert denies(held, user_id, other.ends_at)


def test_a_lost_lease_writes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    revoked(stage)
    stage.aws.forget_calls()

    def taken_over(*_: Any, **__: Any) -> None:
        Role.objects.filter(pk=stage.role.pk).update(lease_holder="somebody else")
        stage.clock.forward(seconds=lease.length().total_seconds() / 2)
        raise ValueError

    monkeypatch.setattr(plan, "make_plan", taken_over)
    stage.reconcile()
    assert stage.writes(tried=True) == []
    assert stage.role.failures == 0
    assert stage.role.lease_holder == "somebody else"


def test_a_role_of_the_same_name_elsewhere_is_not_written_to(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    revoked(stage)
    stage.aws.forget_calls()
    elsewhere = Account.objects.create(account_id="999999999999", name="Elsewhere", issuer_arn="")
    Role.objects.filter(pk=stage.role.pk).update(account=elsewhere)
    stage.reconcile()
    assert stage.role.problem == "role_missing"
    assert stage.writes(tried=True) == []


class TestAnExpiryPolicyThatAwsDoesNotTake:
    """Its Deny cannot be written, so its statement goes all the same: nobody gets a new session by it."""

    def test_the_statement_of_a_revoked_grant_is_removed(self, stage: Stage) -> None:
        grant = stage.give()
        stage.reconcile()
        stage.aws.root().delete_role_permissions_boundary(RoleName=stage.role.name)
        actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
        stage.reconcile()
        assert_removed_and_not_ended(stage, grant)

    def test_and_that_of_one_that_expired(self, stage: Stage) -> None:
        grant = stage.give()
        stage.reconcile()
        stage.aws.root().delete_role_policy(RoleName=stage.role.name, PolicyName=CLOSING)
        stage.aws.root().delete_role_permissions_boundary(RoleName=stage.role.name)
        stage.clock.forward(hours=1)
        stage.reconcile()
        assert_removed_and_not_ended(stage, grant)

    @pytest.mark.parametrize("fault", ["error", "throttle"])
    def test_whatever_the_reason(self, stage: Stage, fault: str) -> None:
        grant = stage.give()
        stage.reconcile()
        stage.aws.fault("PutRolePolicy", fault, role=stage.role.name)
        actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
        stage.reconcile()
        assert_removed_and_not_ended(stage, grant)

    @pytest.mark.parametrize("managed", [True, False])
    def test_nobody_new_is_admitted_before_their_deny(self, stage: Stage, managed: bool) -> None:
        Role.objects.update(is_managed=managed)
        kept, grant = stage.give(), stage.give()
        stage.reconcile()
        stage.aws.fault("PutRolePolicy", "error", role=stage.role.name)
        new = stage.give()
        actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
        stage.reconcile()
        assert_removed_and_not_ended(stage, grant)
        assert new.session_name not in stage.sids()
        assert kept.session_name in stage.sids()
        heal(stage)
        assert state(grant, stage.clock()) == "ended"
        assert {state(kept, stage.clock()), state(new, stage.clock())} == {"active"}

    def test_a_strangers_allow_is_removed(self, stage: Stage) -> None:
        grant = stage.give()
        stage.reconcile()
        stage.aws.root().delete_role_policy(RoleName=stage.role.name, PolicyName=CLOSING)
        stage.edit_trust(*stage.trust()["Statement"], STRANGER)
        stage.aws.fault("PutRolePolicy", "error", role=stage.role.name)
        stage.reconcile()
        assert "Stranger" not in stage.sids()
        assert grant.session_name in stage.sids()


STRANGER = {
    "Sid": "Stranger",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}


def assert_removed_and_not_ended(stage: Stage, grant: Grant) -> None:
    """AWS shows the grant's statement no more, and nobody says that the grant has ended while its Deny is not there."""
    assert grant.session_name not in stage.sids()
    assert state(grant, stage.clock()) == "ending"
    assert stage.role.problem
