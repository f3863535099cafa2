"""Why am I denied? The page answers from what the portal knows of this grant and its role, and keeps nothing."""

import pytest
from django.core.management import call_command
from django.test import Client
from time_machine import TimeMachineFixture

from access.ledger.grants import mark_applied
from access.models import Grant, Role
from tests import factories
from tests.factories import NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, visitor

READ = "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied"


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def active(cast: Cast) -> Grant:
    grant = factories.create_grant(cast)
    mark_applied([grant], by="worker", now=NOON, statements={grant.session_name: {}})
    return grant


def answer(client: Client, grant: Grant, said: str = READ, symptom: str = "") -> str:
    return text(client.post(pages.of(grant.request, "denied"), {"text": said, "symptom": symptom}))


def test_the_most_certain_reason_for_this_grant_comes_first(cast: Cast, active: Grant) -> None:
    client = visitor(cast.richard)
    assert "The role does not permit s3:GetObject at all. certain" in answer(client, active)
    Grant.objects.update(revoked_at=NOON, revoked_by=cast.alice, revoked_reason="Enough.")
    assert "Possible reasons, the most likely first The grant was ended early. certain" in answer(client, active)


@pytest.mark.parametrize("facts", [{"policy_arns": ["arn:aws:iam::aws:policy/ReadOnly"]}, {"is_managed": False}])
def test_unknown_permissions_of_a_role_are_not_called_missing(
    cast: Cast, active: Grant, facts: dict[str, object]
) -> None:
    Role.objects.update(**facts)
    said = answer(visitor(cast.richard), active)
    assert "The permissions that Daypass knows for this role do not permit s3:GetObject. likely" in said
    assert "at all" not in said


def test_the_command_prints_the_same(active: Grant, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("why_denied", active.session_name, "--symptom", "upload")
    assert "Add --acl bucket-owner-full-control." in capsys.readouterr().out


def test_without_a_message_or_a_symptom_the_page_asks_for_one(cast: Cast, active: Grant) -> None:
    page = visitor(cast.richard).post(pages.of(active.request, "denied"), {"text": ""})
    assert "error_missing" in pages.codes(page)


def test_only_people_who_can_see_the_grant_can_ask_about_it(cast: Cast, active: Grant) -> None:
    expected = {"richard": 200, "alice": 200, "ada": 200, "rita": 404, "mallory": 404}
    visitors = {name: visitor(getattr(cast, name)) for name in expected}
    before = pages.world()
    form = {"text": READ}
    found = {name: one.post(pages.of(active.request, "denied"), form).status_code for name, one in visitors.items()}
    assert found == expected
    assert pages.world() == before, "nothing that is pasted is kept"


def test_before_there_is_a_grant_there_is_nothing_to_explain(cast: Cast) -> None:
    assert visitor(cast.richard).get(pages.of(factories.ask(cast), "denied")).status_code == 404
