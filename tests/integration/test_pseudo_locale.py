"""Every word on a page or in an email that Daypass says itself can be translated: shown by a made-up language."""

import html
import io
import re
import string
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation
from time_machine import TimeMachineFixture

from access.evidence import packing
from access.explain.service_catalog import services
from access.models import Grant, User
from access.notifications import waiting
from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.template import Phrase, Plural, Sentence
from access.texts.text import Text
from tests import pseudo
from tests.factories import NOON
from tests.integration import pages
from tests.integration.pages import unwatched, visitor  # noqa: F401  # a fixture
from tests.integration.test_crawl import crawl, everybody  # noqa: F401  # a fixture

LINK = re.compile(r"http://testserver\S*")
# Names, and AWS's own words: the same in every language.
NAMES = {
    "Daypass", "UTC", "AWS", "IAM", "ARN", "CloudFormation", "CloudWatch", "CSV", "EC2", "JSON", "Lambda", "PowerShell",
    "Python (boto3)", "Terraform",
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
    with translation.override(pseudo.CODE):
        yield


def known_data() -> set[str]:
    """Everything that the database holds: names, reasons, ARNs."""
    values = [value for rows in pages.world().values() for row in rows for value in row.values()]
    texts = {str(value) for value in values if value is not None and not isinstance(value, bool)}
    names = {str(user) for user in User.objects.all()} | _zones() | set(services().values())
    return {text for text in texts if re.search(r"[A-Za-z]{2,}", text)} | names


def _zones() -> set[str]:
    return {name.replace("_", " ") for name in available_timezones()}


def check(texts: Iterable[tuple[str, str]]) -> None:
    """Fail for each text, known by a name, in which words are outside brackets and no data."""
    data = known_data() | NAMES
    left: dict[str, str] = {}
    for name, text in texts:
        for words in pseudo.untranslated(text, data):
            left.setdefault(" ".join(words.split()), name)
    assert left == {}


@pytest.mark.parametrize("name", ["ada", "alice", "rita", "richard", "vic"])
@pytest.mark.usefixtures("made_up_language", "unwatched")
def test_every_page_can_be_translated(name: str, everybody: dict[str, User]) -> None:  # noqa: F811
    client = visitor(everybody[name])
    answers = ((url, client.get(url)) for url in sorted(crawl(client).urls))
    pages_shown = [(url, one.content.decode()) for url, one in answers if one["Content-Type"].startswith("text/html")]
    assert len(pages_shown) > 8
    check(pages_shown)


@pytest.mark.usefixtures("made_up_language", "unwatched", "cast")
def test_the_pages_of_visitors_can_be_translated() -> None:
    client = Client(raise_request_exception=False)
    urls = ["/account/login/", "/account/password/reset/", "/account/password/reset/done/", "/no-such-page/"]
    check([(url, client.get(url).content.decode()) for url in urls])


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
