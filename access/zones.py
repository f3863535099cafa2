"""Read the names of the IANA time zones, and find the zone that a person typed."""

import functools
import zoneinfo
from datetime import datetime, timedelta

UTC_NAME = "UTC"
# Offered in a list; any other zone can be typed.
COMMON = (
    UTC_NAME,
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Rome",
    "Europe/Zurich",
    "Europe/Vienna",
    "Europe/Amsterdam",
    "Europe/Stockholm",
    "Europe/Warsaw",
    "Europe/Bucharest",
    "Europe/Athens",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Toronto",
    "America/Mexico_City",
    "America/Bogota",
    "America/Sao_Paulo",
    "Africa/Lagos",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/Nairobi",
    "Asia/Jerusalem",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
    "Pacific/Auckland",
)


@functools.cache
def known() -> frozenset[str]:
    """Return the names of all time zones that people can choose: UTC, and the places."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return frozenset((UTC_NAME, *places))


def place(name: str) -> zoneinfo.ZoneInfo:
    """Return a time zone by its name, and UTC for an unknown one."""
    return zoneinfo.ZoneInfo(name if name in known() else UTC_NAME)


def find(typed: str) -> str:
    """Return the name of the zone that somebody typed, in any case and with blanks, or only by its city; empty when
    there is none or more than one.
    """
    wanted = "_".join(typed.split()).casefold()
    names, cities = _by_name(), _by_city()
    return names.get(wanted) or cities.get(wanted, "")


def word(at: datetime) -> str:
    """Return how a zone's clocks are called at this local time: "CET", or "UTC+5:30" where it has no such name."""
    name = at.tzname() or ""
    return name if name.isalpha() else offset(at)


def offset(at: datetime) -> str:
    """Return how far the clocks of a local time are from UTC: "UTC+1", "UTC-3:30", "UTC"."""
    ahead = at.utcoffset() or timedelta(0)
    if not ahead:
        return UTC_NAME
    minutes = abs(ahead) // timedelta(minutes=1)
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"{UTC_NAME}{'-' if ahead < timedelta(0) else '+'}{minutes // 60}{rest}"


@functools.cache
def _by_name() -> dict[str, str]:
    return {name.casefold(): name for name in known()}


@functools.cache
def _by_city() -> dict[str, str]:
    cities: dict[str, list[str]] = {}
    for name in known():
        cities.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    return {city: names[0] for city, names in cities.items() if len(names) == 1}
