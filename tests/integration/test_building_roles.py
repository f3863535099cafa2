"""What Ada makes and changes is so in AWS: by the builder, within the boundary, and fixed when AWS refuses it."""

import json
from typing import Any

import pytest
from django.urls import reverse

from access import aws
from access.catalogue import changes, making
from access.catalogue.making import Permissions
from access.models import Account, PermissionsSnapshot, Role
from access.reconcile import convergence, due
from access.rules.facts import Refused
from tests.factories import BOUNDARY_ARN, HOST_ACCOUNT, PERMISSIONS
from tests.integration.environment import DEFAULT_DENY, Environment, state, verbs
from tests.integration.pages import codes, text, visitor

pytestmark = pytest.mark.django_db
READING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::importantprojectbucket/*"}],
}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
# There is no such operator, for which IAM refuses the policy; the form says so and takes it, for IAM may have new ones.
REFUSED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringResembles": {"aws:username": "x"}},
        }
    ],
}


@pytest.fixture
def made(env: Environment) -> Role:
    """Return a role that Ada has made in the portal and the builder in AWS."""
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role = make(env, PERMISSIONS)
    convergence.role(role.pk, now=env.clock)
    return role


def make(env: Environment, policy: dict[str, Any], *arns: str) -> Role:
    planned = making.plan(
        account=Account.objects.get(pk=env.cast.role.account_id),
        name=f"{env.aws.fresh('made')}x",  # only a number at its end is reserved for overflow roles
        description="Uploads.",
        permissions=Permissions(arns, policy),
        max_session_seconds=7200,
        tags={"project": "important"},
    )
    return making.make(by=env.cast.ada, role=planned, now=env.clock())


def give_permissions(env: Environment, role: Role, policy: dict[str, Any], *arns: str) -> None:
    """Have Ada change them, and the worker do it."""
    role, permissions = Role.objects.get(pk=role.pk), Permissions(arns, policy)
    shown = making.version_of(role)
    making.set_permissions(by=env.cast.ada, role=role, permissions=permissions, shown=shown, now=env.clock())
    convergence.role(role.pk, now=env.clock)


def attached(env: Environment, role: Role) -> dict[str, Any]:
    """Return the names of the role's managed policies, and their documents where they are ours."""
    iam = env.aws.root()
    found = {}
    for policy in iam.list_attached_role_policies(RoleName=role.name)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        kept = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)["PolicyVersion"]
        found[policy["PolicyName"]] = kept["Document"] if ":iam::aws:" not in policy["PolicyArn"] else None
    return found


def now_of(role: Role) -> Role:
    return Role.objects.select_related("account").get(pk=role.pk)


def test_a_role_is_made_as_shown_closed_and_within_the_boundary(env: Environment, made: Role) -> None:
    found = env.aws.root().get_role(RoleName=made.name)["Role"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY_ARN
    assert (found["MaxSessionDuration"], found["Description"], found["Path"]) == (7200, "Uploads.", "/daypass/")
    assert {"Key": "project", "Value": "important"} in found["Tags"]
    assert [statement["Effect"] for statement in found["AssumeRolePolicyDocument"]["Statement"]] == ["Deny"]
    assert attached(env, made) == {f"{made.name}.v1": PERMISSIONS}
    assert not now_of(made).to_build


def test_new_permissions_replace_the_old_ones_in_aws(env: Environment, made: Role) -> None:
    give_permissions(env, made, READING, "arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert attached(env, made) == {f"{made.name}.v2": READING, "ReadOnlyAccess": None}
    give_permissions(env, made, {}, "arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert attached(env, made) == {"ReadOnlyAccess": None}
    assert not now_of(made).to_update
    assert verbs(made.name).count("role.updated") == 2


def test_permissions_unreadable_after_a_change_are_read_at_the_next_try(env: Environment, made: Role) -> None:
    env.aws.fault("ListRolePolicies", "error", status=403, code="AccessDenied", role=made.name)
    give_permissions(env, made, READING, "arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert (now_of(made).state.problem, now_of(made).to_update) == ("aws_denied", False)
    env.aws.clear_faults()
    env.clock.forward(seconds=61)
    convergence.role(made.pk, now=env.clock)
    read = PermissionsSnapshot.objects.get(role=made)
    assert sorted(name.rsplit("/", 1)[1] for name in read.managed) == ["ReadOnlyAccess", f"{made.name}.v2"]


def test_a_longer_session_is_allowed_in_aws_and_the_rest_is_unchanged(env: Environment, made: Role) -> None:
    fields = {"max_session_seconds": 14400, "description": "Uploads for long."}
    changes.change(by=env.cast.ada, role=made, fields=fields, now=env.clock())
    convergence.role(made.pk, now=env.clock)
    found = env.aws.root().get_role(RoleName=made.name)["Role"]
    assert (found["MaxSessionDuration"], found["Description"]) == (14400, "Uploads for long.")
    assert attached(env, made) == {f"{made.name}.v1": PERMISSIONS}


def test_a_change_whose_message_was_lost_is_found_by_the_sweep(env: Environment, made: Role) -> None:
    Role.objects.filter(pk=made.pk).update(to_update=True)
    assert made.pk in due.due(now=env.clock())
    convergence.role(made.pk, now=env.clock)
    assert made.pk not in due.due(now=env.clock())


def test_a_refusal_by_aws_is_reported_and_can_be_fixed(env: Environment) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role = make(env, REFUSED)
    convergence.role(role.pk, now=env.clock)
    refused = now_of(role)
    assert (refused.state.problem, refused.to_build) == ("policy_refused", True)
    assert refused.state.problem_code == "aws_change_refused"
    assert refused.state.problem_facts["error"] == "MalformedPolicyDocument"
    give_permissions(env, role, READING)
    assert (now_of(role).state.problem, now_of(role).to_build, now_of(role).to_update) == ("", False, False)
    assert attached(env, role) == {f"{role.name}.v2": READING}


def test_a_name_already_used_in_aws_is_reported_and_another_one_can_be_chosen(env: Environment) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role = make(env, PERMISSIONS)
    env.aws.root().create_role(RoleName=role.name, Path="/daypass/", AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY))
    convergence.role(role.pk, now=env.clock)
    assert now_of(role).state.problem_code == "aws_role_not_ours"
    ada = visitor(env.cast.ada)
    page = text(ada.get(reverse("role", args=[HOST_ACCOUNT, role.name])))
    assert "AWS rejected the new role" in page
    url = reverse("role_rename", args=[HOST_ACCOUNT, role.name])
    assert "role_name_reserved" in codes(ada.post(url, {"name": "uploads-2"}))
    assert ada.post(url, {"name": f"{role.name}y"}).status_code == 302
    convergence.role(role.pk, now=env.clock)
    assert (now_of(role).state.problem, now_of(role).to_build) == ("", False)
    assert attached(env, now_of(role)) == {f"{role.name}y.v1": PERMISSIONS}
    again = reverse("role_rename", args=[HOST_ACCOUNT, f"{role.name}y"])
    assert "role_name_fixed" in codes(ada.post(again, {"name": "other"}))


def test_a_role_cannot_be_renamed_while_the_builder_works_on_it(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role, make_it, said = make(env, PERMISSIONS), aws.create_role, []

    def renamed_meanwhile(spec: aws.RoleSpec) -> None:
        make_it(spec)
        with pytest.raises(Refused) as refusal:
            rename(env, role)
        said.append(refusal.value.code)

    monkeypatch.setattr(aws, "create_role", renamed_meanwhile)
    convergence.role(role.pk, now=env.clock)
    assert said == ["role_being_created"]
    assert (now_of(role).name, now_of(role).to_build) == (role.name, False)
    assert attached(env, role) == {f"{role.name}.v1": PERMISSIONS}


def test_a_role_renamed_while_the_builder_was_paused_is_made_under_its_new_name(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role, make_it = make(env, PERMISSIONS), aws.create_role

    def sleeps(spec: aws.RoleSpec) -> None:
        make_it(spec)
        env.clock.forward(hours=1)
        rename(env, role)

    with monkeypatch.context() as first:
        first.setattr(aws, "create_role", sleeps)
        convergence.role(role.pk, now=env.clock)
    assert now_of(role).to_build
    convergence.role(role.pk, now=env.clock)
    assert not now_of(role).to_build
    assert attached(env, now_of(role)) == {f"{role.name}y.v1": PERMISSIONS}


def rename(env: Environment, role: Role) -> None:
    making.rename(by=env.cast.ada, role=role, name=f"{role.name}y", now=env.clock())


def test_a_missing_managed_policy_is_refused_and_leaves_nothing_behind_once_fixed(env: Environment) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role = make(env, PERMISSIONS, "arn:aws:iam::aws:policy/NoSuchPolicyAnywhere")
    convergence.role(role.pk, now=env.clock)
    found = now_of(role)
    assert found.state.problem_code == "aws_no_policy"
    assert found.state.problem_facts == {"policy": "arn:aws:iam::aws:policy/NoSuchPolicyAnywhere"}
    give_permissions(env, role, READING)
    assert attached(env, role) == {f"{role.name}.v2": READING}


@pytest.mark.parametrize("policy", [{}, READING], ids=["managed only", "with one of its own"])
def test_a_missing_managed_policy_removes_nothing_from_a_role_in_use(
    env: Environment, made: Role, policy: dict[str, Any]
) -> None:
    give_permissions(env, made, policy, "arn:aws:iam::aws:policy/ReadOnlyAcces")
    assert now_of(made).state.problem == "policy_refused"
    assert attached(env, made) == {f"{made.name}.v1": PERMISSIONS}


@pytest.mark.parametrize("code", ["ValidationError", "InvalidInput", "PolicyNotAttachable"])
def test_permissions_that_aws_never_accepts_are_reported_as_refused_not_as_unavailable(
    env: Environment, code: str
) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role = make(env, PERMISSIONS)
    env.aws.fault("CreateRole", "error", status=400, code=code)
    convergence.role(role.pk, now=env.clock)
    assert now_of(role).state.problem == "policy_refused"
    assert now_of(role).state.problem_facts["error"] == code


def test_policies_left_attached_by_an_earlier_try_are_detached(env: Environment) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    role = make(env, PERMISSIONS)
    env.aws.fault("AttachRolePolicy", "lost", status=500, times=1, role=role.name)
    convergence.role(role.pk, now=env.clock)
    Role.objects.filter(pk=role.pk).update(to_build=True, permissions={}, permissions_name="", policy_arns=[READ_ONLY])
    convergence.role(role.pk, now=env.clock)
    assert attached(env, role) == {"ReadOnlyAccess": None}


def test_refused_permissions_do_not_block_grants_from_starting_or_ending(env: Environment) -> None:
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    grant = env.create_grant()
    env.reconcile()
    Role.objects.filter(pk=env.role.pk).update(permissions=REFUSED, permissions_name="refused.v9", to_update=True)
    env.reconcile()
    assert env.role.state.problem == "policy_refused"
    assert state(grant, env.clock()) == "active"
    later = env.create_grant()
    env.clock.forward(seconds=61)
    env.reconcile()
    assert state(later, env.clock()) == "active"
    env.clock.forward(hours=2)
    env.reconcile()
    assert {state(grant, env.clock()), state(later, env.clock())} == {"ended"}
