"""Every word on a page or in an email that Daypass says itself can be translated: shown by a made-up language."""

import html
import io
import itertools
import re
import string
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from django.core import mail
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import translation
from time_machine import TimeMachineFixture

from access import email_text
from access.diagnose import SYMPTOMS
from access.evidence import packing
from access.explain.service_catalog import services
from access.ledger.chain import append
from access.ledger.unmanaged import find_statement
from access.models import (
    AuditEvent,
    BreakGlassGrant,
    ClockEpisode,
    Decision,
    FactorReset,
    Grant,
    Invitation,
    Role,
    RoleChange,
    Stop,
    UnmanagedStatement,
    User,
)
from access.notifications import waiting
from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.event_kinds import SENTENCES
from access.texts.template import Phrase, Plural, Sentence
from access.texts.text import Text
from access.trust import Fate, Unmanaged
from demo.browser import Form
from dev.options import ROOT
from tests import factories, pseudo
from tests.factories import NOON, RICHARD_ARN, Cast
from tests.integration import pages
from tests.integration.pages import unwatched, visitor  # noqa: F401  # a fixture
from tests.integration.test_crawl import crawl, everybody, one_of_each_view  # noqa: F401  # a fixture
from tests.slices import slice_of

MALLORY, OTHER_ROLE = "arn:aws:iam::333333333333:user/Mallory", "arn:aws:iam::444444444444:role/Theirs"
LINK = re.compile(r"http://testserver\S*")
# Names, and AWS's own words: the same in every language.
NAMES = {
    "Daypass", "UTC", "AWS", "IAM", "ARN", "CloudFormation", "CloudWatch", "CSV", "EC2", "JSON", "Lambda", "PowerShell",
    "Python (boto3)", "Terraform", "bash",
    "importantprojectbucket/",  # the bucket of the cast's role
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture(scope="session")
def made_up_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    pseudo.write_catalogue(folder)
    return folder


@pytest.fixture
def made_up_language(made_up_catalogue: Path, settings: Any) -> Iterator[None]:
    settings.LOCALE_PATHS = [made_up_catalogue]
    settings.LANGUAGES, settings.LANGUAGE_CODE = [(pseudo.CODE, "Daypass")], pseudo.CODE
    with translation.override(pseudo.CODE):
        yield


def a_statement(cast: Cast) -> UnmanagedStatement:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    row = find_statement(cast.role, Unmanaged(allow, Fate.REMOVED), by="worker", now=NOON)
    assert row is not None
    return row


def known_data() -> set[str]:
    """Everything that the database holds: names, reasons, ARNs."""
    values = [value for rows in pages.world().values() for row in rows for value in row.values()]
    texts = {str(value) for value in values if value is not None and not isinstance(value, bool)}
    names = {str(user) for user in User.objects.all()} | _zones() | set(services().values())
    # Codes of audit events, and their details, are the same in every language.
    codes = set(SENTENCES) | {part for event in AuditEvent.objects.all() for part in _parts_of(event.details)}
    return {text for text in texts if re.search(r"[A-Za-z]{2,}", text)} | names | codes


def _parts_of(details: Any) -> Iterator[str]:
    """Yield the names of all fields in details, and all texts, at any depth."""
    if isinstance(details, str):
        yield details
    elif isinstance(details, dict | list):
        yield from details if isinstance(details, dict) else ()
        for part in details.values() if isinstance(details, dict) else details:
            yield from _parts_of(part)


def _zones() -> set[str]:
    return {name.replace("_", " ") for name in available_timezones()}


def check(texts: Iterable[tuple[str, str]], names: Iterable[str] = ()) -> None:
    """Fail for each text, known by a name, in which words are outside brackets and neither data nor `names`."""
    data = known_data() | NAMES | set(names)
    left: dict[str, str] = {}
    for name, text in texts:
        for words in pseudo.untranslated(text, data):
            left.setdefault(" ".join(words.split()), name)
    assert left == {}


# What a person could type: nothing, what is wrong nearly everywhere, too much, a time that is over, a whole account.
TYPED = ("", "?", "9" * 5000, "2020-01-01T12:00", "arn:aws:iam::222222222222:root")


def sent(client: Client, action: str, form: Form) -> Iterator[tuple[str, str]]:
    """Send a form with wrong values in all of its fields; yield the pages and sentences that are answered."""
    buttons = [dict([button]) for button in sorted(form.buttons)] or [{}]
    every = [*itertools.product(TYPED, buttons)]
    for typed, button in slice_of(every, one_in=5, first=len(action)):
        with transaction.atomic():
            answer = client.post(action, dict.fromkeys(form.fields, typed) | button)
            transaction.set_rollback(True)
        assert answer.status_code < 500, action
        kind = answer.headers.get("Content-Type", "")
        if kind.startswith("text/html") and answer.content:
            yield f"{action} {typed[:3]} {button}", answer.content.decode()
        elif kind.partition(";")[0] == "application/json" and "error" in answer.json():
            yield f"{action} {typed[:3]} {button}", html.escape(answer.json()["error"])


@pytest.mark.parametrize("name", ["ada", "alice", "rita", "richard", "vic"])
@pytest.mark.usefixtures("made_up_language", "unwatched")
def test_every_page_and_refusal_of_a_form_can_be_translated(
    name: str,
    everybody: dict[str, User],  # noqa: F811
) -> None:
    client = visitor(everybody[name])
    harvest = crawl(client)
    assert len(harvest.pages) > 8
    check((url, harvest.pages[url]) for url in one_of_each_view(harvest.pages))
    by_view = {resolve(urlsplit(action).path).view_name: action for action in sorted(harvest.forms)}
    answers = [answer for action in by_view.values() for answer in sent(client, action, harvest.forms[action])]
    assert len({place.split()[0] for place, _ in answers}) > 2
    check(answers)


DENIALS = [
    f"User: {MALLORY} is not authorized to perform: sts:AssumeRole on resource: {OTHER_ROLE}",
    f"User: {RICHARD_ARN} is not authorized to perform: s3:GetObject because no identity-based policy allows it",
    f"User: {RICHARD_ARN} is not authorized to perform: s3:PutObject with an explicit deny in a resource-based policy",
    "An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.",
    "An error occurred (AccessDenied) when calling the CopyObject operation: Access Denied",
]


@pytest.mark.usefixtures("made_up_language", "unwatched")
def test_every_answer_to_a_denial_can_be_translated(cast: Cast, everybody: dict[str, User]) -> None:  # noqa: F811
    Role.objects.filter(pk=cast.role.pk).update(external_id="project-7", requires_mfa=True)
    factories.create_grant(cast, now=NOON, sources=("203.0.113.7/32",))
    Grant.objects.update(applied_at=NOON)
    typed = [{"text": text} for text in DENIALS] + [{"text": "", "symptom": symptom} for symptom in SYMPTOMS]
    answers = []
    for name, fields in itertools.product(("richard", "rita"), typed):
        client = visitor(everybody[name])
        for grant in Grant.objects.filter(request__requester=everybody[name]):
            answer = client.post(pages.of(grant.request, "denied"), fields)
            assert answer.status_code == 200
            answers.append((f"{name} {fields}", answer.content.decode()))
    assert len(answers) > 20
    check(answers, {MALLORY, OTHER_ROLE, RICHARD_ARN, "sts", "get-caller-identity", "role_session_name"})


@pytest.mark.usefixtures("made_up_language")
def test_the_person_who_decided_is_named_in_the_readers_language(cast: Cast) -> None:
    by_delegate = Decision(approver=cast.bob, delegate_of=cast.alice)
    assert all(decision.by.startswith(pseudo.OPEN) for decision in (Decision(), by_delegate))


@pytest.mark.usefixtures("made_up_language", "unwatched", "cast")
def test_the_pages_of_visitors_can_be_translated() -> None:
    client = Client(raise_request_exception=False)
    urls = ["/account/login/", "/account/password/reset/", "/account/password/reset/done/", "/no-such-page/"]
    check([(url, client.get(url).content.decode()) for url in urls], {"Example", "Example over SAML"})  # providers


@pytest.mark.usefixtures("made_up_language")
def test_every_email_about_requests_can_be_translated(everybody: dict[str, User]) -> None:  # noqa: F811
    waiting.remind(now=NOON)
    for _ in range(10):
        waiting.send_waiting(now=NOON)
    assert len(mail.outbox) > 3
    check(
        [
            (str(email.subject), f"{email.subject}\n{html.escape(LINK.sub('', str(email.body)))}")
            for email in mail.outbox
        ]
    )


@pytest.mark.usefixtures("made_up_language")
def test_every_kind_of_email_can_be_translated(cast: Cast, everybody: dict[str, User]) -> None:  # noqa: F811
    """Render each template once: what the database holds is enough for all but a few."""
    grant = BreakGlassGrant.objects.first()
    assert grant is not None
    request, statement = Grant.objects.latest("pk").request, a_statement(cast)
    people = {"person": cast.alice, "proposed_by": cast.ada, "confirmed_by": cast.bob}
    reset = FactorReset(**people, reason="The file.", proposed_at=NOON, done_at=NOON)
    facts: dict[str, dict[str, object]] = {
        "factor_reset": {"reset": reset},
        "factor_reset_proposed": {"reset": reset},
        "clocks": {"episode": ClockEpisode(began_at=NOON, observed_at=NOON, reason_code="clocks_unknown")},
        "invitation": {"invitation": Invitation.objects.first()},
        "break_glass": {"break_glass_grant": grant, "request": grant.request},
        "role_change": {"change": RoleChange.objects.first()},
        "statement": {"statement": statement, "role": statement.role},
        "stopped": {"stop": Stop.objects.first()},
        "no_account": {"email": "nobody@example.com"},
    }
    names = {path.stem for path in (ROOT / "templates" / "mail").glob("*.txt") if not path.name.startswith("_")}
    rendered = {
        name: email_text.render(name, {"page": "", "asked": request, "request": request} | facts.get(name, {}))
        for name in names
    }
    shown = [(name, html.escape(f"{subject}\n{body}")) for name, (subject, body) in rendered.items()]
    assert all(pseudo.OPEN in subject and pseudo.OPEN in body for subject, body in rendered.values())
    check(shown, {"nobody@example.com"})


NOTICES = [
    "account/email/password_changed", "account/email/password_set", "mfa/email/recovery_codes_generated",
    "mfa/email/totp_activated", "mfa/email/totp_deactivated", "mfa/email/webauthn_added", "mfa/email/webauthn_removed",
]  # fmt: skip


@pytest.mark.usefixtures("made_up_language")
def test_every_notice_about_an_account_can_be_translated(cast: Cast, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = cast.alice
    with allauth_context.request_context(request):
        for name in NOTICES:
            get_adapter(request).send_notification_mail(name, cast.alice)
    assert len(mail.outbox) == len(NOTICES)
    check(
        [(str(one.subject), html.escape(f"{one.subject}\n{LINK.sub('', str(one.body))}")) for one in mail.outbox],
        {"testserver", "Unspecified"},
    )


@pytest.mark.usefixtures("made_up_language", "unwatched")
def test_processes_are_named_in_the_readers_language(cast: Cast) -> None:
    for process in ("worker", "auto-approval"):
        append(verb="grant.applied", subject="x", by=process, now=NOON)
    page = visitor(cast.ada).get("/audit/").content.decode()
    assert page.count(pseudo.OPEN) > 10
    check([("/audit/", page)], {"worker", "auto-approval"})


@pytest.mark.usefixtures("made_up_language", "unwatched")
def test_the_words_in_a_policy_can_be_translated(cast: Cast) -> None:
    page = visitor(cast.alice).get(pages.of(factories.ask(cast, now=NOON), "approval")).content.decode()
    words = pseudo.translated("(when approved)")
    assert page.count(words) > 1
    assert "(when approved)" not in page


@pytest.mark.usefixtures("made_up_language", "unwatched")
def test_a_page_says_in_which_language_it_is(cast: Cast) -> None:
    assert f'<html lang="{pseudo.CODE}">' in visitor(cast.ada).get("/").content.decode()


@pytest.mark.usefixtures("made_up_language", "unwatched")
def test_the_title_of_the_admin_can_be_translated(cast: Cast) -> None:
    page = visitor(cast.ada).get(reverse("admin:index")).content.decode()
    (title,) = re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
    check([("title", title), ("heading", " ".join(re.findall(r"<h1.*?</h1>", page, re.DOTALL)))])


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ('<p title="Close">⟦Šåṽé⟧</p>', ["Close"]),
        ('<p aria-label="⟦Çĺóšé⟧">x</p>', []),
        ('<body data-over="now">', ["now"]),
        ('<p data-tone="good">⟦Šåṽé⟧</p>', []),
        ("<title>Roles · Daypass</title>", ["Roles "]),
        ('<input type="submit" value="Send">', ["Send"]),
        ('<pre><code>"aws:CurrentTime": "(when approved)"</code></pre>', ["when approved"]),
        ("<p>⟦The worker ĥåš ŵříŧŧéñ⟧</p>", ["The worker ĥåš ŵříŧŧéñ"]),
    ],
)
def test_english_is_found_wherever_it_is(page: str, left: list[str]) -> None:
    assert pseudo.untranslated(page, {"Daypass"}) == left


