"""A time as a clock shows it somewhere is one instant, or it is refused with the reason."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from access import zones
from access.forms.times import in_utc

FORWARD = datetime(2027, 3, 28, 2, 30)  # noqa: DTZ001  # as it is typed
BACK = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001


def refusal(local: datetime, zone: str) -> str:
    with pytest.raises(ValidationError) as refused:
        in_utc(local, zone)
    return str(refused.value.code)


def test_a_time_of_berlin_is_an_hour_or_two_ahead_of_utc() -> None:
    assert in_utc(datetime(2026, 11, 24, 13), "Europe/Berlin") == datetime(2026, 11, 24, 12, tzinfo=UTC)  # noqa: DTZ001
    assert in_utc(datetime(2026, 7, 1, 13), "Europe/Berlin") == datetime(2026, 7, 1, 11, tzinfo=UTC)  # noqa: DTZ001
    assert in_utc(BACK, "UTC") == BACK.replace(tzinfo=UTC)


@pytest.mark.parametrize("minutes", [0, 1, 30, 59])
def test_an_ambiguous_time_is_refused(minutes: int) -> None:
    assert refusal(datetime(2026, 10, 25, 2, minutes), "Europe/Berlin") == "time_shown_twice"  # noqa: DTZ001


@pytest.mark.parametrize("minutes", [0, 1, 30, 59])
def test_a_nonexistent_time_is_refused(minutes: int) -> None:
    assert refusal(datetime(2027, 3, 28, 2, minutes), "Europe/Berlin") == "time_never_shown"  # noqa: DTZ001


def test_the_minutes_before_and_after_are_accepted() -> None:
    for local in (FORWARD, BACK):
        for beside in (local.replace(hour=1, minute=59), local.replace(hour=3, minute=0)):
            assert in_utc(beside, "Europe/Berlin").tzinfo is UTC


def test_clocks_that_change_by_half_an_hour_are_read_correctly() -> None:
    assert refusal(datetime(2027, 4, 4, 1, 45), "Australia/Lord_Howe") == "time_shown_twice"  # noqa: DTZ001
    assert in_utc(datetime(2027, 4, 4, 1, 15), "Australia/Lord_Howe").minute == 15  # noqa: DTZ001


@pytest.mark.parametrize(("year", "zone"), [(1, "Europe/Berlin"), (9999, "America/New_York")])
def test_the_ends_of_time_are_refused(year: int, zone: str) -> None:
    local = datetime(year, 1, 1) if year == 1 else datetime(year, 12, 31, 23)  # noqa: DTZ001
    assert refusal(local, zone) == "time_out_of_range"


def test_utc_is_the_first_of_many_zones_and_replaces_an_unknown_one() -> None:
    assert zones.COMMON[0] == "UTC"
    assert {"Europe/Berlin", "America/New_York", "Asia/Kolkata", *zones.COMMON} <= zones.known()
    assert not [name for name in zones.known() if name.startswith("Etc/")]
    assert str(zones.place("Nowhere/Gone")) == "UTC"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("  europe/berlin ", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("utc", "UTC"),
        ("", ""),
        ("Louisville", ""),  # America/Louisville and America/Kentucky/Louisville
        ("Europe/", ""),
        ("../etc/passwd", ""),
        ("Etc/GMT+1", ""),
        ("x" * 5000, ""),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_city(typed: str, name: str) -> None:
    assert zones.find(typed) == name


@pytest.mark.parametrize(
    ("zone", "at", "word", "offset"),
    [
        ("Europe/Berlin", datetime(2026, 11, 24, 12, tzinfo=UTC), "CET", "UTC+1"),
        ("Europe/Berlin", datetime(2026, 7, 1, 12, tzinfo=UTC), "CEST", "UTC+2"),
        ("America/Sao_Paulo", datetime(2026, 7, 1, 12, tzinfo=UTC), "UTC-3", "UTC-3"),
        ("Asia/Kathmandu", datetime(2026, 7, 1, 12, tzinfo=UTC), "UTC+5:45", "UTC+5:45"),
        ("America/St_Johns", datetime(2026, 11, 24, 12, tzinfo=UTC), "NST", "UTC-3:30"),
        ("UTC", datetime(2026, 7, 1, 12, tzinfo=UTC), "UTC", "UTC"),
    ],
)
def test_a_zone_is_named_as_people_of_the_place_do(zone: str, at: datetime, word: str, offset: str) -> None:
    here = at.astimezone(zones.place(zone))
    assert (zones.word(here), zones.offset(here)) == (word, offset)
