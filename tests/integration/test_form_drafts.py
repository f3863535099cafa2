"""A form is kept as a draft: only the person who typed it gets it back, and submits it again by hand."""

import json
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode
from time_machine import TimeMachineFixture

from access import housekeeping, limits
from access.encryption import encrypt
from access.ledger.form_drafts import MOST, delete_old_drafts, find_draft, save_draft
from access.ledger.sessions import set_password
from access.models import FormDraft, Request, User
from access.models.form_drafts import KEPT_FOR, MOST_BYTES, SEALED_MAX_LENGTH
from access.rules.facts import Refused
from tests import factories
from tests.factories import HOUR, NOON, SECOND, Cast
from tests.integration import pages
from tests.integration.pages import codes, text, unwatched, visitor  # noqa: F401  # a fixture

ASK = reverse("request_new")
REASON = "Nightly upload for the auditors."
pytestmark = pytest.mark.usefixtures("unwatched")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def richard(cast: Cast) -> Client:
    return visitor(cast.richard)


def address_for(form: str, name: str = "draft_save") -> str:
    return f"{reverse(name)}?{urlencode({'form': form})}"


def save(client: Client, form: str = ASK, *, quiet: bool = False, **typed: Any) -> Any:
    return client.post(address_for(form), typed, headers={"X-Background": "1"} if quiet else {})


def typed(cast: Cast, **different: Any) -> dict[str, Any]:
    """Return the form as Richard fills it in, with what is around it on the page."""
    values = {
        "csrfmiddlewaretoken": "Token",
        "role": str(cast.role.pk),
        "principal": str(factories.proven(cast.richard).pk),
        "start": "at",
        "starts_at": "2026-11-25T16:30",
        "length": "other",
        "other_length": "3 hours",
        "time_zone": "Europe/Berlin",
        "reason": REASON,
    }
    return values | different


