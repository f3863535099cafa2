"""Pages and emails are in the language of their reader; records are in English."""

import html
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.core import mail
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.urls import reverse
from time_machine import TimeMachineFixture

from access import languages
from access.actions import requests
from access.ledger.counters import UNTRANSLATED, counted
from access.models import AuditEvent, Counter, Grant, Request, User
from access.notifications import emails, waiting
from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.template import Phrase, Plural, Sentence
from dev import messages
from dev.options import ROOT
from tests import factories, pseudo
from tests.factories import HOUR, NOON, Cast
from tests.integration import pages
from tests.integration.pages import text, unwatched, visitor  # noqa: F401  # a fixture

ZONE = reverse("time_zone")
GERMAN, ENGLISH = '<html lang="de">', '<html lang="en-gb">'


pytestmark = pytest.mark.usefixtures("catalogues")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


def reading(client: Client, asked: str) -> Client:
    """Return the client with a browser that asks for these languages."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = asked
    return client


def german(person: User) -> Client:
    return reading(visitor(person), "de-DE,de;q=0.9,en;q=0.7")


def chose(person: User, language: str) -> User:
    User.objects.filter(pk=person.pk).update(language=language)
    return User.objects.get(pk=person.pk)


def languages_of(person: User) -> tuple[str, str]:
    row = User.objects.get(pk=person.pk)
    return row.language, row.browser_language


def made_up(folder: Path, *, without: Collection[str | Plural] = ()) -> Path:
    """Write a catalogue in which each German message is English in brackets, with accents."""
    catalog = Catalog(locale="de")
    for message in messages.extracted(ROOT):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        if message.id and (Plural(*ids) if len(ids) > 1 else ids[0]) not in without:
            shown = tuple(pseudo.translated(str(one)) for one in ids)
            catalog.add(message.id, shown if len(shown) > 1 else shown[0], context=message.context)
    (folder / "de" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "de" / "LC_MESSAGES" / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    return folder


class TestBrowser:
    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ("de", GERMAN),
            ("de-AT,en;q=0.5", GERMAN),
            ("fr,de;q=0.8,en;q=0.5", GERMAN),
            ("DE", GERMAN),
            ("en-US,de;q=0.9", ENGLISH),
            ("fr,pl;q=0.5", ENGLISH),
            ("*", ENGLISH),
            ("", ENGLISH),
            ("de\x00", ENGLISH),
            ("../../etc/passwd", ENGLISH),
            ("x" * 5000, ENGLISH),
        ],
    )
    def test_signed_out_pages_follow_the_browser(self, db: None, asked: str, shown: str) -> None:
        answer = reading(Client(), asked).get(reverse("account_login"))
        assert shown in answer.text
        assert "Accept-Language" in answer["Vary"]
        assert "django_language" not in answer.cookies

    def test_the_pages_of_a_person_follow_their_browser(self, cast: Cast) -> None:
        page = german(cast.richard).get("/").text
        assert GERMAN in page
        assert "<h1>Mein Zugriff</h1>" in page

    def test_an_error_page_follows_the_browser(self, db: None) -> None:
        answer = reading(Client(raise_request_exception=False), "de").get("/no-such-page/")
        assert (answer.status_code, GERMAN in answer.text) == (404, True)

    def test_one_readers_language_does_not_reach_the_next(self, cast: Cast) -> None:
        german(cast.alice).get("/")
        assert ENGLISH in visitor(cast.bob).get("/").text

    def test_it_is_kept_for_emails_without_an_event(self, cast: Cast) -> None:
        german(cast.richard).get("/")
        assert languages_of(cast.richard) == ("", "de")
        reading(visitor(cast.richard), "en-US").get("/")
        assert languages_of(cast.richard) == ("", "en-gb")
        reading(visitor(cast.richard), "fr").get("/")
        assert languages_of(cast.richard) == ("", "en-gb")
        assert not AuditEvent.objects.filter(verb="person.changed").exists()

    def test_a_page_that_asks_for_its_state_keeps_nothing(self, cast: Cast) -> None:
        german(cast.richard).get("/", headers={"HX-Request": "true"})
        assert languages_of(cast.richard) == ("", "")

    def test_a_page_is_shown_although_the_language_cannot_be_kept(self, cast: Cast, monkeypatch: Any) -> None:
        def broken(_person: User) -> None:
            raise DatabaseError

        monkeypatch.setattr("access.actions.preferences.store_browser_language", broken)
        answer = german(cast.richard).get("/")
        assert (answer.status_code, GERMAN in answer.text) == (200, True)


class TestChoosing:
    def test_the_choice_of_a_person_wins_over_their_browser(self, cast: Cast) -> None:
        assert ENGLISH in german(chose(cast.richard, "en-gb")).get("/").text
        assert GERMAN in reading(visitor(chose(cast.richard, "de")), "en").get("/").text

    def test_a_person_chooses_beside_the_time_zone(self, cast: Cast) -> None:
        client = reading(visitor(cast.richard), "en")
        page = client.get(ZONE).text
        (options,) = re.findall(r'<select name="language".*?</select>', page, re.DOTALL)
        assert re.findall(r'value="([^"]*)"( selected)?>', options) == [("", " selected"), ("en-gb", ""), ("de", "")]
        answer = client.post(ZONE, {"time_zone": "UTC", "language": "de", "next": "/roles/"}, follow=True)
        assert GERMAN in answer.text
        assert "Zeitzone und Sprache gespeichert." in text(answer)
        assert '<option value="de" selected>' in client.get(ZONE).text
        changes = [event.details["changes"] for event in AuditEvent.objects.filter(verb="person.changed")]
        assert {"language": ["", "de"]} in changes
        client.post(ZONE, {"time_zone": "UTC", "language": ""})
        assert languages_of(cast.richard)[0] == ""
        assert ENGLISH in client.get("/").text

    @pytest.mark.parametrize("typed", ["fr", "en", "DE", "x" * 100])
    def test_another_language_is_refused_at_its_field(self, cast: Cast, typed: str) -> None:
        answer = visitor(cast.richard).post(ZONE, {"time_zone": "UTC", "language": typed})
        assert list(answer.context["form"].errors) == ["language"]
        assert languages_of(cast.richard)[0] == ""

    def test_a_language_that_daypass_no_longer_has_is_that_of_the_browser(self, cast: Cast) -> None:
        assert GERMAN in german(chose(cast.richard, "fr")).get("/").text
        assert ENGLISH in visitor(cast.richard).get("/").text


class TestEmails:
    def test_each_person_gets_their_own_language_from_an_english_actor(self, cast: Cast) -> None:
        chose(cast.alice, "de")
        factories.ask(cast, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
        waiting.remind(now=NOON)
        assert waiting.send_waiting(now=NOON) == 2
        sent = {one.to[0].partition("@")[0]: one for one in mail.outbox}
        assert "requests access" in sent["bob"].subject
        assert "fragt Zugriff" in sent["alice"].subject
        assert "24. November 2026, 13:00 UTC" in sent["alice"].body

    @pytest.mark.parametrize(("chosen", "asked", "said"), [
        ("", "de", "Sie haben kein"), ("de", "en-gb", "Sie haben kein"), ("en-gb", "de", "You have no"),
        ("", "", "You have no"), ("fr", "de", "Sie haben kein"),
    ])  # fmt: skip
    def test_the_choice_wins_over_the_browser_of_the_last_visit(
        self, cast: Cast, chosen: str, asked: str, said: str
    ) -> None:
        User.objects.filter(pk=cast.alice.pk).update(language=chosen, browser_language=asked)
        emails.send("no_password", cast.alice.email, {})
        assert said in mail.outbox[0].subject

    def test_a_notice_about_an_account_has_the_language_of_the_person(self, cast: Cast, rf: RequestFactory) -> None:
        request = rf.get("/")
        request.user = chose(cast.alice, "de")
        with allauth_context.request_context(request), languages.in_english():
            get_adapter(request).send_notification_mail("account/email/password_changed", cast.alice)
        assert mail.outbox[0].subject == "Daypass: Passwort geändert"
        assert "Ihr Passwort wurde geändert." in mail.outbox[0].body


class TestRecords:
    """Lists as files, evidence, the audit log and JSON are the same for every reader."""

    def test_a_list_as_a_file_is_the_same_in_every_language(self, cast: Cast) -> None:
        factories.create_grant(cast)
        url, form = reverse("review_export", args=["granted"]), {"days": "0"}
        in_english = visitor(cast.ada).post(url, form).content
        assert german(cast.ada).post(url, form).content == in_english
        assert b"Approved" in in_english or b"approved" in in_english.lower()

    def test_records_hold_no_words_of_the_person_who_acts(self, cast: Cast, tmp_path: Path, settings: Any) -> None:
        settings.LOCALE_PATHS = [made_up(tmp_path)]
        richard, alice, ada = map(german, (cast.richard, cast.alice, cast.ada))
        form = {"role": cast.role.pk, "principal": "", "length": "60", "reason": "Upload."}
        assert pseudo.OPEN in richard.post(reverse("request_new"), form, follow=True).text
        request = Request.objects.get()
        alice.post(pages.of(request, "comments"), {"text": "Why?"})
        alice.post(pages.of(request, "approval"), pages.decision(request, verdict="approve"))
        ada.post(pages.of(request, "request_revoke"), {"reason": "Enough."})
        ada.post(pages.of(request, "request_evidence"))
        ada.post(reverse("review_export", args=["granted"]), {"days": "0"})
        stop = reverse("stop_role", args=[cast.role.account.account_id, cast.role.name])
        ada.post(stop, {"reason": "Now.", "typed": cast.role.name, "confirmation": cast.role.name})
        ada.post(ZONE, {"time_zone": "Europe/Berlin", "language": "de"})
        verbs = set(AuditEvent.objects.values_list("verb", flat=True))
        assert {"request.submitted", "decision.approved", "grant.revoked", "evidence.taken", "person.changed"} <= verbs
        assert pseudo.OPEN not in str(pages.world())

    def test_readiness_is_in_english(self, cast: Cast) -> None:
        answers = [reading(Client(), asked).get("/readyz").json() for asked in ("en", "de")]
        assert answers[0] == answers[1]

    def test_ones_own_data_is_the_same_in_every_language(self, cast: Cast) -> None:
        requests.return_access(by=cast.richard, grant=factories.create_grant(cast), now=NOON)
        files = [
            client.post(reverse("personal_data")).json() for client in (visitor(cast.richard), german(cast.richard))
        ]
        for file in files:
            del file["sessions"], file["account"]["browser_language"]
        assert files[0] == files[1]


class TestUntranslated:
    """What the catalogue of a language lacks is in English, marked on the page, and counted."""

    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Return German, made up, without the sentences of `access.texts`."""
        sentences: dict[str, Sentence | Phrase] = {**TEMPLATES, **PHRASES}
        return made_up(tmp_path_factory.mktemp("locale"), without={one.message for one in sentences.values()})

    @pytest.fixture
    def without_sentences(self, folder: Path, settings: Any) -> None:
        settings.LOCALE_PATHS = [folder]

    @pytest.mark.usefixtures("without_sentences")
    def test_a_pattern_is_shown_in_english_and_marked_and_counted(self, cast: Cast) -> None:
        client = german(cast.alice)
        page = client.get(pages.of(factories.ask(cast), "approval")).text
        (permissions,) = re.findall(r'<ul class="permissions">.*?</ul>', page, re.DOTALL)
        sentences = re.findall(r"<span>(.*?)</span>\s*</li>", permissions, re.DOTALL)
        assert sentences
        assert [one for one in sentences if not re.fullmatch(r'<span lang="en">[A-Z][^<]*</span>', one)] == []
        total, at = counted(UNTRANSLATED)
        assert total >= len(sentences)
        assert at is not None
        assert Client().get("/readyz").json()["texts_untranslated"] == total
        Counter.objects.update(at=NOON)  # the database has a clock of its own
        assert "contained English sentences" in visitor(cast.ada).get("/").text

    @pytest.mark.usefixtures("without_sentences")
    def test_english_readers_count_nothing(self, cast: Cast) -> None:
        page = visitor(cast.alice).get(pages.of(factories.ask(cast), "approval")).text
        assert 'lang="en"' not in page
        assert counted(UNTRANSLATED) == (0, None)

    @pytest.mark.usefixtures("without_sentences")
    def test_an_email_says_it_in_english_and_is_counted(self, cast: Cast) -> None:
        chose(cast.alice, "de")
        request = factories.ask(cast)
        emails.send("asked", cast.alice.email, {"asked": request, "page": ""})
        assert "<span" not in mail.outbox[0].body

    @pytest.mark.usefixtures("without_sentences", "unwatched")
    def test_no_mark_gets_into_an_attribute_or_a_title(self, cast: Cast) -> None:
        for page in main_pages(cast):
            marked = re.findall(r'="[^"<>]*<span lang=|<(?:title|option|textarea)[^>]*>[^<]*<span lang=', page)
            assert marked == [], page


