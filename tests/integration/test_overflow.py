"""A full role overflows into numbered overflow roles, which the builder makes and removes."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from access import admission
from access.actions import deciding, requests
from access.actions.contents import new_grant
from access.catalogue import changes
from access.ledger.conflicts import Conflict
from access.lifecycle import GrantState
from access.models import Account, Grant, Role, RoleState
from access.reconcile import convergence, due
from tests import factories
from tests.integration import pages
from tests.integration.environment import Environment, problem, state
from tests.integration.ritas import Rita
from tests.refusals import refusing
from tests.slices import times

pytestmark = pytest.mark.django_db
OTHERS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
GRANTS = int(os.environ.get("GRANTS") or times(60, 200))


@pytest.fixture
def overflowing(env: Environment) -> Environment:
    """Return a role that overflows, in an account that has the boundary."""
    Account.objects.update(boundary_arn=factories.BOUNDARY_ARN)
    Role.objects.filter(pk=env.role.pk).update(allows_overflow=True, permissions_name="", largest_share=100)
    return env


def create_grant(env: Environment, **different: Any) -> Grant:
    """Return a grant of Richard's, approved by Alice, in whichever role has capacity."""
    wishes = {"principal_arn": env.richard_arn, **different}
    request = factories.ask(env.cast, now=env.clock(), **wishes)
    place = admission.find_placement(request.role, new_grant(request, now=env.clock()).facts(), now=env.clock())
    deciding.approve(
        by=env.cast.alice,
        request=request,
        content_hash=request.content_hash,
        role_arn=place.role.arn,
        now=env.clock(),
    )
    return Grant.objects.get(request=request)


def given_in_an_overflow_role(rita: Rita) -> Grant:
    """Return Rita's grant in an overflow role, since the role itself is full."""
    Account.objects.update(boundary_arn=factories.BOUNDARY_ARN)
    Role.objects.filter(pk=rita.env.role.pk).update(allows_overflow=True, permissions_name="", largest_share=100)
    for _ in range(6):
        create_grant(rita.env)
    grant = create_grant(rita.env, by=rita.env.cast.rita, principal_arn="")
    assert grant.role.overflow_of == rita.env.role
    everything_is_reconciled(rita.env)
    return grant


def everything_is_reconciled(env: Environment) -> list[Role]:
    roles = list(Role.objects.filter(account=env.role.account))
    for role in roles:
        convergence.role(role.pk, now=env.clock)
    return roles


def is_in_aws(env: Environment, role: Role) -> bool:
    try:
        env.aws.root().get_role(RoleName=role.name)
    except ClientError:
        return False
    return True


def test_many_grants_of_one_role_all_become_active_in_overflow_roles(
    overflowing: Environment,
) -> None:
    for _ in range(GRANTS):
        create_grant(overflowing)
    roles = everything_is_reconciled(overflowing)
    overflowing.clock.forward(seconds=5)
    states = {grant.state(now=overflowing.clock()) for grant in Grant.objects.all()}
    assert states == {GrantState.ACTIVE}
    assert len(roles) >= GRANTS // 6
    assert all(is_in_aws(overflowing, role) for role in roles)
    names = {role.name for role in roles} - {overflowing.role.name}
    assert names == {f"{overflowing.role.name}-{number}" for number in range(2, len(roles) + 1)}


def test_an_empty_overflow_role_is_deleted_and_made_again_when_needed(
    overflowing: Environment,
) -> None:
    grants = [create_grant(overflowing) for _ in range(6)]
    everything_is_reconciled(overflowing)
    overflow_role = Role.objects.get(overflow_of=overflowing.role)
    for grant in grants:
        if grant.role_id == overflow_role.pk:
            requests.revoke(by=overflowing.cast.alice, grant=grant, reason="done", now=overflowing.clock())
    everything_is_reconciled(overflowing)
    assert is_in_aws(overflowing, overflow_role), "its sessions may be alive for hours"
    overflowing.clock.forward(hours=15)
    everything_is_reconciled(overflowing)
    assert not is_in_aws(overflowing, overflow_role)
    for _ in range(6):
        create_grant(overflowing)
    everything_is_reconciled(overflowing)
    assert is_in_aws(overflowing, overflow_role)
    assert Role.objects.filter(overflow_of=overflowing.role).count() == 1


def idle_overflow_role(env: Environment) -> Role:
    """Return an overflow role in AWS whose only access ended so long ago that nothing needs it any more."""
    grants = [create_grant(env) for _ in range(6)]
    everything_is_reconciled(env)
    overflow_role = Role.objects.select_related("account").get(overflow_of=env.role)
    for grant in grants:
        if grant.role_id == overflow_role.pk:
            requests.revoke(by=env.cast.alice, grant=grant, reason="done", now=env.clock())
    convergence.role(overflow_role.pk, now=env.clock)
    env.clock.forward(hours=15)
    return overflow_role


