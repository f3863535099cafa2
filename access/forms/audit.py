"""The filter of the audit log. Objects are resolved elsewhere: an unknown one and a forbidden one get one answer."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access import wording
from access.texts.event_kinds import GROUPS, SENTENCES
from access.zones import place

Options = Sequence[tuple[str, Any]]


class EventFilterForm(forms.Form):
    """What a reader of the audit log can ask for; every field can be empty."""

    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"placeholder": _("Email address")}),
    )
    role = forms.CharField(label=_("Role"), required=False, widget=forms.Select)
    account = forms.CharField(label=_("Account"), required=False, widget=forms.Select)
    company = forms.CharField(label=_("Company"), required=False, widget=forms.Select)
    request = forms.CharField(
        label=_("Request"),
        required=False,
        max_length=36,
        widget=forms.TextInput(attrs={"placeholder": _("Request ID")}),
    )
    kind = forms.CharField(label=_("Kind of event"), required=False, widget=forms.Select)
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, zone: str, options: Mapping[str, Options], **kwargs: Any) -> None:
        """Take the reader's time zone, in which the day is meant, and the options of each list."""
        super().__init__(*args, **kwargs)
        self.zone = place(zone)
        self.fields["day"].label = _("Day ({zone})").format(zone=self.zone.key)
        for name, choices in options.items():
            widget = self.fields[name].widget
            if isinstance(widget, forms.Select):
                widget.choices = [("", _("All")), *choices]

    def clean_kind(self) -> str:
        """Return a group or a verb that Daypass knows."""
        kind: str = self.cleaned_data["kind"]
        if kind and kind not in GROUPS and kind not in SENTENCES:
            raise wording.invalid("audit_kind_unknown")
        return kind

    def clean_day(self) -> date | None:
        """Return a day that every database and clock can hold."""
        day: date | None = self.cleaned_data["day"]
        if day is not None and not 2000 <= day.year < 9000:
            raise wording.invalid("time_out_of_range")
        return day

    def bounds(self) -> tuple[datetime, datetime] | None:
        """Return when the day begins and ends in the reader's time zone; None without a day."""
        day: date | None = self.cleaned_data.get("day")
        if day is None:
            return None
        first, last = (datetime.combine(one, time(), self.zone) for one in (day, day + timedelta(days=1)))
        return first.astimezone(UTC), last.astimezone(UTC)

    def asked(self) -> dict[str, str]:
        """Return what was asked for, as the address has it and as the record of an export keeps it."""
        values = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return values | ({"time_zone": self.zone.key} if "day" in values else {})