def main_pages(cast: Cast) -> list[str]:
    """Return the pages that people open most, in German."""
    active, request = factories.create_grant(cast), factories.ask(cast)
    Grant.objects.update(applied_at=NOON)
    role = reverse("role", args=[cast.role.account.account_id, cast.role.name])
    urls = {
        cast.richard: ["/", reverse("request_new"), pages.of(active.request), reverse("identities"), ZONE],
        cast.alice: ["/", reverse("inbox"), pages.of(request, "approval"), role],
        cast.ada: ["/", role, *map(reverse, ("accounts", "people", "audit", "reviews", "stops", "break_glass"))],
    }
    shown = [(url, german(person).get(url)) for person, some in urls.items() for url in some]
    shown += [
        (url, reading(Client(), "de").get(url)) for url in map(reverse, ("account_login", "account_reset_password"))
    ]
    assert [url for url, answer in shown if answer.status_code != 200] == []
    return [answer.text for _url, answer in shown]


@pytest.mark.usefixtures("unwatched")
def test_no_english_is_left_on_the_main_pages_in_german(cast: Cast) -> None:
    with (ROOT / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        english = {part for message in read_po(file) for part in _parts(message.id, message.string)}
    assert len(english) > 1000
    for page in main_pages(cast):
        assert GERMAN in page
        said = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
        assert [part for part in english if part in said] == []
        assert re.findall(r'\b(?:x|y|x1|x2|width|height|value|max|fill-opacity)="[0-9]+,[0-9]+"', page) == []
        assert re.findall(r"\b[0-9]{1,2} (?:Nov|Dec)\b", said) == []
        assert 'lang="en"' not in page


def _parts(message: Any, translated: Any) -> set[str]:
    """Return the parts of an English message, of three words or more, that are not in its translation as well."""
    pairs = zip(*(one if isinstance(one, tuple) else (one,) for one in (message, translated)), strict=True)
    return {
        " ".join(part.split())
        for english, other in pairs
        for part in re.split(r"{[^{}]*}|%\(\w+\)s|<[^<>]*>|`[^`]*`", english)
        if len(part.split()) > 2 and part.strip() not in other
    }
