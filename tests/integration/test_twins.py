"""A full role spills into numbered twins, which the builder makes and takes away."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connection

from access import actions, admission, catalogue, reconcile
from access.ledger import Conflict
from access.lifecycle import GrantState
from access.models import Account, Grant, Role
from access.rules import Refused
from tests import factories
from tests.integration import pages
from tests.integration.ritas import Rita
from tests.integration.stage import Stage, problem, state

pytestmark = pytest.mark.django_db
OTHERS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
# The full count on PostgreSQL; on SQLite the same with a few.
GRANTS = int(os.environ.get("GRANTS", "200" if connection.vendor == "postgresql" else "12"))


@pytest.fixture
def spilling(stage: Stage) -> Stage:
    """A role that spills, in an account that has the boundary."""
    Account.objects.update(boundary_arn=factories.BOUNDARY_ARN)
    Role.objects.filter(pk=stage.role.pk).update(spills=True, permissions_name="", largest_share=100)
    return stage


def give(stage: Stage, **different: Any) -> Grant:
    """Richard asks and Alice approves in whichever role has room."""
    wishes = {"principal_arn": stage.richard_arn, **different}
    request = factories.ask(stage.cast, now=stage.clock(), **wishes)
    place = admission.find_place(request.role, actions.given(request, now=stage.clock()).facts(), now=stage.clock())
    actions.approve(
        by=stage.cast.alice,
        request=request,
        content_hash=request.content_hash,
        role_arn=place.role.arn,
        now=stage.clock(),
    )
    return Grant.objects.get(request=request)


def given_in_a_twin(rita: Rita) -> Grant:
    """Rita has an access in a twin, since the role itself is full."""
    Account.objects.update(boundary_arn=factories.BOUNDARY_ARN)
    Role.objects.filter(pk=rita.stage.role.pk).update(spills=True, permissions_name="", largest_share=100)
    for _ in range(6):
        give(rita.stage)
    grant = give(rita.stage, by=rita.stage.cast.rita, principal_arn="")
    assert grant.role.twin_of == rita.stage.role
    everything_is_reconciled(rita.stage)
    return grant


def everything_is_reconciled(stage: Stage) -> list[Role]:
    roles = list(Role.objects.filter(account=stage.role.account))
    for role in roles:
        reconcile.role(role.pk, now=stage.clock)
    return roles


def is_in_aws(stage: Stage, role: Role) -> bool:
    try:
        stage.aws.root().get_role(RoleName=role.name)
    except ClientError:
        return False
    return True


def test_many_grants_on_one_entry_all_become_active_in_as_many_twins_as_they_need(spilling: Stage) -> None:
    for _ in range(GRANTS):
        give(spilling)
    roles = everything_is_reconciled(spilling)
    spilling.clock.forward(seconds=5)
    states = {grant.state(now=spilling.clock()) for grant in Grant.objects.all()}
    assert states == {GrantState.ACTIVE}
    assert len(roles) >= GRANTS // 6
    assert all(is_in_aws(spilling, role) for role in roles)
    names = {role.name for role in roles} - {spilling.role.name}
    assert names == {f"{spilling.role.name}-{number}" for number in range(2, len(roles) + 1)}


def test_a_twin_goes_when_it_holds_neither_grant_nor_closing_entry_and_comes_back_when_needed(spilling: Stage) -> None:
    grants = [give(spilling) for _ in range(6)]
    everything_is_reconciled(spilling)
    twin = Role.objects.get(twin_of=spilling.role)
    for grant in grants:
        if grant.role_id == twin.pk:
            actions.revoke(by=spilling.cast.alice, grant=grant, reason="done", now=spilling.clock())
    everything_is_reconciled(spilling)
    assert is_in_aws(spilling, twin), "its sessions may be alive for hours"
    spilling.clock.forward(hours=15)
    everything_is_reconciled(spilling)
    assert not is_in_aws(spilling, twin)
    for _ in range(6):
        give(spilling)
    everything_is_reconciled(spilling)
    assert is_in_aws(spilling, twin)
    assert Role.objects.filter(twin_of=spilling.role).count() == 1


def idle_twin(stage: Stage) -> Role:
    """A twin in AWS whose only access ended so long ago that nothing needs it any more."""
    grants = [give(stage) for _ in range(6)]
    everything_is_reconciled(stage)
    twin = Role.objects.select_related("account").get(twin_of=stage.role)
    for grant in grants:
        if grant.role_id == twin.pk:
            actions.revoke(by=stage.cast.alice, grant=grant, reason="done", now=stage.clock())
    reconcile.role(twin.pk, now=stage.clock)
    stage.clock.forward(hours=15)
    return twin


def test_a_twin_that_could_not_be_taken_away_at_once_is_left_in_peace_once_it_is(spilling: Stage) -> None:
    twin = idle_twin(spilling)
    spilling.aws.fault("DeleteRole", "error", status=403, code="AccessDenied", role=twin.name)
    reconcile.role(twin.pk, now=spilling.clock)
    assert Role.objects.get(pk=twin.pk).problem == "aws_denied"
    spilling.aws.clear_faults()
    reconcile.role(twin.pk, now=spilling.clock)
    assert not is_in_aws(spilling, twin)
    assert twin.pk not in reconcile.due(now=spilling.clock())
    assert Role.objects.get(pk=twin.pk).problem == ""


def test_permissions_that_change_while_a_twin_is_away_leave_nothing_to_do_for_it(spilling: Stage) -> None:
    twin = idle_twin(spilling)
    reconcile.role(twin.pk, now=spilling.clock)
    fields = {"description": "Uploads of another kind."}
    catalogue.change(by=spilling.cast.ada, role=spilling.role, fields=fields, now=spilling.clock())
    reconcile.role(twin.pk, now=spilling.clock)
    assert not is_in_aws(spilling, twin)
    assert twin.pk not in reconcile.due(now=spilling.clock())


def test_what_a_twin_may_is_read_again_when_it_is_made_again(spilling: Stage) -> None:
    twin = idle_twin(spilling)
    Role.objects.filter(pk=twin.pk).update(may_undo_end=["iam:*"], permissions_read_at=spilling.clock())
    reconcile.role(twin.pk, now=spilling.clock)
    away = Role.objects.get(pk=twin.pk)
    assert (away.may_undo_end, away.permissions_read_at) == ([], None)


def test_that_nobody_can_say_whether_a_twin_is_there_is_a_problem_like_any_other(spilling: Stage) -> None:
    twin = idle_twin(spilling)
    for action in ("DeleteRole", "ListRoles"):
        spilling.aws.fault(action, "error", status=403, code="AccessDenied")
    reconcile.role(twin.pk, now=spilling.clock)
    left = Role.objects.get(pk=twin.pk)
    assert (left.problem, left.failures, left.to_build) == ("aws_denied", 1, False)


def test_rita_gets_into_a_twin_by_the_ways_of_the_role_that_she_asked_for(rita: Rita) -> None:
    grant = given_in_a_twin(rita)
    arn = rita.aws.as_(rita.gets(grant), "sts").get_caller_identity()["Arn"]
    assert arn.endswith(f":assumed-role/{grant.role.name}/{grant.session_name}")
    assert rita.opens_console(grant).status_code == 302
    Role.objects.filter(pk=rita.stage.role.pk).update(allows_portal_issued=False, live_sessions=1)
    assert rita.asks(grant).status_code == 409
    assert "sessions are open" in pages.text(rita.opens_console(grant))


@pytest.mark.parametrize("tags", [[], [{"Key": "managed-by", "Value": "daypass"}]], ids=["plain", "without boundary"])
def test_a_role_of_others_that_has_the_name_of_a_twin_is_left_alone(
    spilling: Stage, tags: list[dict[str, str]]
) -> None:
    iam, name, policy = spilling.aws.root(), f"{spilling.role.name}-2", json.dumps(OTHERS)
    iam.create_role(RoleName=name, Path="/daypass/", AssumeRolePolicyDocument=policy, Tags=tags)
    Role.objects.update(permissions_name=spilling.aws.fresh("put"))
    grants = [give(spilling) for _ in range(6)]
    everything_is_reconciled(spilling)
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == OTHERS
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    assert problem(grants[-1])[0] == "policy_refused"
    assert "that Daypass did not make" in problem(grants[-1])[1]
    iam.delete_role(RoleName=name)
    spilling.clock.forward(minutes=2)
    everything_is_reconciled(spilling)
    assert state(grants[-1], spilling.clock()) == "active"


def test_a_yes_to_a_page_that_showed_another_role_is_stale(spilling: Stage) -> None:
    request = factories.ask(spilling.cast, now=spilling.clock(), principal_arn=spilling.richard_arn)
    with pytest.raises(Conflict):
        actions.approve(
            by=spilling.cast.alice,
            request=request,
            content_hash=request.content_hash,
            role_arn=f"{spilling.role.arn}-2",
            now=spilling.clock(),
        )
    assert not Grant.objects.exists()


def test_without_twins_a_full_role_refuses_and_still_lets_go(spilling: Stage) -> None:
    Role.objects.filter(pk=spilling.role.pk).update(spills=False)
    grants = [give(spilling) for _ in range(5)]
    with pytest.raises(Refused, match="No more access fits"):
        give(spilling)
    spilling.reconcile()
    actions.revoke(by=spilling.cast.alice, grant=grants[0], reason="room", now=spilling.clock() + timedelta(seconds=5))
    spilling.clock.forward(seconds=6)
    spilling.reconcile()
    assert grants[0].session_name not in spilling.sids()
    give(spilling)
