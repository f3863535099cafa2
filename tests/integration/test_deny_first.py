"""A Deny waits for no answer of the audit log: what asks it comes after the Denies are in AWS."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from access.actions import requests
from access.ledger.chaining import takes_events
from access.ledger.unmanaged import find_statement
from access.models import Grant, RoleState, UnmanagedStatement
from access.reconcile import convergence
from tests import factories
from tests.integration.environment import Environment, state
from tests.integration.test_revocation_in_aws import is_denied
from tests.integration.test_unmanaged import allow
from tests.patching import replace

Asked = Callable[..., Any]


@pytest.fixture
def revoked(env: Environment) -> Grant:
    """Return a grant that is in AWS, and revoked since."""
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())
    return grant


def watched(monkeypatch: pytest.MonkeyPatch, real: Asked, look: Callable[[], bool]) -> list[bool]:
    """Return what `look` sees each time this function of the ledger is called."""
    seen: list[bool] = []

    def watching(*args: Any, **how: Any) -> Any:
        seen.append(look())
        return real(*args, **how)

    replace(monkeypatch, real, watching)
    return seen


def test_a_role_with_a_revoked_and_a_new_grant_is_denied_first(
    env: Environment, revoked: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Ron")))
    seen = watched(
        monkeypatch, takes_events, lambda: is_denied(env, revoked) and revoked.session_name not in env.sids()
    )
    env.reconcile()
    assert seen == [True]
    assert state(new, env.clock()) == "active"
    assert env.sids() == [new.session_name]
    assert env.writes()[2:] == ["PutRolePolicy", "UpdateAssumeRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_a_role_with_a_revoked_and_an_extended_grant_is_denied_first(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants = [env.create_grant(), env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Ron")))]
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grants[0], reason="Enough.", now=env.clock())
    later = grants[1].ends_at + (grants[1].ends_at - grants[1].starts_at)
    factories.move_end(grants[1], later)
    seen = watched(monkeypatch, takes_events, lambda: is_denied(env, grants[0]))
    env.reconcile()
    assert seen == [True]
    assert not is_denied(env, grants[1])


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_a_grant_that_ended_before_it_was_in_aws_needs_no_write_of_its_own(env: Environment, how: str) -> None:
    new, over = env.create_grant(), env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Ron")))
    if how == "revoked":
        requests.revoke(by=env.cast.alice, grant=over, reason="Enough.", now=env.clock())
    else:
        Grant.objects.filter(pk=over.pk).update(ends_at=over.starts_at + timedelta(minutes=1))
        env.clock.forward(minutes=2)
    env.reconcile()
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert (state(new, env.clock()), state(over, env.clock())) == ("active", "ended")
    assert env.sids() == [new.session_name]
    assert is_denied(env, over)


def test_a_grant_whose_statement_might_have_been_sent_is_denied_first(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.reconcile()
    over = env.create_grant()
    before = {"trust": env.trust(), "expiry_policy": None}  # as a worker leaves it that died while it wrote
    requests.revoke(by=env.cast.alice, grant=over, reason="Enough.", now=env.clock())
    env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Ron")))
    RoleState.objects.update(write_intent=before)
    seen = watched(monkeypatch, takes_events, lambda: is_denied(env, over))
    env.reconcile()
    assert seen == [True]


def test_while_the_audit_log_fails_a_revoked_grant_is_denied_and_a_new_one_waits(
    env: Environment, revoked: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Ron")))
    replace(monkeypatch, takes_events, lambda **_: False)
    env.reconcile()
    assert is_denied(env, revoked)
    assert env.sids() == ["dpclosed"]
    assert Grant.objects.get(pk=new.pk).problem == "audit_unavailable"


def test_an_unmanaged_statement_goes_on_record_after_the_deny_and_before_it_is_removed(
    env: Environment, revoked: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.edit_trust(*env.trust()["Statement"], allow(env.contractor_user(env.aws.fresh("Mallory"))))
    seen = watched(monkeypatch, find_statement, lambda: is_denied(env, revoked) and "Debug" in env.sids())
    env.reconcile()
    assert seen == [True]
    assert env.sids() == ["dpclosed"]


def test_an_unmanaged_statement_goes_on_record_even_if_the_deny_is_refused(env: Environment, revoked: Grant) -> None:
    env.edit_trust(*env.trust()["Statement"], allow(env.contractor_user(env.aws.fresh("Mallory"))))
    env.aws.fault("PutRolePolicy", "error", status=403, code="AccessDenied", role=env.role.name)
    convergence.role(env.role.pk, now=env.clock)
    assert [one.sid for one in UnmanagedStatement.objects.all()] == ["Debug"]
