"""Drafts of every form that has one: the list of fields, and each page with its draft restored."""

import inspect
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

import access.forms
from access.forms import draft_fields
from access.forms.fields import PastedInput
from access.ledger.form_drafts import find_draft, save_draft
from access.models import Account, Comment, Decision, FormDraft, Grant, Role, User
from tests import factories
from tests.factories import BOUNDARY_ARN, HOST_ACCOUNT, NOON, Cast
from tests.integration import pages
from tests.integration.conftest import Enqueued
from tests.integration.pages import decision, unwatched, visitor  # noqa: F401  # a fixture
from tests.signin import sign_in

REASON = "Typed before the session ended."
NEVER_SAVED = {
    "AcceptForm": "passwords",
    "BreakGlassForm": "confirmed by a new passkey or code, and used immediately",
    "BreakGlassReviewForm": "one choice beside its comment",
    "DeniedForm": "a pasted AWS error",
    "FactorResetForm": "confirmed by a new passkey or code",
    "EventFilterForm": "a filter, which is in the address",
    "ProofForm": "a proof",
    "StopForm": "a typed confirmation",
    "VouchForm": "an identity that somebody confirms",
    "ZoneForm": "one field",
}
BASES = {"ApproversFields", "HoursFields", "StageForm", "ZonedForm"}
pytestmark = pytest.mark.usefixtures("unwatched")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def all_forms() -> Iterator[Any]:
    """Yield every form class of Daypass."""
    for module in pkgutil.iter_modules(access.forms.__path__, "access.forms."):
        for _name, found in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(found, forms.BaseForm) and found.__module__ == module.name:
                yield found


def test_each_form_is_saved_or_is_never_saved_for_a_reason() -> None:
    saved = {part.form.__name__ for parts in draft_fields.FORMS.values() for part in parts}
    found = {form.__name__ for form in all_forms()} - BASES
    assert found - saved == NEVER_SAVED.keys()
    assert not saved & NEVER_SAVED.keys()


def test_no_secret_field_is_ever_saved() -> None:
    secret = (forms.PasswordInput, forms.HiddenInput, forms.FileInput, PastedInput)
    words = ("password", "code", "token", "credential", "proof", "confirm", "signature", "secret")
    names = {name for parts in draft_fields.FORMS.values() for part in parts for name in part.names()}
    assert len(names) > 60
    for parts in draft_fields.FORMS.values():
        for part in parts:
            fields = part.form.base_fields  # type: ignore[attr-defined]
            assert not [name for name, field in fields.items() if isinstance(field.widget, secret)], part.form
    assert not [name for name in names if any(word in name for word in words)]


def test_a_field_of_a_secret_kind_would_not_be_saved() -> None:
    class Form(forms.Form):
        reason = forms.CharField()
        password = forms.CharField(widget=forms.PasswordInput)
        proof = forms.CharField(widget=PastedInput)
        carried = forms.CharField(widget=forms.HiddenInput)
        upload = forms.FileField()

    assert list(draft_fields.Part(Form).names()) == ["reason"]


def addresses(cast: Cast, grant: Grant) -> dict[str, tuple[User, list[Any], dict[str, str]]]:
    """Return for each form with a draft who fills it in, the arguments of its address, and what they type."""
    waiting, role = factories.ask(cast, by=cast.rita, principal_arn=""), [HOST_ACCOUNT, cast.role.name]
    reason = {"reason": REASON}
    return {
        "request_new": (cast.richard, [], reason),
        "request_extend": (cast.richard, [grant.request.public_id], reason),
        "approval": (cast.alice, [waiting.public_id], reason),
        "approval?changes=1": (cast.alice, [waiting.public_id], {"length": "41 min", "sources": "203.0.113.41"}),
        "comments": (cast.alice, [waiting.public_id], {"text": REASON}),
        "account_new": (cast.ada, [], {"name": REASON}),
        "account_change": (cast.ada, [HOST_ACCOUNT], {"name": REASON}),
        "role_new": (cast.ada, [], {"statements": "2", "s1-service": "s3", "s1-resources": REASON}),
        "role_permissions": (cast.ada, role, {"own": "paste", "policy_json": REASON}),
        "role_import": (cast.ada, [], {"description": REASON}),
        "role_rename": (cast.ada, role, {"name": REASON}),
        "role_limits": (cast.ada, role, {"description": REASON, "ticket_example": "OPS-41"}),
        "approval_settings": (cast.ada, role, {"longest_window": "41 min", "stage-0-name": "A", "stage-1-name": "B"}),
        "auto_approval_policy_new": (cast.ada, role, {"longest_window": "41 min", "per_week": "41"}),
        "break_glass_policy_new": (cast.ada, [], reason),
        "delegation": (cast.alice, [], {"from_at": "2026-12-24T18:41"}),
        "invite": (cast.alice, [], {"company": REASON}),
        "invite_colleague": (cast.ada, [], {"email": "not yet an address"}),
        "contractor": (cast.ada, [cast.rita.contractor.public_id], {"contract_ends_at": "2027-12-24T18:41"}),
    }


