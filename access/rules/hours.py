"""Office hours: days of the week and a time of day, in one time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from access.texts.text import Listed, Text

DAYS = tuple(Text(f"day_{day}") for day in range(1, 8))  # Monday first


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """`days` are 1 for Monday to 7 for Sunday; `zone` is a name of the IANA time zone database."""

    days: frozenset[int]
    opens: time
    closes: time
    zone: str

    def hold(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Return whether a window begins and ends within the hours of one and the same day, by that zone's clocks."""
        start, end = (at.astimezone(ZoneInfo(self.zone)) for at in (starts_at, ends_at))
        if start.date() != end.date() or start.isoweekday() not in self.days:
            return False
        return self.opens <= start.time() and end.time() <= self.closes

    def last_start(self, length: timedelta, *, earliest: datetime, latest: datetime) -> datetime | None:
        """Return the last moment between `earliest` and `latest` at which a window of this length lies within the
        hours; None when there is none.
        """
        zone = ZoneInfo(self.zone)
        day, first = latest.astimezone(zone).date(), earliest.astimezone(zone).date()
        while day >= first:
            closing = datetime.combine(day, self.closes, tzinfo=zone).astimezone(UTC)
            start = min(latest, closing - length)
            if start >= earliest and self.hold(start, start + length):
                return start
            day -= timedelta(days=1)
        return None

    @property
    def text(self) -> Text:
        """Return them as people say them: "Monday to Friday, 09:00 to 17:00 Europe/Berlin"."""
        opens, closes = f"{self.opens:%H:%M}", f"{self.closes:%H:%M}"
        return Text("office_hours", {"days": _days(self.days), "opens": opens, "closes": closes, "zone": self.zone})


def _days(days: frozenset[int]) -> Text | Listed:
    listed = sorted(days)
    names = tuple(DAYS[day - 1] for day in listed)
    if len(listed) == len(DAYS):
        return Text("days_all")
    if len(listed) > 2 and listed[-1] - listed[0] == len(listed) - 1:
        return Text("days_span", {"first": names[0], "last": names[-1]})
    return Listed(names)
