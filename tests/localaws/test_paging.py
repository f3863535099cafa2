"""Lists come in pages."""

import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.localaws.example import document, trust
from tests.localaws.server import LocalAws

ROLES = 105
TRUST = document(trust("111111111111"))


def make_roles(aws: LocalAws, count: int = ROLES) -> Any:
    iam = aws.root()
    for number in range(count):
        iam.create_role(RoleName=f"role-{number:03}", Path="/daypass/", AssumeRolePolicyDocument=json.dumps(TRUST))
    return iam


def test_list_roles_returns_a_hundred_and_a_marker(aws: LocalAws) -> None:
    iam = make_roles(aws)
    first = iam.list_roles(PathPrefix="/daypass/")
    second = iam.list_roles(PathPrefix="/daypass/", Marker=first["Marker"])
    assert (len(first["Roles"]), first["IsTruncated"]) == (100, True)
    assert (len(second["Roles"]), second["IsTruncated"]) == (ROLES - 100, False)
    assert not {r["RoleName"] for r in first["Roles"]} & {r["RoleName"] for r in second["Roles"]}


def test_list_roles_returns_trust_policies_but_neither_tags_nor_boundaries(aws: LocalAws) -> None:
    iam = aws.root()
    text = json.dumps(document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=text)["Policy"]["Arn"]
    iam.create_role(
        RoleName="one",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        PermissionsBoundary=boundary,
        Tags=[{"Key": "managed-by", "Value": "daypass"}],
    )
    (listed,) = iam.list_roles()["Roles"]
    shown = iam.get_role(RoleName="one")["Role"]
    assert listed["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert not {"Tags", "PermissionsBoundary"} & set(listed)
    assert {"Tags", "PermissionsBoundary"} <= set(shown)


def test_a_page_has_the_requested_size(aws: LocalAws) -> None:
    iam = make_roles(aws, 5)
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Roles"]) for page in pages] == [2, 2, 1]


@pytest.mark.parametrize("items", [0, 1001])
def test_a_page_of_none_or_of_more_than_a_thousand_is_refused(aws: LocalAws, items: int) -> None:
    unchecked = Config(parameter_validation=False)
    iam = aws.client("iam", "111111111111", "test", config=unchecked)
    with pytest.raises(ClientError, match="ValidationError"):
        iam.list_roles(MaxItems=items)


def test_authorization_details_page_over_everything(aws: LocalAws) -> None:
    iam = make_roles(aws, 4)
    aws.user("ann")
    iam.put_role_policy(
        RoleName="role-000",
        PolicyName="closing",
        PolicyDocument=json.dumps(document({"Effect": "Deny", "Action": "*", "Resource": "*"})),
    )
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}))
    roles = [role for page in pages for role in page["RoleDetailList"]]
    assert [len(page["UserDetailList"]) + len(page["RoleDetailList"]) for page in pages] == [2, 2, 1]
    assert [user["UserName"] for page in pages for user in page["UserDetailList"]] == ["ann"]
    assert [role["RoleName"] for role in roles] == [f"role-00{n}" for n in range(4)]
    assert roles[0]["RolePolicyList"][0]["PolicyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_authorization_details_apply_the_filter(aws: LocalAws) -> None:
    iam = make_roles(aws, 1)
    aws.user("ann")
    found = iam.get_account_authorization_details(Filter=["Role"])
    assert (len(found["RoleDetailList"]), found["UserDetailList"]) == (1, [])


def test_other_lists_have_pages_too(aws: LocalAws) -> None:
    for number in range(3):
        aws.root().create_user(UserName=f"user-{number}")
    pages = list(aws.root().get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2}))
    assert [[user["UserName"] for user in page["Users"]] for page in pages] == [["user-0", "user-1"], ["user-2"]]


def test_a_role_deleted_between_two_pages_hides_no_other(aws: LocalAws) -> None:
    iam = make_roles(aws, 4)
    first = iam.list_roles(MaxItems=2)
    iam.delete_role(RoleName="role-001")
    second = iam.list_roles(MaxItems=2, Marker=first["Marker"])
    assert [role["RoleName"] for role in second["Roles"]] == ["role-002", "role-003"]


def test_a_forged_marker_is_refused(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="Invalid Marker"):
        aws.root().list_roles(Marker="%%%")


def test_each_account_lists_its_own(aws: LocalAws) -> None:
    make_roles(aws, 1)
    assert aws.root("222222222222").list_roles()["Roles"] == []
