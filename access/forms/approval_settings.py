"""Approval settings of a role, auto-approval policies, and delegations."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.fields import LineField, SeveralField, UtcDateTimeField
from access.models import Company, Role, User, zone_validator
from access.rules.facts import LONGEST_WAIT_FOR_START
from access.rules.hours import DAYS

_UNITS = {"day": 24 * 60, "hour": 60, "minute": 1}
_LENGTH = re.compile(r"([0-9]{1,5}) (day|hour|minute)s?\Z")
_HOURS = ("office_days", "office_opens", "office_closes", "office_zone")


class LengthField(forms.CharField):
    """A duration in words: 8 hours, 1 day 30 minutes."""

    def __init__(self, *, longest: timedelta, **options: Any) -> None:
        super().__init__(max_length=60, **options)
        self.longest = longest

    def prepare_value(self, value: Any) -> Any:
        """Show a length in words."""
        return wording.length(value) if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> timedelta | None:
        """Return the length, or None when there is none."""
        text = " ".join(str(super().clean(value)).split())
        if not text:
            return None
        parts = re.sub(r"(?<=[a-z]) (?=[0-9])", "\n", text).split("\n")
        found = [match for part in parts if (match := _LENGTH.match(part))]
        length = timedelta(minutes=sum(int(match[1]) * _UNITS[match[2]] for match in found))
        if len(found) != len(parts) or not length:
            said = _("This is not a valid duration. Enter a duration such as 8 hours, or 1 day 30 minutes.")
            raise ValidationError(said, code="duration_invalid")
        if length > self.longest:
            at_most = gettext("At most {longest}.").format(longest=wording.length(self.longest))
            raise ValidationError(at_most, code="duration_too_long")
        return length


class HoursFields(forms.Form):
    """Office hours: all four of them, or none."""

    office_days = forms.MultipleChoiceField(
        label=_("Days"),
        choices=[(str(number), day) for number, day in enumerate(DAYS, 1)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Select no day to allow any time."),
    )
    office_opens = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    office_closes = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    office_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=64,
        validators=[zone_validator],
        help_text=_("For example Europe/Berlin. A window must start and end within the office hours of one day."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for all of the hours or for none, and for an end after the beginning."""
        cleaned = super().clean() or {}
        cleaned["office_days"] = "".join(sorted(cleaned.get("office_days") or []))
        if not cleaned["office_days"]:
            return cleaned | {"office_opens": None, "office_closes": None, "office_zone": ""}
        for name in (one for one in _HOURS if not cleaned.get(one) and one not in self.errors):
            said = _("Office hours are incomplete. Enter days, both times and a time zone.")
            self.add_error(name, ValidationError(said, code="hours_incomplete"))
        opens, closes = cleaned.get("office_opens"), cleaned.get("office_closes")
        if opens and closes and closes <= opens:
            said = _("Office hours end before they start. Choose an end later on the same day.")
            self.add_error("office_closes", ValidationError(said, code="hours_reversed"))
        return cleaned


class ApproversFields(forms.Form):
    """The approvers of a stage, and how many of them must approve."""

    quorum = forms.IntegerField(label=_("Approvals needed"), min_value=1, max_value=20, initial=1)
    approvers = SeveralField(
        label=_("People"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    approver_groups = SeveralField(
        label=_("Groups"), queryset=Group.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True, contractor=None).order_by("name", "email")
        self.fields["approvers"].queryset = people  # type: ignore[attr-defined]
        self.fields["approver_groups"].queryset = Group.objects.order_by("name")  # type: ignore[attr-defined]


class StageForm(ApproversFields):
    """A later stage; a stage without approvers is left out."""

    name = LineField(label=_("Stage name"), max_length=60, required=False)
    field_order = ("name",)


StageFormSet = forms.formset_factory(StageForm, extra=1, max_num=9, absolute_max=9, can_order=True)


class ApprovalSettingsForm(HoursFields, ApproversFields):
    """What a role requires of windows, decisions and approvers."""

    longest_window = LengthField(label=_("Longest window"), longest=timedelta(days=366))
    latest_start = LengthField(
        label=_("Latest start"),
        longest=LONGEST_WAIT_FOR_START,
        help_text=_("How far in advance a window can start."),
    )
    factor_minutes = forms.IntegerField(
        label=_("Second factor valid for (minutes)"),
        min_value=1,
        required=False,
        help_text=_("How recently an approver must have used a passkey or code. Leave empty for the default."),
    )
    expires_after = LengthField(
        label=_("Pending requests expire after"),
        longest=timedelta(days=90),
        required=False,
        help_text=_("Leave empty if requests expire only at the end of their window."),
    )
    first_reminder = LengthField(
        label=_("First reminder after"),
        longest=timedelta(days=7),
        required=False,
        help_text=_("The time between reminders then grows. Leave empty to email approvers only once."),
    )

    def __init__(self, data: Any = None, *, role: Role, usual_minutes: int) -> None:
        initial = {name: getattr(role, name) for name in self.base_fields if not name.startswith("approver")}
        initial |= {"approvers": role.approvers.all(), "approver_groups": role.approver_groups.all()}
        super().__init__(data, initial=initial | {"office_days": list(role.office_days)})
        self.fields["factor_minutes"].max_value = usual_minutes  # type: ignore[attr-defined]
        self.usual_minutes = usual_minutes

    def clean_factor_minutes(self) -> int | None:
        """Refuse an older factor than the default: a role can only be stricter."""
        minutes: int | None = self.cleaned_data["factor_minutes"]
        if minutes is not None and minutes > self.usual_minutes:
            raise ValidationError(
                ngettext(
                    "The default is {minutes} minute. Enter a smaller number.",
                    "The default is {minutes} minutes. Enter a smaller number.",
                    self.usual_minutes,
                ).format(minutes=self.usual_minutes),
                code="factor_minutes_above_default",
            )
        return minutes


class AutoApprovalPolicyForm(HoursFields):
    """An auto-approval policy."""

    company = forms.ModelChoiceField(label=_("Company"), queryset=Company.objects.none(), empty_label=None)
    longest_window = LengthField(label=_("Longest window"), longest=timedelta(days=366))
    per_week = forms.IntegerField(
        label=_("Requests per seven days"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("The policy approves at most this many requests."),
    )
    hours_per_week = LengthField(
        label=_("Total access time per seven days"), longest=timedelta(days=366), required=False
    )
    expires_at = UtcDateTimeField(label=_("Policy expires (UTC)"), help_text=_("At most a year from now."))
    field_order = ("company", "longest_window", "per_week", "hours_per_week", "expires_at")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        companies = Company.objects.filter(is_active=True).order_by("name")
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]


class DelegationForm(forms.Form):
    """Who decides in an approver's place, and when."""

    delegate = forms.ModelChoiceField(label=_("Delegate"), queryset=User.objects.none())
    from_at = UtcDateTimeField(label=_("From (UTC)"))
    until_at = UtcDateTimeField(label=_("Until (UTC)"))

    def __init__(self, *args: Any, person: User, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True, contractor=None).exclude(pk=person.pk).order_by("name")
        self.fields["delegate"].queryset = people  # type: ignore[attr-defined]
