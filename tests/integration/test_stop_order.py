"""Of all roles that a stop ends access on, every Deny is written before any trust policy."""

import json
from typing import Any

import pytest
from django.db import DatabaseError

from access import endings, tasks
from access.actions import requests, stopping
from access.actions.stop_targets import Target
from access.ledger import role_states
from access.models import Grant, Role
from access.reconcile import convergence, due, stop_order
from access.rules.stopping import Scope
from tests import factories
from tests.factories import BOUNDARY_ARN
from tests.integration.conftest import Enqueued
from tests.integration.environment import DEFAULT_DENY, WRITES, Environment, state
from tests.patching import replace

DENY, TRUST = "PutRolePolicy", "UpdateAssumeRolePolicy"


@pytest.fixture
def roles(env: Environment) -> list[Role]:
    """Return three roles of one account, each with a grant of Richard's in AWS."""
    made = [env.role, *(another(env) for _ in range(2))]
    for role in made:
        env.create_grant(role=role)
        convergence.role(role.pk, now=env.clock)
    return made


def another(env: Environment) -> Role:
    name = env.aws.fresh("more")
    env.aws.root().create_role(
        RoleName=name,
        Path="/daypass/",
        AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY),
        PermissionsBoundary=BOUNDARY_ARN,
        Tags=[{"Key": "managed-by", "Value": "daypass"}],
    )
    role = factories.role(name, unique_id="")
    role.approvers.add(env.cast.alice)
    role.contractors.add(env.cast.richard.contractor)
    return role


def stop(env: Environment) -> None:
    stopping.stop(
        by=env.cast.ada, target=Target(Scope.ACCOUNT, env.role.account), reason="An incident.", now=env.clock()
    )


def writes(env: Environment, roles: list[Role]) -> list[tuple[str, str]]:
    """Return the worker's writes to these roles as name and action, in order, without those that gave access."""
    names = {role.name for role in roles}
    made = [
        (call["params"]["RoleName"], call["action"])
        for call in env.aws.calls()
        if call["action"] in WRITES and call["params"]["RoleName"] in names and "daypass-worker" in call["caller"]
    ]
    return made[2 * len(roles) :]


def actions(env: Environment, roles: list[Role]) -> list[str]:
    return [action for _, action in writes(env, roles)]


def are_ended(env: Environment) -> bool:
    return all(state(grant, env.clock()) == "ended" for grant in Grant.objects.all())


def test_every_deny_is_written_before_any_trust_policy(
    env: Environment, roles: list[Role], enqueued: list[Enqueued]
) -> None:
    stop(env)
    messages = [role.pk for role in roles]
    while messages:
        enqueued.clear()
        tasks.reconcile_role(messages.pop(0))
        messages += [one.role_id for one in enqueued]
        assert {one.queue for one in enqueued} <= {"urgent"}
    assert actions(env, roles) == [DENY] * 3 + [TRUST] * 3
    assert are_ended(env)


def test_two_workers_that_finish_at_the_same_time_leave_no_role_waiting(
    env: Environment, roles: list[Role], enqueued: list[Enqueued], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(env)
    for role in roles[:2]:
        convergence.role(role.pk, now=env.clock)
    enqueued.clear()
    replace(monkeypatch, stop_order._waits, lambda *_, **__: True)  # as one sees it before the other commits
    tasks.reconcile_role(roles[2].pk)
    assert {one.role_id for one in enqueued} == {role.pk for role in roles}


def test_after_the_worker_died_sweeps_find_the_denies_first_and_then_the_trust_policies(
    env: Environment, roles: list[Role], enqueued: list[Enqueued]
) -> None:
    stop(env)
    convergence.role(roles[0].pk, now=env.clock)  # and then its worker dies
    enqueued.clear()
    missing = due.due(now=env.clock())
    assert set(missing) == {roles[1].pk, roles[2].pk}
    for pk in missing:
        convergence.role(pk, now=env.clock)
    for pk in due.due(now=env.clock()):
        convergence.role(pk, now=env.clock)
    assert actions(env, roles) == [DENY] * 3 + [TRUST] * 3
    assert are_ended(env)


def test_without_the_queue_the_order_is_the_same(env: Environment, roles: list[Role]) -> None:
    stop(env)
    assert endings.end_once(now=env.clock) == 3
    assert actions(env, roles) == [DENY] * 3 + [TRUST] * 3
    assert are_ended(env)


def test_a_role_that_waits_costs_no_call_to_aws(env: Environment, roles: list[Role]) -> None:
    stop(env)
    convergence.role(roles[0].pk, now=env.clock)
    before = len(env.aws.calls())
    convergence.role(roles[0].pk, now=env.clock)
    assert len(env.aws.calls()) == before


def test_a_role_that_fails_delays_no_other_one(env: Environment, roles: list[Role], enqueued: list[Enqueued]) -> None:
    env.aws.fault("PutRolePolicy", "error", status=403, code="AccessDenied", role=roles[2].name)
    stop(env)
    enqueued.clear()
    for role in roles:
        tasks.reconcile_role(role.pk)
    assert {one.role_id for one in enqueued} >= {roles[0].pk, roles[1].pk}
    for role in roles[:2]:
        convergence.role(role.pk, now=env.clock)
    done = [name for name, action in writes(env, roles) if action == TRUST]
    assert done[-2:] == [roles[0].name, roles[1].name]


def test_a_role_that_aws_throttles_is_waited_for(env: Environment, roles: list[Role]) -> None:
    stop(env)
    factories.update_roles(
        Role.objects.filter(pk=roles[2].pk), failures=1, problem="aws_throttled", problem_code="aws_throttled"
    )
    for role in roles[:2]:
        convergence.role(role.pk, now=env.clock)
    assert actions(env, roles) == [DENY, DENY]


def test_another_revocation_does_not_wait(env: Environment, roles: list[Role]) -> None:
    other = env.create_grant(role=roles[0], principal_arn=env.contractor_user(env.aws.fresh("Ron")))
    convergence.role(roles[0].pk, now=env.clock)
    requests.revoke(by=env.cast.alice, grant=other, reason="Enough.", now=env.clock())
    stop(env)
    convergence.role(roles[0].pk, now=env.clock)
    assert state(other, env.clock()) == "ended"


def test_no_trust_policy_waits_longer_than_ten_minutes(env: Environment, roles: list[Role]) -> None:
    stop(env)
    convergence.role(roles[0].pk, now=env.clock)
    env.clock.forward(minutes=9)
    convergence.role(roles[0].pk, now=env.clock)
    assert actions(env, roles) == [DENY]
    env.clock.forward(minutes=2)
    convergence.role(roles[0].pk, now=env.clock)
    assert actions(env, roles) == [DENY, TRUST]


def test_a_role_ends_all_access_if_nobody_knows_whether_it_has_to_wait(
    env: Environment, roles: list[Role], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> bool:
        raise DatabaseError

    stop(env)
    replace(monkeypatch, role_states.store_denied, fail)
    convergence.role(roles[0].pk, now=env.clock)
    assert actions(env, roles) == [DENY, TRUST]
