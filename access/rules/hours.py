"""Office hours: days of the week and a span of the clock in one time zone."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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

    def in_words(self) -> str:
        """Return them as people say them: "Monday to Friday, 09:00 to 17:00 Europe/Berlin"."""
        return f"{_days_in_words(self.days)}, {self.opens:%H:%M} to {self.closes:%H:%M} {self.zone}"


def _days_in_words(days: frozenset[int]) -> str:
    if len(days) == len(DAYS):
        return "every day"
    listed = sorted(days)
    if len(listed) > 2 and listed[-1] - listed[0] == len(listed) - 1:
        return f"{DAYS[listed[0] - 1]} to {DAYS[listed[-1] - 1]}"
    names = [DAYS[day - 1] for day in listed]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
