"""Ada makes the role of the walkthrough from scratch, and imports one with a handmade root statement and hardens it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

import access.aws
from access import tasks
from access.aws import clients
from access.models import Account, Role
from access.reconcile import convergence
from tests.browser.conftest import Visit
from tests.browser.test_look import findings
from tests.factories import BOUNDARY_ARN, HOST_ACCOUNT, PERMISSIONS, Cast
from tests.integration.environment import prepared
from tests.localaws.server import LocalAws, local_aws

PASSWORD = "correct-horse-battery"
NAME = "importantproject-contractorA-bucket-put"
LEGACY = "uploads-by-hand"
SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{HOST_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}


@pytest.fixture(scope="module")
def shared_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalAws, str]]:
    with local_aws() as aws:
        yield aws, prepared(aws, tmp_path_factory.mktemp("aws"))


@pytest.fixture
def aws(
    shared_aws: tuple[LocalAws, str], portal: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalAws]:
    """Yield a local AWS, and a worker that runs as soon as it is called."""
    local, credentials_file = shared_aws
    settings.AWS_ENDPOINT_URL = local.url
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", credentials_file)
    clients.forget()
    monkeypatch.setattr(access.aws, "analyze", lambda **_: None)  # the local AWS has none, and is slow to say so

    def immediately(*, args: tuple[int], **_: Any) -> None:
        convergence.role(*args, now=timezone.now)

    monkeypatch.setattr(tasks.reconcile_role, "apply_async", immediately)
    yield local
    clients.forget()


@pytest.fixture
def ada(cast: Cast, aws: LocalAws, visit: Visit) -> Page:
    """Return Ada's list of roles, in a portal that knows the account and no role of that name."""
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    Role.objects.update(name="another")
    cast.ada.set_password(PASSWORD)
    cast.ada.save()
    opened: Page = visit(cast.ada, reverse("roles"))
    return opened


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def test_the_role_of_the_walkthrough_is_made_from_scratch(ada: Page, aws: LocalAws, screenshots: Path | None) -> None:
    ada.get_by_role("link", name="Create role").click()
    ada.get_by_label("Name", exact=True).fill(NAME)
    ada.get_by_label("Description (optional)").fill("Contractor A uploads into the bucket of the important project.")
    ada.get_by_label("Choose service, actions and resources").check()
    ada.get_by_label("Service", exact=True).fill("s3")
    ada.get_by_label("Service", exact=True).press("Tab")
    ada.locator(".actions summary", has_text="Write").click()
    ada.get_by_label("s3:PutObject", exact=False).first.check()
    ada.get_by_label("Resources", exact=True).fill("importantprojectbucket")
    ada.get_by_label("Resources", exact=True).press("Tab")
    in_words = "Can upload objects (s3:PutObject) to bucket importantprojectbucket"
    expect(ada.locator("#explained")).to_contain_text(in_words)
    picture(ada, screenshots, "make-a-role-chosen")
    ada.get_by_role("button", name="Preview role").click()
    expect(ada.get_by_role("heading", name="Review the new role")).to_be_visible()
    assert findings(ada) == []
    picture(ada, screenshots, "make-a-role-preview")
    assert not Role.objects.filter(name=NAME).exists()
    ada.get_by_role("button", name="Create role").click()
    confirm(ada)
    expect(ada.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    iam = aws.root()
    found = iam.get_role(RoleName=NAME)["Role"]
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY_ARN
    (attached,) = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    policy = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId="v1")["PolicyVersion"]["Document"]
    assert policy == PERMISSIONS


def test_a_role_with_a_handmade_root_statement_is_imported_and_hardened(
    ada: Page, aws: LocalAws, screenshots: Path | None
) -> None:
    arn = made_by_hand(aws)
    ada.get_by_role("link", name="Import an existing role").click()
    ada.get_by_label("ARN of the role").fill(arn)
    ada.get_by_role("button", name="Import role").click()
    confirm(ada)
    expect(ada.get_by_text("The statement admits anybody in our own account")).to_be_visible()
    picture(ada, screenshots, "imported-with-a-root-statement")
    ada.get_by_role("link", name="Remove statement").first.click()
    expect(ada.locator(".diff del").first).to_be_visible()
    assert trust_in(aws) == [ROOT, SERVICE]
    ada.get_by_role("button", name="Remove statement").click()
    expect(ada.get_by_text("done", exact=True)).to_be_visible()
    expect(ada.get_by_text("The statement admits anybody in our own account")).to_have_count(0)
    picture(ada, screenshots, "imported-and-hardened")
    assert trust_in(aws) == [SERVICE]


def made_by_hand(aws: LocalAws) -> str:
    """Return a role as somebody made it in the console, which the account's owner lists for the worker."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, SERVICE]})
    role = aws.root().create_role(RoleName=LEGACY, Path="/legacy/", AssumeRolePolicyDocument=document)["Role"]
    reads = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
    allow = {"Effect": "Allow", "Action": [*reads, "iam:UpdateAssumeRolePolicy"], "Resource": role["Arn"]}
    listed = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    aws.root().put_user_policy(UserName="daypass-worker", PolicyName="imported", PolicyDocument=listed)
    return str(role["Arn"])


def trust_in(aws: LocalAws) -> Any:
    return aws.root().get_role(RoleName=LEGACY)["Role"]["AssumeRolePolicyDocument"]["Statement"]


def picture(page: Page, screenshots: Path | None, name: str) -> None:
    if screenshots is not None:
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)
