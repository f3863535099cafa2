"""Columns with office hours, for roles and for auto-approval policies."""

from zoneinfo import available_timezones

from django.db import models
from django.db.models import F, Q

from access.rules.hours import OfficeHours
from access.wording import invalid


def zone_validator(name: str) -> None:
    """Refuse what is no name of the IANA time zone database."""
    if name not in available_timezones():
        raise invalid("zone_invalid")


class HoursColumns(models.Model):
    """All four are there, or none."""

    office_days = models.CharField(max_length=7, blank=True, help_text="1 for Monday to 7 for Sunday, as 12345.")
    office_opens = models.TimeField(null=True, blank=True)
    office_closes = models.TimeField(null=True, blank=True)
    office_zone = models.CharField(max_length=64, blank=True, validators=[zone_validator])

    class Meta:
        abstract = True

    def office_hours(self) -> OfficeHours | None:
        """Return the hours, or None when there are none."""
        if self.office_opens is None or self.office_closes is None:
            return None
        days = frozenset(int(day) for day in self.office_days)
        return OfficeHours(days, self.office_opens, self.office_closes, self.office_zone)


def hours_are_whole(name: str) -> models.CheckConstraint:
    """Return the constraint that hours are whole, and open before they close."""
    none = Q(office_days="", office_opens=None, office_closes=None, office_zone="")
    times = Q(office_opens__isnull=False, office_closes__isnull=False, office_closes__gt=F("office_opens"))
    whole = Q(office_days__regex=r"^[1-7]{1,7}$") & times & ~Q(office_zone="")
    return models.CheckConstraint(name=name, condition=none | whole)
