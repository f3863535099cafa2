"""A catalogue is complete when every message has a translation with the same placeholders, and no other is in it."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from dev import translations

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
GOOD = """msgid "Sign in"
msgstr "Anmelden"

msgid "Remove {what}"
msgstr "{what} entfernen"

msgid "<b>%(n)s</b> day"
msgid_plural "<b>%(n)s</b> days"
msgstr[0] "<b>%(n)s</b> Tag"
msgstr[1] "<b>%(n)s</b> Tage"

msgctxt "verb"
msgid "Open"
msgstr "Öffnen"
"""


@pytest.fixture
def template() -> Catalog:
    catalog = Catalog()
    for message in ("Sign in", "Remove {what}", ("<b>%(n)s</b> day", "<b>%(n)s</b> days")):
        catalog.add(message)
    catalog.add("Open", context="verb")
    return catalog


def written(folder: Path, text: str) -> Path:
    path = folder / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + text)
    return path


def test_a_complete_catalogue_passes(tmp_path: Path, template: Catalog) -> None:
    assert list(translations.findings(written(tmp_path, GOOD), template)) == []


@pytest.mark.parametrize(
    ("before", "after", "wrong", "message"),
    [
        ('msgid "Sign in"\nmsgstr "Anmelden"\n', "", "no translation", "Sign in"),
        ('"Anmelden"', '""', "no translation", "Sign in"),
        ('msgid "Sign in"', '#, fuzzy\nmsgid "Sign in"', "no translation", "Sign in"),
        ('"<b>%(n)s</b> Tage"', '""', "no translation", "<b>%(n)s</b> day"),
        ('msgctxt "verb"\n', "", "no translation", "Open"),
        ("{what} entfernen", "Entfernen", "other placeholders", "Remove {what}"),
        ("{what} entfernen", "{was} entfernen", "other placeholders", "Remove {what}"),
        ("<b>%(n)s</b> Tag\"", "%(n)s Tag\"", "other placeholders", "<b>%(n)s</b> day"),
        ("<b>%(n)s</b> Tag\"", "<b>Ein</b> Tag\"", "other placeholders", "<b>%(n)s</b> day"),
        ('"Anmelden"', '"Anmelden "', "other placeholders", "Sign in"),
        ('msgid "Sign in"', 'msgid "Gone"\nmsgstr "Weg"\n\nmsgid "Sign in"', "no longer used", "Gone"),
        ('msgid "Sign in"', '#~ msgid "Gone"\n#~ msgstr "Weg"\n\nmsgid "Sign in"', "no longer used", "Gone"),
    ],
)  # fmt: skip
def test_each_message_that_is_missing_or_wrong_is_named_with_the_command(
    before: str, after: str, wrong: str, message: str, tmp_path: Path, template: Catalog
) -> None:
    assert before in GOOD
    head, named, *_, command = translations.findings(written(tmp_path, GOOD.replace(before, after, 1)), template)
    assert head.startswith(f"de: {'a translation with ' if 'other' in wrong else ''}{wrong}")
    assert named == f"  {message!r}"
    assert translations.COMMAND in command


def test_an_update_keeps_translations_and_removes_what_is_gone(tmp_path: Path, template: Catalog) -> None:
    path = written(tmp_path, GOOD + '\nmsgid "Gone"\nmsgstr "Weg"\n\n#~ msgid "Older"\n#~ msgstr "Alt"\n')
    template.add("New")
    assert translations.update(path, template) == 1
    with path.open("rb") as file:
        catalog = read_po(file)
    assert {str(one.id): one.string for one in catalog if one.id and isinstance(one.id, str)} == {
        "New": "", "Open": "Öffnen", "Remove {what}": "{what} entfernen", "Sign in": "Anmelden",
    }  # fmt: skip
    first = path.read_text()
    translations.update(path, template)
    assert path.read_text() == first