def value_of(page: str, name: str) -> str:
    """Return the value of a text field of a page."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', found[0]) if found else None
    return value[1] if value else ""


def test_richard_gets_the_form_back_and_submits_it_again(cast: Cast, richard: Client) -> None:
    filled_in = typed(cast)
    assert save(richard, **filled_in)["Location"] == f"{ASK}?draft=restored"
    assert not Request.objects.exists()
    page = richard.get(ASK).text
    assert "You have a draft of" in page
    assert REASON not in page
    page = richard.get(f"{ASK}?draft=restored").text
    assert REASON in page
    assert "has not been submitted" in page
    assert [value_of(page, name) for name in ("starts_at", "other_length")] == ["2026-11-25T16:30", "3 hours"]
    assert re.search(rf'value="{cast.role.pk}"[^>]*checked', page)
    assert not Request.objects.exists()
    richard.post(f"{ASK}?draft=restored", filled_in)
    assert Request.objects.get().reason == REASON
    assert not FormDraft.objects.exists()
    assert "You have a draft" not in richard.get(ASK).text


def test_a_refused_form_keeps_its_draft(cast: Cast, richard: Client) -> None:
    save(richard, **typed(cast))
    answer = richard.post(ASK, typed(cast, reason=""))
    assert answer.status_code == 200
    assert "You have a draft of" not in answer.text  # the page shows what was sent
    assert FormDraft.objects.get().person == cast.richard


def test_nobody_else_gets_richards_draft(cast: Cast, richard: Client) -> None:
    save(richard, **typed(cast))
    factories.contractor(cast.mallory, sponsor=cast.alice)
    for other in (cast.mallory, cast.rita, cast.ada):
        for page in (visitor(other).get(f"{ASK}?draft=restored"), visitor(other).post(reverse("personal_data"))):
            assert REASON not in page.text
        visitor(other).post(address_for(ASK, "draft_discard"))
    assert find_draft(cast.richard, ASK, now=NOON)


def test_a_row_that_was_moved_to_another_person_or_form_is_not_opened(cast: Cast, richard: Client) -> None:
    save(richard, **typed(cast))
    FormDraft.objects.update(person=cast.rita)
    assert find_draft(cast.rita, ASK, now=NOON) is None
    FormDraft.objects.update(person=cast.richard, address=reverse("invite"))
    assert find_draft(cast.richard, reverse("invite"), now=NOON) is None


def test_the_row_shows_nothing_of_what_was_typed(cast: Cast, richard: Client) -> None:
    save(richard, **typed(cast))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_formdraft")
        row = " ".join(map(str, cursor.fetchone()))
    assert ASK in row
    for plain in (REASON, "Nightly", "Europe/Berlin", "16:30"):
        assert plain not in row


def test_only_the_fields_of_the_form_are_saved(cast: Cast, richard: Client) -> None:
    secrets = {"password": "correct-horse", "code": "123456", "proof": "Signature=abc", "content_hash": "abc"}
    save(richard, **(typed(cast) | secrets))
    draft = find_draft(cast.richard, ASK, now=NOON)
    assert draft is not None
    assert {"reason", "role"} <= draft.typed.keys()
    assert not {"csrfmiddlewaretoken", *secrets} & draft.typed.keys()


def test_a_draft_is_gone_after_seven_days(cast: Cast, richard: Client, time_machine: TimeMachineFixture) -> None:
    save(richard, **typed(cast))
    assert find_draft(cast.richard, ASK, now=NOON + KEPT_FOR - SECOND)
    assert find_draft(cast.richard, ASK, now=NOON + KEPT_FOR) is None
    delete_old_drafts(now=NOON + KEPT_FOR - SECOND)
    assert FormDraft.objects.exists()
    housekeeping.run(now=NOON + KEPT_FOR)
    assert not FormDraft.objects.exists()


def test_a_draft_from_the_future_is_not_kept(cast: Cast) -> None:
    save_draft(cast.richard, ASK, {"reason": [REASON]}, now=NOON + HOUR)
    assert find_draft(cast.richard, ASK, now=NOON) is None


def test_a_form_has_one_draft(cast: Cast, richard: Client) -> None:
    save(richard, **typed(cast))
    save(richard, quiet=True, **typed(cast, reason="Another."))
    draft = find_draft(cast.richard, ASK, now=NOON)
    assert draft is not None
    assert (FormDraft.objects.count(), draft.typed["reason"]) == (1, ["Another."])
    row = FormDraft.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        FormDraft.objects.create(person=cast.richard, address=ASK, sealed=row.sealed, saved_at=NOON)


def test_a_person_has_only_so_many_drafts(cast: Cast) -> None:
    for number in range(MOST + 1):
        save_draft(cast.richard, f"/{number}/", {}, now=NOON + number * SECOND)
    addresses = set(FormDraft.objects.values_list("address", flat=True))
    assert (len(addresses), "/0/" in addresses) == (MOST, False)


def longest_reason(cast: Cast) -> str:
    """Return the text that just fits into a draft of one field."""
    frame = {"person": cast.richard.pk, "address": ASK, "typed": {"reason": [""]}}
    return "x" * (MOST_BYTES - len(json.dumps(frame, separators=(",", ":"))))


def test_a_draft_has_at_most_twenty_kilobytes(cast: Cast) -> None:
    fits = longest_reason(cast)
    save_draft(cast.richard, ASK, {"reason": [fits]}, now=NOON)
    row = FormDraft.objects.get()
    assert len(row.sealed) == SEALED_MAX_LENGTH
    for text_ in (fits + "x", fits[:-1] + "é"):
        with pytest.raises(Refused, match="20 kB"):
            save_draft(cast.richard, ASK, {"reason": [text_]}, now=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        FormDraft.objects.filter(pk=row.pk).update(sealed=encrypt("x" * (MOST_BYTES + 16)))
    draft = find_draft(cast.richard, ASK, now=NOON)
    assert draft is not None
    assert draft.typed["reason"] == [fits]


def test_a_draft_that_is_too_large_is_refused_and_the_earlier_one_stays(cast: Cast, richard: Client) -> None:
    save(richard, **typed(cast))
    large = typed(cast, reason="x" * MOST_BYTES)
    answer = save(richard, **large)
    assert (answer.status_code, codes(answer)) == (413, {"draft_too_large"})
    quiet = save(richard, quiet=True, **large)
    assert (quiet.status_code, "20 kB" in quiet.text) == (413, True)
    draft = find_draft(cast.richard, ASK, now=NOON)
    assert draft is not None
    assert draft.typed["reason"] == [REASON]


def test_drafts_cannot_be_saved_too_often(cast: Cast, richard: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DRAFTS", limits.Limit("saved drafts", 2, HOUR))
    answers = [save(richard, quiet=True, **typed(cast)).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert save(visitor(cast.rita), quiet=True, reason="x").status_code == 200


@pytest.mark.parametrize(
    "form", ["", "/", "/nowhere/", reverse("personal_data"), "//evil.example/", "/\0/", ASK + "?x", "/" * 300]
)
def test_of_other_forms_nothing_is_saved(richard: Client, form: str) -> None:
    assert save(richard, form, reason="x").status_code == 404
    assert not FormDraft.objects.exists()


def test_hostile_text_comes_back_harmless(cast: Cast, richard: Client) -> None:
    hostile = 'A\0B <script>alert(1)</script> "\u202e'
    save(richard, **typed(cast, reason=hostile))
    page = richard.get(f"{ASK}?draft=restored")
    assert page.status_code == 200
    assert "AB &lt;script&gt;" in page.text
    save_draft(cast.richard, ASK, {"reason": ["half \ud800 pair"]}, now=NOON)
    assert "half ? pair" in richard.get(f"{ASK}?draft=restored").text


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"gone": ["x"], "role": ["x", "999999999999999999999"], "principal": ["\u0661"]},
        {"starts_at": ["x", "y"], "length": ["12345"], "mfa": ["x"], "time_zone": [], "reason": []},
    ],
)
def test_a_form_whose_fields_changed_since_is_still_shown(cast: Cast, richard: Client, kept: Any) -> None:
    save_draft(cast.richard, ASK, kept, now=NOON)
    page = richard.get(f"{ASK}?draft=restored")
    assert page.status_code == 200
    assert "has not been submitted" in page.text
    if "length" not in kept:
        assert re.search(r'name="length" value="60"[^>]*checked', page.text)


def test_a_draft_that_no_key_opens_is_as_if_there_were_none(cast: Cast, richard: Client) -> None:
    FormDraft.objects.create(person=cast.richard, address=ASK, sealed="nothing", saved_at=NOON)
    assert "draft of" not in richard.get(ASK).text
    assert richard.get(f"{ASK}?draft=restored").status_code == 200


def test_a_form_of_another_page_does_not_forge_a_draft(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.richard)
    assert save(client, reason="x").status_code == 403
    assert not FormDraft.objects.exists()


def test_richard_discards_a_draft(cast: Cast, richard: Client) -> None:
    save(richard, **typed(cast))
    save(richard, reverse("invite"), email="x")
    assert richard.post(address_for(ASK, "draft_discard"))["Location"] == ASK
    assert FormDraft.objects.get().address == reverse("invite")
    assert richard.get(address_for(ASK, "draft_discard")).status_code == 405


def test_after_the_session_a_form_is_discarded_and_the_draft_is_offered(
    cast: Cast, richard: Client, time_machine: TimeMachineFixture
) -> None:
    save(richard, **typed(cast))
    time_machine.move_to(NOON + HOUR, tick=False)
    answer = richard.post(ASK, typed(cast))
    assert answer["Location"].startswith(reverse("account_login"))
    page = richard.get(answer["Location"])
    assert codes(page) == {"form_discarded"}
    assert f'name="next" value="{ASK}"' in page.text
    assert not Request.objects.exists()
    assert codes(richard.get(reverse("account_login") + f"?next={ASK}")) == set()
    assert "You have a draft of" in visitor(cast.richard).get(ASK).text


def test_a_quiet_save_after_the_session_saves_nothing(cast: Cast) -> None:
    answer = save(Client(), quiet=True, **typed(cast))
    assert (answer.status_code, "session has ended" in answer.text) == (401, True)
    assert not FormDraft.objects.exists()


def kept_drafts(*people: User) -> list[User]:
    for person in people:
        save_draft(person, ASK, {"reason": [REASON]}, now=NOON)
    return list(people)


def test_signing_out_everywhere_deletes_the_drafts(cast: Cast, richard: Client) -> None:
    kept_drafts(cast.richard, cast.rita)
    richard.post(reverse("usersessions_list"))
    assert FormDraft.objects.get().person == cast.rita


def test_disabling_somebody_deletes_their_drafts(cast: Cast) -> None:
    kept_drafts(cast.richard, cast.rita)
    url = reverse("contractor_disable", args=[cast.richard.contractor.public_id])
    visitor(cast.ada).post(url)
    assert FormDraft.objects.get().person == cast.rita


def test_a_new_password_deletes_the_drafts(cast: Cast) -> None:
    kept_drafts(cast.richard, cast.rita)
    set_password(cast.richard, "another-correct-horse", address="", is_reset=True, now=NOON)
    assert FormDraft.objects.get().person == cast.rita


def test_erasing_a_person_erases_their_drafts(cast: Cast) -> None:
    kept_drafts(cast.mallory, cast.rita)
    cast.mallory.delete()
    assert FormDraft.objects.get().person == cast.rita


def test_the_personal_data_export_lists_own_drafts(cast: Cast, richard: Client) -> None:
    kept_drafts(cast.richard)
    save_draft(cast.rita, ASK, {"reason": ["Rita's own."]}, now=NOON)
    answer = richard.post(reverse("personal_data"))
    (draft,) = json.loads(answer.content)["drafts"]
    assert (draft["form"], draft["values"]) == (ASK, {"reason": [REASON]})
    assert "Rita's own" not in answer.text
    assert text(richard.get(reverse("personal_data"))).count("Drafts of forms") == 1


def test_of_the_request_form_the_page_has_a_button_without_scripts(cast: Cast, richard: Client) -> None:
    page = richard.get(ASK).text
    assert f'formaction="{address_for(ASK)}"'.replace("&", "&amp;") in page
    assert pages.world()["FormDraft"] == []
