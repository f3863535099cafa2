"""A fallback and the record of a failure, when the clocks differ or cannot be read."""

from datetime import timedelta
from typing import Any, NoReturn

import pytest
from django.db import DatabaseError

from access import clock
from access.actions import requests
from access.models import Role
from access.reconcile import convergence, daily_refresh, failing, outcome, plan
from tests.faults.oracle import denies
from tests.integration.environment import Environment


def fails(*_: Any, **__: Any) -> NoReturn:
    raise DatabaseError("the server closed the connection unexpectedly")


def test_a_database_clock_that_is_ahead_ends_no_grant_early(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    live, revoked = env.create_grant(), env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Ron")))
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=revoked, reason="Enough.", now=env.clock())
    right = env.clock()
    env.clock.forward(hours=2)
    behind = timedelta(hours=-2)
    monkeypatch.setattr(clock, "offsets", lambda: clock.Offsets(behind, behind))
    monkeypatch.setattr(plan, "make_plan", fails)
    convergence.role(env.role.pk, now=env.clock)
    assert env.role.state.failures == 1
    assert denies(env.expiry_policy(), f"{env.role.unique_id}:{revoked.session_name}", right)
    user_id = f"{env.role.unique_id}:{live.session_name}"
    assert not denies(env.expiry_policy(), user_id, live.ends_at - timedelta(seconds=1))
    assert denies(env.expiry_policy(), user_id, live.ends_at)


def test_clocks_that_cannot_be_compared_block_no_deny(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())
    monkeypatch.setattr(clock, "offsets", fails)
    convergence.role(env.role.pk, now=env.clock)
    assert denies(env.expiry_policy(), f"{env.role.unique_id}:{grant.session_name}", env.clock())


def test_a_failure_is_recorded_as_far_as_possible_while_the_time_is_unknown(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing.record_failure(env.role, ValueError("What it failed with."), now=fails)
    monkeypatch.setattr(outcome, "failed", fails)
    failing.record_failure(env.role, ValueError("What it failed with."), now=env.clock)
    assert env.role.state.failures == 1


def test_the_daily_reads_do_not_end_the_sweep_while_the_time_is_unknown(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Role] = []
    monkeypatch.setattr(convergence, "_synchronize", lambda *_, **__: env.role)
    monkeypatch.setattr(daily_refresh, "read_permissions", lambda row, **_: read.append(row))
    convergence.role(env.role.pk, now=fails)
    assert read == []
    convergence.role(env.role.pk, now=env.clock)
    assert read == [env.role]
