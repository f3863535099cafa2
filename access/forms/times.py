"""Times as people type them: in a chosen time zone, stored as instants in UTC."""

import functools
import re
import zoneinfo
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateformat import format as dates
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import wording

_OFFSET = re.compile(r"(?:Z|z|[+-][0-9]{2}:?[0-9]{2})\s*\Z", re.ASCII)
DATE_INPUT = "%Y-%m-%dT%H:%M"
NEVER_SEEN = _("This time is out of range. Choose another time.")


@functools.cache
def zones() -> tuple[tuple[str, str], ...]:
    """Return the time zones to choose from: UTC, then all places by name."""
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return tuple((name, name.replace("_", " ")) for name in ("UTC", *places))


def place(zone: str) -> zoneinfo.ZoneInfo:
    """Return a time zone by its name, and UTC for an unknown one."""
    return zoneinfo.ZoneInfo(zone if zone in dict(zones()) else "UTC")


def in_utc(local: datetime, zone: str) -> datetime:
    """Return the instant at which a clock in `zone` shows `local`; raises ValidationError when there is none or two."""
    there = place(zone)
    shown = dates(local, wording.MOMENT)
    try:
        early, late = (local.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        raise ValidationError(NEVER_SEEN, code="time_out_of_range") from None
    if early == late:
        return early
    if early.astimezone(there).replace(tzinfo=None) != local:
        raise ValidationError(
            gettext("At that time, clocks in {zone} go forward and skip {shown}. Choose another time.").format(
                zone=zone, shown=shown
            ),
            code="time_never_shown",
        )
    raise ValidationError(
        gettext(
            "At that time, clocks in {zone} go back and show {shown} twice. Choose another time, or use UTC."
        ).format(zone=zone, shown=shown),
        code="time_shown_twice",
    )


class LocalTimeField(forms.DateTimeField):
    """A time in the form's time zone; an invalid time is refused with an example."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format=DATE_INPUT)
    default_error_messages = {"invalid": _("This is not a valid time. Enter a time such as 2026-11-24T16:30.")}

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str) and _OFFSET.search(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        at = super().to_python(value)
        return at.replace(tzinfo=None) if at else None


class ZoneField(forms.ChoiceField):
    """A time zone by its name in the IANA database."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("Time zone"),
            "choices": zones,
            "required": False,
            "error_messages": {"invalid_choice": _("This time zone is not known. Choose a time zone from the list.")},
        }
        super().__init__(**usual | options)

    def clean(self, value: Any) -> str:
        return super().clean(value) or "UTC"


class ZonedForm(forms.Form):
    """A form whose times are in a time zone chosen on it."""

    def clean(self) -> dict[str, Any]:
        """Turn the times into instants."""
        cleaned = super().clean() or {}
        zone = cleaned.get("time_zone")
        for name, field in self.fields.items():
            if isinstance(field, LocalTimeField) and zone and cleaned.get(name):
                try:
                    cleaned[name] = self.instant(name, cleaned[name], zone)
                except ValidationError as error:
                    self.add_error(name, error)
        return cleaned

    def instant(self, name: str, local: datetime, zone: str) -> datetime:  # noqa: ARG002  # a form can use it
        """Return the instant that a field means; raises ValidationError when there is none or two."""
        return in_utc(local, zone)
