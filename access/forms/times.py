"""Times as people type them: in their time zone, stored as instants in UTC."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import languages, wording, zones

_OFFSET = re.compile(r"(?:Z|z|[+-][0-9]{2}:?[0-9]{2})\s*\Z", re.ASCII)
MOMENT_SUFFIX = "_offset"  # of the name of a field that asks which of two instants is meant
DATE_INPUT = "%Y-%m-%dT%H:%M"


def in_utc(local: datetime, zone: str) -> datetime:
    """Return the instant at which a clock in `zone` shows `local`; raises ValidationError when there is none or two."""
    there = zones.place(zone)
    shown = wording.shown(local, wording.MOMENT)
    try:
        early, late = (local.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        raise wording.invalid("time_out_of_range") from None
    if early == late:
        return early
    if early.astimezone(there).replace(tzinfo=None) != local:
        raise wording.invalid("time_never_shown", zone=zone, shown=shown)
    raise wording.invalid("time_shown_twice", zone=zone, shown=shown)


def both_instants(local: datetime, zone: str) -> dict[str, datetime]:
    """Return the two instants at which clocks in `zone` show `local`, by their offset from UTC, the earlier one first.

    For a time that clocks show twice; of any other time, both are the same.
    """
    there = zones.place(zone)
    both = [local.replace(tzinfo=there, fold=fold) for fold in (0, 1)]
    return {one.isoformat(timespec="seconds")[19:]: one.astimezone(UTC) for one in both}


def check_in_range(form: forms.Form, name: str, start: datetime, length: timedelta) -> None:
    """Add an error to a field when a window that begins then ends after the last moment that there is."""
    try:
        start + length
    except OverflowError:
        form.add_error(name, wording.invalid("time_out_of_range"))


class TimeInput(forms.DateTimeInput):
    """A time, and below it a choice between two instants where clocks show the time twice.

    `moments` are the two as offset and text; `chosen` is the offset that was chosen.
    """

    template_name = "components/time_input.html"
    moments: Sequence[tuple[str, str]] = ()
    chosen = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return context | {"moments": self.moments, "chosen": self.chosen, "moment_name": name + MOMENT_SUFFIX}


class LocalTimeField(forms.DateTimeField):
    """A time in the form's time zone; an invalid time is refused with an example."""

    widget = TimeInput(attrs={"type": "datetime-local"}, format=DATE_INPUT)
    default_error_messages = {"invalid": _("This is not a valid time. Enter a time such as 2026-11-24T16:30.")}

    def prepare_value(self, value: Any) -> Any:
        """Show an instant in the reader's time zone."""
        is_instant = isinstance(value, datetime) and timezone.is_aware(value)
        return timezone.localtime(value).replace(tzinfo=None) if is_instant else value

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str) and _OFFSET.search(value):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        with timezone.override(UTC):  # Django would read it in the reader's zone, which need not be the form's
            at = super().to_python(value)
        return at.replace(tzinfo=None) if at else None


class ZoneInput(forms.TextInput):
    """A text field that offers the usual time zones."""

    template_name = "components/zone_input.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        own = timezone.get_current_timezone_name()
        names = dict.fromkeys((own, *zones.COMMON))
        context["widget"]["attrs"]["list"] = f"{name}-zones"
        return context | {"zones": list(names), "list": f"{name}-zones"}


class ZoneField(forms.CharField):
    """A time zone by its name in the IANA database, or by its city; the reader's own when nothing is typed."""

    widget = ZoneInput

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("Time zone"),
            "required": False,
            "max_length": 64,
            "initial": timezone.get_current_timezone_name,
            "help_text": _("Applies to the times above. For example Europe/Berlin, or UTC."),
        }
        super().__init__(**usual | options)

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        name = zones.find(typed) if typed else timezone.get_current_timezone_name()
        if not name:
            raise wording.invalid("zone_unknown")
        return name


def _language_choices() -> list[tuple[str, Any]]:
    return [("", _("As in the browser")), *languages.known().items()]


class ZoneForm(forms.Form):
    """The time zone in which somebody reads and types times, and the language of their pages and emails."""

    time_zone = ZoneField(required=True, help_text=_("For example Europe/Berlin, or UTC. Type to search."))
    language = forms.ChoiceField(label=_("Language"), required=False, choices=_language_choices)


class ZonedForm(forms.Form):
    """A form whose times are in the time zone that it names: the reader's own, unless they choose another."""

    def clean(self) -> dict[str, Any]:
        """Turn the times into instants."""
        cleaned = super().clean() or {}
        zone = cleaned.get("time_zone")
        for name, field in self.fields.items():
            if isinstance(field, LocalTimeField) and zone and cleaned.get(name):
                try:
                    cleaned[name] = self.instant(name, cleaned[name], zone)
                except ValidationError as error:
                    self._ask_which(name, cleaned[name], zone, error)
        return cleaned

    def _ask_which(self, name: str, local: datetime, zone: str, error: ValidationError) -> None:
        """Take the instant that was chosen, of a time that clocks show twice; otherwise add the error, which asks."""
        if error.code != "time_shown_twice":
            self.add_error(name, error)
            return
        both, widget = both_instants(local, zone), self.fields[name].widget
        shown = wording.shown(local, wording.TIME)
        first, second = both
        widget.moments = [
            (first, gettext("{time}, UTC{offset} (before the clocks go back)").format(time=shown, offset=first)),
            (second, gettext("{time}, UTC{offset} (after the clocks went back)").format(time=shown, offset=second)),
        ]
        widget.chosen = self.data.get(self.add_prefix(name) + MOMENT_SUFFIX, "")
        if widget.chosen in both:
            self.cleaned_data[name] = both[widget.chosen]
        else:
            self.add_error(name, error)

    def instant(self, name: str, local: datetime, zone: str) -> datetime:  # noqa: ARG002  # a form can use it
        """Return the instant that a field means; raises ValidationError when there is none or two."""
        return in_utc(local, zone)