def test_an_overflow_role_whose_deletion_failed_first_is_not_touched_after_it_succeeds(
    overflowing: Environment,
) -> None:
    overflow_role = idle_overflow_role(overflowing)
    overflowing.aws.fault("DeleteRole", "error", status=403, code="AccessDenied", role=overflow_role.name)
    convergence.role(overflow_role.pk, now=overflowing.clock)
    assert Role.objects.get(pk=overflow_role.pk).state.problem == "aws_denied"
    overflowing.aws.clear_faults()
    convergence.role(overflow_role.pk, now=overflowing.clock)
    assert not is_in_aws(overflowing, overflow_role)
    assert overflow_role.pk not in due.due(now=overflowing.clock())
    assert Role.objects.get(pk=overflow_role.pk).state.problem == ""


def test_permissions_that_change_while_an_overflow_role_is_deleted_leave_it_in_sync(
    overflowing: Environment,
) -> None:
    overflow_role = idle_overflow_role(overflowing)
    convergence.role(overflow_role.pk, now=overflowing.clock)
    fields = {"description": "Uploads of another kind."}
    changes.change(by=overflowing.cast.ada, role=overflowing.role, fields=fields, now=overflowing.clock())
    convergence.role(overflow_role.pk, now=overflowing.clock)
    assert not is_in_aws(overflowing, overflow_role)
    assert overflow_role.pk not in due.due(now=overflowing.clock())


def test_the_permissions_of_an_overflow_role_are_read_when_it_is_made_again(overflowing: Environment) -> None:
    overflow_role = idle_overflow_role(overflowing)
    RoleState.objects.filter(pk=overflow_role.pk).update(
        can_bypass_expiry=["iam:*"], permissions_read_at=overflowing.clock()
    )
    convergence.role(overflow_role.pk, now=overflowing.clock)
    is_away = Role.objects.get(pk=overflow_role.pk)
    assert (is_away.state.can_bypass_expiry, is_away.state.permissions_read_at) == ([], None)


def test_not_knowing_whether_an_overflow_role_exists_is_a_problem_like_any_other(
    overflowing: Environment,
) -> None:
    overflow_role = idle_overflow_role(overflowing)
    for action in ("DeleteRole", "ListRoles"):
        overflowing.aws.fault(action, "error", status=403, code="AccessDenied")
    convergence.role(overflow_role.pk, now=overflowing.clock)
    left = Role.objects.get(pk=overflow_role.pk)
    assert (left.state.problem, left.state.failures, left.to_build) == ("aws_denied", 1, False)


def test_rita_uses_an_overflow_role_by_the_access_methods_of_the_requested_role(rita: Rita) -> None:
    grant = given_in_an_overflow_role(rita)
    arn = rita.aws.as_(rita.gets(grant), "sts").get_caller_identity()["Arn"]
    assert arn.endswith(f":assumed-role/{grant.role.name}/{grant.session_name}")
    assert rita.opens_console(grant).status_code == 302
    Role.objects.filter(pk=rita.env.role.pk).update(allows_portal_issued=False, live_sessions=1)
    assert rita.asks(grant).status_code == 409
    assert "too_many_open_sessions" in pages.codes(rita.opens_console(grant))


@pytest.mark.parametrize("tags", [[], [{"Key": "managed-by", "Value": "daypass"}]], ids=["plain", "without boundary"])
def test_another_role_with_the_name_of_an_overflow_role_is_not_touched(
    overflowing: Environment, tags: list[dict[str, str]]
) -> None:
    iam, name, policy = overflowing.aws.root(), f"{overflowing.role.name}-2", json.dumps(OTHERS)
    iam.create_role(RoleName=name, Path="/daypass/", AssumeRolePolicyDocument=policy, Tags=tags)
    Role.objects.update(permissions_name=overflowing.aws.fresh("put"))
    grants = [create_grant(overflowing) for _ in range(6)]
    everything_is_reconciled(overflowing)
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == OTHERS
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    assert problem(grants[-1])[0] == "policy_refused"
    assert problem(grants[-1])[1] == "aws_role_not_ours"
    iam.delete_role(RoleName=name)
    overflowing.clock.forward(minutes=2)
    everything_is_reconciled(overflowing)
    assert state(grants[-1], overflowing.clock()) == "active"


def test_an_approval_of_a_page_that_showed_another_role_is_stale(overflowing: Environment) -> None:
    request = factories.ask(overflowing.cast, now=overflowing.clock(), principal_arn=overflowing.richard_arn)
    with pytest.raises(Conflict):
        deciding.approve(
            by=overflowing.cast.alice,
            request=request,
            content_hash=request.content_hash,
            role_arn=f"{overflowing.role.arn}-2",
            now=overflowing.clock(),
        )
    assert not Grant.objects.exists()


def test_without_overflow_roles_a_full_role_refuses_requests_but_still_ends_grants(overflowing: Environment) -> None:
    Role.objects.filter(pk=overflowing.role.pk).update(allows_overflow=False)
    grants = [create_grant(overflowing) for _ in range(5)]
    with refusing("role_full"):
        create_grant(overflowing)
    overflowing.reconcile()
    requests.revoke(
        by=overflowing.cast.alice, grant=grants[0], reason="room", now=overflowing.clock() + timedelta(seconds=5)
    )
    overflowing.clock.forward(seconds=6)
    overflowing.reconcile()
    assert grants[0].session_name not in overflowing.sids()
    create_grant(overflowing)
