"""Ada makes the story's role from nothing."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from access.models import Account, Role
from tests.browser.conftest import Visit
from tests.browser.test_look import findings
from tests.factories import BOUNDARY_ARN, PERMISSIONS, Cast

PASSWORD = "correct-horse-battery"
NAME = "importantproject-contractorA-bucket-put"


@pytest.fixture
def page(cast: Cast, visit: Visit) -> Page:
    """Ada at the form, in a portal that knows the account and no role of that name."""
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    Role.objects.update(name="another")
    cast.ada.set_password(PASSWORD)
    cast.ada.save()
    opened: Page = visit(cast.ada, reverse("role_new"))
    return opened


def test_the_storys_role_is_made_from_nothing(page: Page, screenshots: Path | None) -> None:
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Description (optional)").fill("Contractor A uploads into the bucket of the important project.")
    page.get_by_label("Service", exact=True).fill("s3")
    page.get_by_label("Service", exact=True).press("Tab")
    page.locator(".actions summary", has_text="Write").click()
    page.get_by_label("s3:PutObject", exact=False).first.check()
    page.get_by_label("On what").fill("importantprojectbucket")
    page.get_by_label("On what").press("Tab")
    expect(page.locator("#explained")).to_contain_text(
        "May upload objects (s3:PutObject) to bucket importantprojectbucket"
    )
    picture(page, screenshots, "make-a-role-chosen")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("heading", name="Before it is made")).to_be_visible()
    assert findings(page) == []
    picture(page, screenshots, "make-a-role-preview")
    assert not Role.objects.filter(name=NAME).exists()
    page.get_by_role("button", name="Make the role").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    role = Role.objects.get(name=NAME)
    assert (role.permissions, role.to_build) == (PERMISSIONS, True)


def picture(page: Page, screenshots: Path | None, name: str) -> None:
    if screenshots is not None:
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)
