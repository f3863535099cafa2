"""The demo's commands work in the demo only; the first administrator's link can be had again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access.models import AuditEvent, Invitation, User
from access.notifications import emails
from demo import cast
from dev.ports import free_port
from tests import factories
from tests.refusals import refusing_command

LINK = "http://testserver/invitation/"


def link(capsys: pytest.CaptureFixture[str], email: str = "ada@example.com") -> str:
    call_command("bootstrap_admin", email)
    said = capsys.readouterr().out.strip()
    assert said.startswith(LINK)
    return said.removeprefix("http://testserver")


def opens(path: str) -> bool:
    return Client().get(path).status_code == 200


@pytest.mark.parametrize("command", [["seed_demo"], ["demo_code", "ada@example.com"], ["story"]])
def test_outside_the_demo_its_commands_do_nothing(db: None, settings: Any, tmp_path: Path, command: list[str]) -> None:
    settings.DEMO, settings.VAR_DIR = False, str(tmp_path)
    with refusing_command("demo_only"):
        call_command(*command)
    assert not User.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_portal_ends_the_walkthrough_with_a_sentence(
    settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.VAR_DIR = str(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({"portal": f"http://127.0.0.1:{free_port()}"}))
    people = {person.email: "x" for person in cast.PEOPLE}
    (tmp_path / "demo.json").write_text(json.dumps({"passwords": people, "seeds": people}))
    with refusing_command("demo_story_unanswered"):
        call_command("story")


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@example.com ", "Ada@Example.com"])
def test_a_lost_link_can_be_replaced_and_the_earlier_one_ends(
    db: None, capsys: pytest.CaptureFixture[str], email: str
) -> None:
    first = link(capsys)
    second = link(capsys, email)
    assert (opens(first), opens(second)) == (False, True)
    assert Invitation.objects.count() == 1
    verbs = AuditEvent.objects.filter(verb__startswith="invitation.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["invitation.sent", "invitation.sent_again"]


def test_an_expired_link_can_be_replaced(
    db: None, capsys: pytest.CaptureFixture[str], time_machine: TimeMachineFixture
) -> None:
    first = link(capsys)
    time_machine.move_to(timezone.now() + timedelta(hours=73), tick=False)
    assert not opens(first)
    assert opens(link(capsys))


def test_once_there_is_an_administrator_there_is_no_link(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    link(capsys)
    factories.user("olga", is_staff=True)
    with refusing_command("administrator_exists"):
        call_command("bootstrap_admin", "ada@example.com")


def test_an_invalid_address_is_refused(db: None) -> None:
    with refusing_command("command_address_invalid"):
        call_command("bootstrap_admin", "ada")


def test_every_email_names_the_portal_in_its_id(db: None) -> None:
    request = RequestFactory().get(reverse("account_login"))
    ada = factories.user("ada")
    emails.send_invitation(Invitation(email="x@example.com", invited_by=ada, sent_at=timezone.now()), "x")
    EmailMessage("Subject", "Body", None, ["x@example.com"]).send()
    get_adapter(request).render_mail(
        "account/email/password_changed", "x@example.com", {"request": request, "timestamp": timezone.now()}
    ).send()
    assert len(mail.outbox) == 3
    for sent in mail.outbox:
        assert str(sent.message()["Message-ID"]).endswith("@testserver>")