def test_every_page_gives_its_draft_back_with_the_way_to_save_it(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(is_sponsor=True)
    found = addresses(cast, factories.create_grant(cast, now=NOON))
    assert found.keys() == draft_fields.FORMS.keys()
    missing = []
    for name, (person, arguments, typed) in found.items():
        base, mark, query = name.partition("?")
        page, client = reverse(base, args=arguments), visitor(person)
        save_draft(person, page + mark + query, {key: [value] for key, value in typed.items()}, now=NOON)
        shown = client.get(f"{page}?draft={'changes' if query else 'restored'}").text
        wanted = [*typed.values(), "This is your draft of", f"form={quote(page + mark + query, safe='')}"]
        missing += [(name, one) for one in wanted if one not in shown]
        missing += [(name, "offer")] if "data-offers-draft=" in shown else []
        FormDraft.objects.all().delete()
    assert missing == []


def test_the_script_saves_under_the_address_that_the_page_names(cast: Cast) -> None:
    waiting = factories.ask(cast)
    page = pages.of(waiting, "approval")
    alice = visitor(cast.alice)
    saved = re.findall(r'formaction="([^"]+)"', alice.get(page).text)
    assert len(saved) == 3
    for address in saved:
        assert alice.post(address, {"reason": REASON, "text": REASON, "length": "41 min"}).status_code == 302
    kept = set(FormDraft.objects.values_list("address", flat=True))
    assert kept == {page, f"{page}?changes=1", pages.of(waiting, "comments")}


def test_a_decision_deletes_the_drafts_of_its_page(cast: Cast) -> None:
    waiting = factories.ask(cast)
    page = pages.of(waiting, "approval")
    for address in (page, f"{page}?changes=1", pages.of(waiting, "comments")):
        save_draft(cast.alice, address, {"reason": [REASON]}, now=NOON)
    alice = visitor(cast.alice)
    assert alice.post(page, decision(waiting, verdict="deny", reason="")).status_code == 200
    alice.post(pages.of(waiting, "comments"), {"text": ""})
    assert FormDraft.objects.count() == 3
    alice.post(pages.of(waiting, "comments"), {"text": "Why?"})
    assert Comment.objects.exists()
    assert FormDraft.objects.count() == 2
    alice.post(page, decision(waiting, verdict="deny", reason="No."))
    assert Decision.objects.exists()
    assert not FormDraft.objects.exists()


def test_a_question_for_a_passkey_leaves_the_draft(cast: Cast) -> None:
    waiting = factories.ask(cast)
    page = pages.of(waiting, "approval")
    save_draft(cast.alice, page, {"reason": [REASON]}, now=NOON)
    Role.objects.update(factor_minutes=10)
    role, invite = reverse("role_limits", args=[HOST_ACCOUNT, cast.role.name]), reverse("invite_colleague")
    save_draft(cast.ada, role, {"description": [REASON]}, now=NOON)
    save_draft(cast.ada, invite, {"email": [REASON]}, now=NOON)
    answers = [
        visitor(cast.alice, confirmed=False).post(page, decision(waiting, verdict="deny", reason=REASON)),
        visitor(cast.ada, confirmed=False).post(role, {"description": REASON}),
        visitor(cast.ada, confirmed=False).post(invite, {"email": "eve@example.com"}),
    ]
    strict = Client()
    sign_in(strict, cast.alice, factor_age=30 * 60)  # recent enough, but not for this role
    answers.append(strict.post(page, decision(waiting, verdict="deny", reason=REASON)))
    assert ["reauthenticate" in answer["Location"] for answer in answers] == [True] * 4
    assert not Decision.objects.exists()
    assert FormDraft.objects.count() == 3


def test_a_role_that_was_made_needs_no_draft_any_more(cast: Cast, enqueued: list[Enqueued]) -> None:
    new, ada = reverse("role_new"), visitor(cast.ada)
    typed = {
        "account": str(cast.role.account.pk),
        "name": "another-role",
        "max_session_seconds": "3600",
        "own": "build",
        "statements": "1",
        "s0-service": "s3",
        "s0-actions": ["s3:PutObject"],
        "s0-resources": "importantprojectbucket",
    }
    Account.objects.update(boundary_arn=BOUNDARY_ARN)
    ada.post(f"{reverse('draft_save')}?form={new}", typed)
    page = ada.get(f"{new}?draft=restored").text
    assert re.search(r'value="s3:PutObject"[^>]*checked', page)
    assert ada.post(new, typed | {"step": "preview"}).status_code == 200
    assert find_draft(cast.ada, new, now=NOON)
    ada.post(reverse("role_make"), typed)
    assert Role.objects.filter(name="another-role").exists()
    assert not FormDraft.objects.exists()


def test_stages_of_a_draft_are_submitted_as_new_stages(cast: Cast) -> None:
    settings_page, ada = reverse("approval_settings", args=[HOST_ACCOUNT, cast.role.name]), visitor(cast.ada)
    stage = {"stage-0-name": "Owners", "stage-0-approvers": str(cast.bob.pk), "stage-0-quorum": "1"}
    ada.post(f"{reverse('draft_save')}?form={settings_page}", stage)
    page = ada.get(f"{settings_page}?draft=restored").text
    assert 'name="stage-INITIAL_FORMS" value="1"' in page
    assert 'value="Owners"' in page
