"""Hostile input: invisible characters, endless texts, and fields that no form has."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from time_machine import TimeMachineFixture

from access.models import Request, User
from tests import factories
from tests.factories import NOON, Cast
from tests.integration import pages
from tests.integration.pages import unwatched, visitor  # noqa: F401  # a fixture
from tests.integration.test_crawl import FILLED, crawl_for_forms, everybody  # noqa: F401  # a fixture
from tests.integration.test_real_settings import addresses
from tests.slices import slice_of

SIGNS = {
    "NUL": "a\x00b",
    "line breaks": "a\r\nBcc: mallory@example.com\r\n\r\nb",
    "a terminal's colours": "a\x1b[31mb",
    "a text that runs backwards": "a\u202eb",
    "nothing that has width": "\u200b",
    "half a sign": "a\ud800b",
    # Texts that are taken or refused alike, and short enough for most fields.
    "a formula, a template and formats": "=1+1 {{7|add:7}}{%debug%} {0.__class__} %(x)s ${x}",
    "SQL and markup": "' OR 1=1 --<script>alert(1)</script>",
    "too much": "x" * 100_000,
    "more than a number": "9" * 30,
    "the end of time": "9999-12-31T23:30",
}
# What has to be typed so that the forms are taken as they are.
TYPED = {"contract_ends_at": "2026-12-31T18:00", "email": "rob@contractor-b.example", "company": "Contractor B"}
# Also ids of rows that a form makes: PostgreSQL counts on although the transaction is rolled back.
AT_RANDOM = {
    *("public_id", "session_name", "content_hash", "external_id", "nonce"),
    *("id", "request_id", "change_id", "factor_reset_id"),
}
World = dict[str, list[dict[str, Any]]]


pytestmark = pytest.mark.usefixtures("unwatched")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@dataclass(frozen=True)
class Shown:
    """A form as one person was shown it."""

    client: Client
    action: str
    fields: dict[str, str]

    def sent(self, different: dict[str, str], look: Callable[[], World] = dict) -> tuple[Any, World]:
        """Return the answer with these fields beside its own, and the database then; afterwards it is as before."""
        data = {name: value.encode(errors="surrogatepass") for name, value in (self.fields | different).items()}
        with transaction.atomic():
            answer = self.client.post(self.action, urlencode(data), content_type="application/x-www-form-urlencoded")
            after = look()
            transaction.set_rollback(True)
        return answer, after


@pytest.fixture
def forms(everybody: dict[str, User]) -> dict[str, Shown]:  # noqa: F811
    """Return every form of the portal once, by the name of where it goes."""
    found: dict[str, Shown] = {}
    known = " ".join(str(key) for key in Request.objects.values_list("public_id", flat=True))
    for name, harvest in crawl_for_forms(everybody).items():
        for action, form in harvest.forms.items():
            filled = {field: TYPED.get(field) or value or FILLED.get(field, "") for field, value in form.fields.items()}
            filled |= {"pointed_out": known} if action == reverse("request_new") else {}
            shown = Shown(visitor(everybody[name]), action, filled | dict(sorted(form.buttons)))
            found.setdefault(resolve(urlsplit(action).path).view_name, shown)
    return found


def world() -> World:
    """Return what the portal knows, without what is made at random, and without the audit of it."""
    return {
        model: [{name: value for name, value in row.items() if name not in AT_RANDOM} for row in rows]
        for model, rows in pages.world().items()
        if not model.startswith("Audit")
    }


def test_no_form_breaks_on_any_value_of_a_field(forms: dict[str, Shown]) -> None:
    tried, broken = 0, []
    for name, form in forms.items():
        form.sent({})  # as it was shown, so that it is taken
        for place, field in enumerate(sorted(form.fields.keys() - {"csrfmiddlewaretoken"})):  # not checked here
            for signs, typed in slice_of([*SIGNS.items()], one_in=6, first=place):
                answer, _ = form.sent({field: typed})
                tried += 1
                if answer.status_code >= 500 or b"<script>alert" in answer.content:
                    broken.append((name, field, signs, answer.status_code))
    assert tried > 300
    assert broken == []
    assert mail.outbox
    assert all(len(email.recipients()) == 1 and "mallory" not in email.recipients()[0] for email in mail.outbox)
    assert not [email.subject for email in mail.outbox if len(email.subject.splitlines()) != 1]


@pytest.mark.parametrize("typed", ["9" * 5000, "[" * 100_000, "{", "\u00b2"], ids=["number", "deep", "half", "digit"])
@pytest.mark.parametrize("name", ["mfa_login_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"])
def test_no_form_of_passkeys_breaks_on_what_is_not_json(cast: Cast, name: str, typed: str) -> None:
    client = Client(raise_request_exception=False) if "login" in name else visitor(cast.ada)
    assert client.post(reverse(name), {"credential": typed}).status_code < 500


PARTS = {
    "NUL": "%00",
    "no UTF-8": "%C3",
    "digits of another script": "%EF%BC%91" * 12,
    "more than a number": "9" * 30,
    "no end": "x" * 3000,
}


def test_no_url_breaks_on_any_value_of_a_part(cast: Cast) -> None:
    ada, tried, broken = visitor(cast.ada), 0, []
    for name, path in addresses(factories.ask(cast)).items():
        parts = resolve(path).kwargs.values() if name != "nowhere" else ()
        tries = [*product([f"/{part}/" for part in map(str, parts)], PARTS.items())]
        for place, (what, part) in slice_of(tries, one_in=3, first=len(name)):
            other = path.replace(place, f"/{part}/")
            with transaction.atomic():
                answer = ada.get(other)
                answer = ada.post(other) if answer.status_code == 405 else answer
                transaction.set_rollback(True)
            tried += other != path
            if answer.status_code >= 500:
                broken.append((name, what, answer.status_code))
    assert tried > 200
    assert broken == []


EXTRA = {
    "state": "approved",
    "status": "approved",
    "approved_by": "1",
    "requester": "1",
    "by": "1",
    "user": "1",
    "contractor_id": "1",
    "role_id": "1",
    "session_name": "dp-mallory",
    "public_id": "00000000-0000-0000-0000-000000000000",
    "content_hash_": "0" * 64,
    "applied_at": "2026-11-24T12:00",
    "revoked_at": "",
    "submitted_at": "2020-01-01T00:00",
    "principal_arn": "arn:aws:iam::999999999999:user/Mallory",
    "unique_id": "AIDAMALLORYMALLORY001",
    "external_id": "x",
    "source_ip": "0.0.0.0/0",
    "is_staff": "on",
    "is_superuser": "on",
    "is_sponsor": "on",
    "is_active": "on",
    "proof": "signed",
    "_method": "PUT",
}


CHANGING = {"approval", "request_new", "request_revoke", "request_withdraw", "contractor"}


def test_a_field_that_a_form_does_not_have_changes_nothing(forms: dict[str, Shown]) -> None:
    before, changed, other = world(), set(), []
    for name in {*slice_of(sorted(forms), one_in=3), *CHANGING}:
        form = forms[name]
        unknown = {field: value for field, value in EXTRA.items() if field not in form.fields}
        (_, plain), (_, with_more) = form.sent({}, world), form.sent(unknown, world)
        if plain != before:
            changed.add(name)
        if plain != with_more:
            other.append(name)
    assert other == []
    assert changed >= CHANGING