@pytest.mark.usefixtures("made_up_language")
def test_evidence_is_in_english_for_every_reader(everybody: dict[str, User]) -> None:  # noqa: F811
    for grant in Grant.objects.all():
        with zipfile.ZipFile(io.BytesIO(packing.pack(grant, by=everybody["ada"], now=NOON))) as packed:
            assert [
                line
                for name in packed.namelist()
                for line in packed.read(name).decode().splitlines()
                if pseudo.OPEN in line
            ] == []
    assert Grant.objects.count() > 3


@pytest.mark.usefixtures("made_up_language")
def test_every_sentence_of_the_catalogue_can_be_translated() -> None:
    templates: dict[str, Sentence | Phrase] = {**TEMPLATES, **PHRASES}
    shown = {code: _filled(code, template) for code, template in templates.items()}
    whole = {text for text in shown.values() if text.startswith(pseudo.OPEN) and text.endswith(pseudo.CLOSE)}
    assert [(code, text) for code, text in shown.items() if text not in whole] == []


def _filled(code: str, template: Sentence | Phrase) -> str:
    """The text with something for each of its facts."""
    message = template.message.many if isinstance(template.message, Plural) else template.message
    facts: dict[str, Any] = {name: "x" for _, name, _, _ in string.Formatter().parse(message) if name}
    return str(Text(code, facts | ({template.count: 2} if template.count else {})))
