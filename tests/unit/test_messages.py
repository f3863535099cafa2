"""Everything that a person reads can be translated: it is marked, it is extracted, and catalogues are compiled."""

import gettext
import re
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.template import Plural
from dev import marked, messages
from dev.options import ROOT
from portal.catalogues import compile_catalogues

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Sign in"
msgstr "Anmelden"

msgid "{{count}} day"
msgid_plural "{{count}} days"
msgstr[0] "{{count}} Tag"
msgstr[1] "{{count}} Tage"
"""


def test_every_text_of_the_templates_is_marked() -> None:
    names = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*")) if path.is_file()]
    assert len(names) > 200
    assert list(marked.findings(ROOT, names)) == []


@pytest.mark.parametrize(
    "source",
    [
        "<h1>Sign in</h1>",
        "<p>{{ count }} request{{ count|pluralize }}</p>",
        '<button title="Sign out"></button>',
        '<input placeholder="Person, company or role">',
        '{% include "components/alert.html" with title="Nothing will be written" %}',
        '{{ name|default:"none" }}',
        "{% if on %}Enable{% else %}Disable{% endif %}",
        '{% translate "Sign in" %} or not',
    ],
)
def test_the_guard_finds_text_that_is_not_marked(source: str) -> None:
    assert list(marked.unmarked(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        '<h1>{% translate "Sign in" %}</h1>',
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
        "<button title=\"{% translate 'Sign out' %}\">…</button>",
        '{% include "components/alert.html" with title=_("Nothing will be written") tone="warning" %}',
        '{{ name|default:_("none") }}',
        "{# Context: name. #}<code>{{ arn }}</code> · Daypass",
    ],
)
def test_the_guard_passes_what_is_marked(source: str) -> None:
    assert list(marked.unmarked(source)) == []


def test_every_sentence_is_extracted() -> None:
    catalog = messages.extracted(ROOT)
    for message in [*(one.message for one in TEMPLATES.values()), *(one.message for one in PHRASES.values())]:
        wanted = tuple(message) if isinstance(message, Plural) else message
        assert catalog[wanted].id == wanted
    assert "Approve with your changes" in catalog  # of a template
    assert catalog["{{count}} day".replace("{{", "{").replace("}}", "}")].pluralizable


def test_catalogues_are_compiled(tmp_path: Path) -> None:
    assert compile_catalogues(tmp_path) == []
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO.format())
    assert compile_catalogues(tmp_path) == [folder / "django.mo"]
    german = gettext.translation("django", tmp_path, ["de"])
    assert german.gettext("Sign in") == "Anmelden"
    assert german.ngettext("{count} day", "{count} days", 2) == "{count} Tage"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('msgid "Sign in"\nAnmelden\n', "keyword on 1"),
        ('msgid "Disable {what}"\nmsgstr "{wen} sperren"\n', "Disable {what}.*names wen"),
        ('msgid "Disable %(what)s"\nmsgstr "%(wen)s sperren"\n', "names wen"),
    ],
)
def test_a_catalogue_that_cannot_be_shown_is_refused(text: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(text)
    with pytest.raises((ValueError, PoFileError), match=said):
        compile_catalogues(tmp_path)


def test_no_template_writes_a_date_or_number_in_a_form_of_its_own() -> None:
    """What people read is written by `access.wording`, as in their language; other forms are for machines."""
    forms = re.compile(r"\|(?:(?:date|time)(?!:['\"](?:c|U|Y-m-d)['\"])\b|floatformat|intcomma|timesince|timeuntil)")
    paths = sorted((ROOT / "templates").rglob("*.html"))
    assert [f"{path.name}: {found[0]}" for path in paths for found in forms.finditer(path.read_text())] == []


@pytest.mark.parametrize("script", sorted((ROOT / "static").glob("*.js")), ids=lambda path: path.name)
def test_no_script_says_anything_in_words_of_its_own(script: Path) -> None:
    """What a script shows is in attributes of the page, where it can be translated."""
    said = re.findall(r"(?:textContent|innerText|innerHTML|title) = .*", script.read_text())
    assert [line for line in said if re.search(r"[\"'`][A-Za-z ]*[A-Za-z]{2}", line)] == []
