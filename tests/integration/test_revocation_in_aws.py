"""A revocation gets into AWS itself, whatever is in the role's trust policy and whatever fails."""

import json
from typing import Any

import pytest
from django.utils import timezone

from access import aws, verify
from access.actions import requests
from access.models import Account, Grant, Role, RoleState
from access.reconcile import lease, outcome, plan
from tests.factories import CONTRACTOR_ACCOUNT
from tests.faults.oracle import denies
from tests.integration import odd
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment, heal, state
from tests.integration.test_reconcile_unmanaged import fill_inline


@pytest.fixture
def imported(env: Environment) -> Environment:
    Role.objects.filter(pk=env.role.pk).update(is_managed=False)
    return env


def revoked(env: Environment) -> Grant:
    """Return a grant that was active and has just been revoked."""
    grant = env.create_grant()
    env.reconcile()
    assert env.can_assume(env.richard_arn, grant.session_name)
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    return grant


def is_denied(env: Environment, grant: Grant) -> bool:
    return denies(env.expiry_policy(), f"{env.role.unique_id}:{grant.session_name}", timezone.now())


@pytest.mark.parametrize("condition", odd.TAKEN.values(), ids=odd.TAKEN.keys())
def test_an_undecidable_unmanaged_statement_blocks_no_end(imported: Environment, condition: dict[str, Any]) -> None:
    grant, other = revoked(imported), imported.create_grant(by=imported.cast.rita, principal_arn="")
    unmanaged = odd.statement(condition)
    asked = {"StringEquals": condition.get("StringEquals", {}) | {"sts:ExternalId": "known-to-nobody"}}
    imported.edit_trust(*imported.trust()["Statement"], {**unmanaged, "Condition": condition | asked})
    imported.reconcile()
    assert state(grant, imported.clock()) == "ended"
    assert is_denied(imported, grant)
    assert not imported.can_assume(imported.richard_arn, grant.session_name)
    assert "Odd" in imported.sids()
    assert state(other, imported.clock()) == "active"


FAILING = {
    "snapshot": (aws, "read_role"),
    "judging": (verify, "check"),
    "judging unmanaged statements": (verify, "unmanaged_admits"),
    "planning": (plan, "make_plan"),
    "what was never in AWS": (plan, "never_in_aws"),
    "catching up": (outcome, "recover"),
    "noting": (outcome, "record_write_intent"),
    "recording": (outcome, "converged"),
}


@pytest.mark.parametrize(("module", "function"), FAILING.values(), ids=FAILING.keys())
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "not even recorded"])
def test_an_unexpected_error_blocks_no_deny(
    env: Environment, monkeypatch: pytest.MonkeyPatch, module: Any, function: str, recorded: bool
) -> None:
    # Only an imported role keeps an Allow of others, so only there is it judged.
    Role.objects.filter(pk=env.role.pk).update(is_managed=function != "unmanaged_admits")
    grant, live = revoked(env), env.create_grant()
    # On a managed role nothing of others stays that could admit anybody.
    Role.objects.filter(pk=env.role.pk).update(is_managed=function != "unmanaged_admits")

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("year 57868 is out of range")

    with monkeypatch.context() as broken:
        broken.setattr(module, function, fail)
        if not recorded:
            broken.setattr(outcome, "failed", fail)
        env.reconcile()
    assert is_denied(env, grant)
    assert not is_denied(env, live)
    if function != "record_write_intent":
        assert env.role.state.failures == 1
    assert env.role.state.problem == "internal_error"
    assert "57868" not in json.dumps(env.role.state.problem_facts)
    heal(env)
    assert (state(grant, env.clock()), state(live, env.clock())) == ("ended", "active")
    assert env.role.state.problem == ""


@pytest.mark.parametrize("actions_denied", [["GetRole"], ["GetRolePolicy"], ["GetRole", "GetRolePolicy"]])
def test_a_role_that_cannot_be_read_is_denied_by_the_id_on_record(env: Environment, actions_denied: list[str]) -> None:
    first = env.create_grant()
    grant = revoked(env)
    for action in actions_denied:
        env.aws.fault(action, "error", role=env.role.name, status=500)
    env.reconcile()
    env.aws.clear_faults()
    assert is_denied(env, grant)
    held = (env.expiry_policy() or {})["Statement"]
    assert any(f"{env.role.unique_id}:{first.session_name}" in str(statement) for statement in held)
    assert (env.role.state.problem, env.role.state.failures) == ("aws_unavailable", 1)
    heal(env)
    assert (state(grant, env.clock()), state(first, env.clock())) == ("ended", "active")


