"""Dates, numbers, lists and lengths are written, and lengths are read, as readers of each language do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone, translation

from access import wording
from access.forms.lengths import LengthField
from access.texts.text import Inside, Text
from access.zones import place

pytestmark = pytest.mark.usefixtures("catalogues")
AT = datetime(2026, 11, 30, 16, 53, 7, tzinfo=UTC)
PARTS = [timedelta(days=1), timedelta(days=2, hours=1, minutes=1, seconds=1), timedelta(hours=8), timedelta(minutes=30)]


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"), timezone.override(place("Europe/Berlin")):
        yield


def shown(template: str, **facts: object) -> str:
    return Template(template).render(Context(facts))


@pytest.mark.usefixtures("german")
def test_times_are_written_as_in_german() -> None:
    assert wording.moment(AT) == "30. November 2026, 17:53 CET"
    assert wording.moment(AT, wording.SECOND) == "30. November 2026, 17:53:07 CET"
    assert wording.moment_and_utc(AT) == "30. November 2026, 17:53 CET (30. November 2026, 16:53 UTC)"
    assert shown("{{ at|day }} {{ first|day }}", at=AT, first=date(2026, 3, 1)) == "30. November 2026 1. März 2026"
    assert wording.shown(date(2026, 12, 7), wording.SHORT_DAY) == "7. Dez"
    assert wording.shown(date(2026, 12, 7), wording.WEEKDAY) == "Mo 7."


def test_times_are_written_as_in_english() -> None:
    with translation.override("en-gb"):
        assert wording.moment(AT) == "30 Nov 2026, 16:53 UTC"
        assert wording.shown(AT.date(), wording.WEEKDAY) == "Mon 30"


@pytest.mark.parametrize(("code", "said"), [("de", "1.234.567"), ("en-gb", "1,234,567"), ("xx", "1,234,567")])
def test_numbers_have_the_separators_of_the_language(code: str, said: str) -> None:
    with translation.override(code):
        assert shown("{{ n|number }}", n=1234567) == said
        assert said in str(Text("queue_dropped", {"count": 1234567}))
    assert "1234567" in Text("queue_dropped", {"count": 1234567}).english


@pytest.mark.usefixtures("german")
def test_lists_have_the_word_of_the_language() -> None:
    assert wording.listed(["a", "b", "c"], "and") == "a, b und c"
    assert wording.listed(["a", "b", "c"], "or") == "a, b oder c"


@pytest.mark.usefixtures("german")
def test_a_length_is_in_german() -> None:
    assert wording.length(timedelta(days=1, hours=2, minutes=30)) == "1 Tag 2 Stunden 30 Minuten"


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("lasting", PARTS)
def test_a_field_reads_the_length_that_it_shows(code: str, lasting: timedelta) -> None:
    field = LengthField(longest=timedelta(days=30))
    with translation.override(code):
        assert field.clean(field.prepare_value(lasting)) == lasting


@pytest.mark.parametrize(("typed", "hours"), [
    ("8 Stunden", 8), ("8 Std.", 8), ("8 std", 8), ("2 Std. 30 Min.", 2.5), ("1 Tag 1 Std", 25), ("90 Minuten", 1.5),
    ("2 h 30 min", 2.5), ("1 day 1 hour", 25), ("2h30min", 2.5),
])  # fmt: skip
def test_lengths_are_read_in_each_language(typed: str, hours: float) -> None:
    assert LengthField(longest=timedelta(days=30)).clean(typed) == timedelta(hours=hours)


@pytest.mark.parametrize("code", ["de", "en-gb"])
def test_a_sentence_inside_another_keeps_the_capitals_of_nouns(code: str) -> None:
    inner = Text("can_nothing")
    with translation.override(code):
        sentence = str(inner)
        said = str(Text("by_managed_policy", {"name": "X", "sentence": Inside(inner)}))
    wanted = sentence if code == "de" else sentence[0].lower() + sentence[1:]
    assert said.endswith(wanted)
