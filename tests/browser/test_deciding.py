"""An approver in a browser: AWS gets what they were shown, and changes in between are a conflict."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from access.aws import clients
from access.models import Grant, Request, Role
from access.presenters import diff
from tests import factories
from tests.browser.conftest import Visit
from tests.factories import HOUR, SECOND
from tests.integration.environment import Environment, prepared
from tests.integration.test_pages_diff import in_aws, normal
from tests.localaws.server import local_aws


@pytest.fixture
def env(portal: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """Yield the role in a local AWS, read by the worker."""
    with local_aws() as aws:
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", prepared(aws, tmp_path))
        settings.AWS_ENDPOINT_URL = aws.url
        made = Environment.set_up(aws)
        clients.forget()
        made.reconcile()
        yield made
    clients.forget()  # they would speak to an AWS that is no more


def asked(env: Environment) -> Request:
    """Return Richard's request for four hours."""
    wishes = {"ends_at": env.clock() + 4 * HOUR, "principal_arn": env.richard_arn}
    return factories.ask(env.cast, now=env.clock(), **wishes)


def statement_on(page: Page) -> Any:
    """Return our statement as the page shows that it will be in the trust policy."""
    lines = page.locator("pre.diff:not(.diff-changed)").first.locator("ins, span").all_text_contents()
    (statement,) = json.loads("\n".join(line[2:] for line in lines))["Statement"]
    return statement


def test_alice_shortens_the_window_and_aws_gets_the_shown_window_or_nothing(env: Environment, visit: Visit) -> None:
    first = asked(env)
    page = visit(env.cast.alice, reverse("approval", args=[first.public_id]))
    page.get_by_text("Approve with changes…").click()
    page.get_by_label("Length").fill("1 hour")
    page.get_by_role("button", name="Preview the policy change").click()
    expect(page.get_by_role("button", name="Approve with your changes")).to_be_visible()  # the diff is above it
    shown = statement_on(page)
    assert shown["Condition"]["DateGreaterThanEquals"]["aws:CurrentTime"] == str(diff.WHEN_APPROVED)
    assert shown["Condition"]["DateLessThan"]["aws:CurrentTime"] == "(1 hour after approval)"
    page.get_by_role("button", name="Approve with your changes").click()
    page.wait_for_url(f"**{reverse('request', args=[first.public_id])}**")
    env.clock.at = timezone.now() + SECOND
    env.reconcile()
    assert normal(shown, grant=Grant.objects.get()) == normal(in_aws(env, first.session_name))

    second = asked(env)
    page.goto(reverse("approval", args=[second.public_id]))
    Role.objects.update(permissions={"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.get_by_role("button", name="Approve request", exact=True).click()
    assert answered.value.status == 409
    expect(page.locator("main [data-code=request_content_changed]")).to_be_visible()
    assert Grant.objects.count() == 1