def test_the_id_is_on_record_before_the_first_write(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt wrote and could not record it; then the role can no longer be read."""
    Role.objects.filter(pk=env.role.pk).update(unique_id="")
    grant = env.create_grant()
    with monkeypatch.context() as broken:
        broken.setattr(outcome, "converged", lambda *_, **__: 1 / 0)
        env.reconcile()
    assert env.can_assume(env.richard_arn, grant.session_name)
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    env.aws.fault("GetRole", "error", role=env.role.name, status=500)
    env.reconcile()
    assert is_denied(env, grant)


def test_unmanaged_denies_stay_where_the_role_cannot_be_read(env: Environment) -> None:
    grant = revoked(env)
    by_hand = {"Sid": "Hand", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
    body = [*(env.expiry_policy() or {})["Statement"], by_hand]
    RoleState.objects.filter(pk=env.role.pk).update(observed_expiry_policy={"Version": "2012-10-17", "Statement": body})
    for action in ("GetRole", "GetRolePolicy"):
        env.aws.fault(action, "error", role=env.role.name, status=500)
    env.reconcile()
    env.aws.clear_faults()
    assert is_denied(env, grant)
    assert by_hand in (env.expiry_policy() or {})["Statement"]


def test_capacity_used_by_others_since_is_found(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [env.create_grant() for _ in range(3)]
    grant = revoked(env)
    fill_inline(env, 10_240 - 1_100)
    Account.objects.update(trust_quota=8_192)
    others += [env.create_grant() for _ in range(5)]
    monkeypatch.setattr(verify, "check", lambda *_, **__: 1 / 0)
    env.reconcile()
    assert is_denied(env, grant)
    held = env.expiry_policy()
    for other in others:
        user_id = f"{env.role.unique_id}:{other.session_name}"
        assert denies(held, user_id, other.ends_at)


def test_a_lost_lease_writes_nothing(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    revoked(env)
    env.aws.forget_calls()

    def taken_over(*_: Any, **__: Any) -> None:
        RoleState.objects.filter(pk=env.role.pk).update(lease_holder="somebody else")
        env.clock.forward(seconds=lease.length().total_seconds() / 2)
        raise ValueError

    monkeypatch.setattr(plan, "make_plan", taken_over)
    env.reconcile()
    assert env.writes(tried=True) == []
    assert env.role.state.failures == 0
    assert env.role.state.lease_holder == "somebody else"


def test_a_role_of_the_same_name_elsewhere_is_not_written_to(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    revoked(env)
    env.aws.forget_calls()
    elsewhere = Account.objects.create(account_id="999999999999", name="Elsewhere", issuer_arn="")
    Role.objects.filter(pk=env.role.pk).update(account=elsewhere)
    env.reconcile()
    assert env.role.state.problem == "role_missing"
    assert env.writes(tried=True) == []


class TestAnExpiryPolicyThatAwsDoesNotTake:
    """Its Deny cannot be written, so its statement goes all the same: nobody gets a new session by it."""

    def test_the_statement_of_a_revoked_grant_is_removed(self, env: Environment) -> None:
        grant = env.create_grant()
        env.reconcile()
        env.aws.root().delete_role_permissions_boundary(RoleName=env.role.name)
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.reconcile()
        assert_removed_and_not_ended(env, grant)

    def test_the_statement_of_an_expired_grant_is_removed(self, env: Environment) -> None:
        grant = env.create_grant()
        env.reconcile()
        env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME)
        env.aws.root().delete_role_permissions_boundary(RoleName=env.role.name)
        env.clock.forward(hours=1)
        env.reconcile()
        assert_removed_and_not_ended(env, grant)

    @pytest.mark.parametrize("fault", ["error", "throttle"])
    def test_the_statement_is_removed_whatever_the_reason(self, env: Environment, fault: str) -> None:
        grant = env.create_grant()
        env.reconcile()
        env.aws.fault("PutRolePolicy", fault, role=env.role.name)
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.reconcile()
        assert_removed_and_not_ended(env, grant)

    @pytest.mark.parametrize("managed", [True, False])
    def test_nobody_new_is_admitted_before_their_deny(self, env: Environment, managed: bool) -> None:
        Role.objects.update(is_managed=managed)
        kept, grant = env.create_grant(), env.create_grant()
        env.reconcile()
        env.aws.fault("PutRolePolicy", "error", role=env.role.name)
        new = env.create_grant()
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.reconcile()
        assert_removed_and_not_ended(env, grant)
        assert new.session_name not in env.sids()
        assert kept.session_name in env.sids()
        heal(env)
        assert state(grant, env.clock()) == "ended"
        assert {state(kept, env.clock()), state(new, env.clock())} == {"active"}

    def test_an_unmanaged_allow_is_removed(self, env: Environment) -> None:
        grant = env.create_grant()
        env.reconcile()
        env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME)
        env.edit_trust(*env.trust()["Statement"], STRANGER)
        env.aws.fault("PutRolePolicy", "error", role=env.role.name)
        env.reconcile()
        assert "Stranger" not in env.sids()
        assert grant.session_name in env.sids()


STRANGER = {
    "Sid": "Stranger",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}


def assert_removed_and_not_ended(env: Environment, grant: Grant) -> None:
    """Assert that AWS no longer shows the statement, and that the grant is not called ended without its Deny."""
    assert grant.session_name not in env.sids()
    assert state(grant, env.clock()) == "ending"
    assert env.role.state.problem
