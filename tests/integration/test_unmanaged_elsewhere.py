"""Statements that nobody explains: of grants that are over, on imported, break-glass and overflow roles."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from access.actions import requests
from access.models import Grant, Role, RoleState, UnmanagedStatement
from access.reconcile import convergence
from tests import break_glass
from tests.factories import HOUR, SECOND
from tests.integration import test_overflow
from tests.integration.environment import DEFAULT_DENY, Environment, problem, state, sweeps
from tests.integration.refusing import EVENTS, failing
from tests.integration.test_overflow import create_grant, overflowing
from tests.integration.test_unmanaged import allow, deny, details

__all__ = ["overflowing"]  # a fixture
LOCK = DEFAULT_DENY["Statement"][0]


@pytest.fixture(params=[True, False], ids=["managed", "imported"])
def either(env: Environment, request: Any) -> Environment:
    Role.objects.update(is_managed=request.param)
    return env


def without_end(condition: dict[str, Any], _: Grant) -> None:
    del condition["DateLessThan"]


def with_the_end_moved(condition: dict[str, Any], grant: Grant) -> None:
    condition["DateLessThan"] = {"aws:CurrentTime": f"{grant.ends_at + SECOND:%Y-%m-%dT%H:%M:%SZ}"}


def with_two_ends(condition: dict[str, Any], _: Grant) -> None:
    condition["DateLessThan"]["aws:CurrentTime"] = [
        condition["DateLessThan"]["aws:CurrentTime"],
        "2099-01-01T00:00:00Z",
    ]


def with_an_end_in_another_form(condition: dict[str, Any], _: Grant) -> None:
    condition["DateLessThan"] = {"aws:CurrentTime": "1999"}


LOOSENED = [without_end, with_the_end_moved, with_two_ends, with_an_end_in_another_form]


@pytest.mark.parametrize("loosen", LOOSENED)
@pytest.mark.parametrize("is_over", [True, False])
def test_a_loosened_statement_of_a_grant_is_on_record_and_goes(
    either: Environment, loosen: Callable[[dict[str, Any], Grant], None], is_over: bool
) -> None:
    grant = either.create_grant()
    either.reconcile()
    mine = either.trust()["Statement"]
    (statement,) = [one for one in either.trust()["Statement"] if one["Sid"] == grant.session_name]
    loosen(statement["Condition"], grant)
    if is_over:
        either.clock.forward(hours=1)
    either.edit_trust(statement)
    either.reconcile()
    assert [one["sid"] for one in details("role.unmanaged_statement")] == [grant.session_name]
    assert [one["sid"] for one in details("role.statement_removed")] == [grant.session_name]
    assert either.trust()["Statement"] == (DEFAULT_DENY["Statement"] if is_over else mine)
    assert state(grant, either.clock()) == ("ended" if is_over else "active")
    sweeps(either, 2)
    assert len(details("role.unmanaged_statement")) == 1


class TestDeniesOfImportedRoles:
    @pytest.fixture
    def imported(self, env: Environment) -> Environment:
        Role.objects.update(is_managed=False)
        return env

    def test_one_that_was_there_first_is_its_owners(self, imported: Environment) -> None:
        RoleState.objects.update(observed_trust=None, observed_at=None)
        imported.edit_trust(LOCK, deny())
        imported.reconcile()
        sweeps(imported, 2)
        assert not UnmanagedStatement.objects.exists()

    def test_one_that_is_added_is_reported_once_and_kept(self, imported: Environment) -> None:
        imported.reconcile()
        grant = imported.create_grant()
        imported.reconcile()
        imported.edit_trust(*imported.trust()["Statement"], deny("222222222222"))
        sweeps(imported, 3)
        assert "Frozen" in imported.sids()
        assert [(one["sid"], one["kind"]) for one in details("role.unmanaged_statement")] == [("Frozen", "deny")]
        assert problem(grant)[0] == "blocked_by_deny"
        imported.edit_trust(*(one for one in imported.trust()["Statement"] if one["Sid"] != "Frozen"))
        sweeps(imported, 1)
        assert [one["sid"] for one in details("role.statement_gone")] == ["Frozen"]


class TestBreakGlass:
    @pytest.fixture
    def used(self, env: Environment) -> Grant:
        person = env.cast.mallory
        used = break_glass.new_grant(break_glass.policy(env.cast, person, now=env.clock()), person, now=env.clock())
        env.reconcile()
        grant = break_glass.grant_of(used)
        assert state(grant, env.clock()) == "active"
        return grant

    @pytest.mark.parametrize("sid", ["Debug", "own"])
    def test_an_allow_beside_it_goes_and_is_reported(self, env: Environment, used: Grant, sid: str) -> None:
        mine = env.trust()["Statement"]
        sid = used.session_name if sid == "own" else sid
        env.edit_trust(*(mine if sid == "Debug" else []), allow("222222222222", sid))
        sweeps(env, 1)
        assert env.trust()["Statement"] == mine
        assert [one["sid"] for one in details("role.statement_removed")] == [sid]
        assert state(used, env.clock()) == "active"

    def test_a_deny_of_it_stays_and_it_says_so(self, env: Environment, used: Grant) -> None:
        env.edit_trust(*env.trust()["Statement"], deny())
        sweeps(env, 1)
        assert "Frozen" in env.sids()
        assert problem(used)[0] == "blocked_by_deny"
        assert [one["kind"] for one in details("role.unmanaged_statement")] == ["deny"]

    def test_its_default_deny_statement_comes_back_beside_an_allow_after_the_end(
        self, env: Environment, used: Grant
    ) -> None:
        env.clock.forward(hours=1)
        env.reconcile()
        env.edit_trust(LOCK, allow("222222222222"))
        sweeps(env, 1)
        assert env.trust() == DEFAULT_DENY
        assert state(used, env.clock()) == "ended"


class TestOverflowRoles:
    @pytest.fixture
    def in_overflow(self, overflowing: Environment) -> tuple[Environment, Role]:
        """An overflow role that has grants."""
        for _ in range(8):
            create_grant(overflowing, ends_at=overflowing.clock() + HOUR)
        test_overflow.everything_is_reconciled(overflowing)
        role = Role.objects.exclude(overflow_of=None).get()
        assert role.grants.count()
        return overflowing, role

    def edit(self, env: Environment, role: Role, *added: dict[str, Any]) -> list[Any]:
        """Add statements to the overflow role by hand, and let a sweep go by; return what AWS has before and after."""
        iam = env.aws.root()
        before = iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]
        body = [*before["Statement"], *added]
        env.aws.root().update_assume_role_policy(
            RoleName=role.name, PolicyDocument=json.dumps({**before, "Statement": body})
        )
        env.clock.forward(seconds=30)
        convergence.role(role.pk, now=env.clock)
        after = iam.get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]
        return [before["Statement"], after["Statement"]]

    def test_an_allow_goes_and_is_reported(self, in_overflow: tuple[Environment, Role]) -> None:
        env, role = in_overflow
        before, after = self.edit(env, role, allow("222222222222"))
        assert after == before
        (found,) = UnmanagedStatement.objects.all()
        assert (found.role, found.outcome) == (role, "removed")

    def test_a_deny_stays_and_blocks_its_grants(self, in_overflow: tuple[Environment, Role]) -> None:
        env, role = in_overflow
        _, after = self.edit(env, role, deny())
        assert "Frozen" in [one["Sid"] for one in after]
        assert {problem(grant)[0] for grant in role.grants.all()} == {"blocked_by_deny"}
        (found,) = UnmanagedStatement.objects.all()
        assert (found.role, found.kind) == (role, "deny")

    def test_a_revocation_gets_through_beside_both(self, in_overflow: tuple[Environment, Role]) -> None:
        env, role = in_overflow
        grant = role.grants.all()[0]
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        _, after = self.edit(env, role, allow("222222222222"), deny())
        assert grant.session_name not in [one["Sid"] for one in after]
        assert "Debug" not in [one["Sid"] for one in after]
        assert state(grant, env.clock()) == "ended"


def test_recovering_an_earlier_write_keeps_no_deny_back_while_the_audit_log_fails(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    RoleState.objects.update(write_intent={"trust": DEFAULT_DENY, "expiry_policy": None})
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    with failing(EVENTS):
        env.reconcile()
    assert grant.session_name not in env.sids()
    assert grant.session_name in str(env.expiry_policy())
    assert "PutRolePolicy" in env.writes()
