"""Approval settings of a role, auto-approval policies, and delegations."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.fields import LineField, SeveralField
from access.forms.lengths import LengthField
from access.forms.times import LocalTimeField, ZonedForm, ZoneField, ZoneInput
from access.models import Company, Role, User, zone_validator
from access.rules.facts import LONGEST_WAIT_FOR_DECISION, LONGEST_WAIT_FOR_START
from access.rules.hours import DAYS

_HOURS = ("office_days", "office_opens", "office_closes", "office_zone")


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
        widget=ZoneInput,
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
            self.add_error(name, wording.invalid("hours_incomplete"))
        opens, closes = cleaned.get("office_opens"), cleaned.get("office_closes")
        if opens and closes and closes <= opens:
            self.add_error("office_closes", wording.invalid("hours_reversed"))
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

    longest_window = LengthField(label=_("Maximum access duration"), longest=timedelta(days=366))
    latest_start = LengthField(
        label=_("Latest start"),
        longest=LONGEST_WAIT_FOR_START,
        help_text=_("How far in advance a window can start."),
    )
    factor_minutes = forms.IntegerField(
        label=_("Second factor valid for (minutes)"),
        min_value=1,
        required=False,
        help_text=_("The maximum age of an approver's last passkey or code. Leave empty for the default."),
    )
    expires_after = LengthField(
        label=_("Pending requests expire after"),
        longest=LONGEST_WAIT_FOR_DECISION,
        help_text=_("A request that nobody has decided by then expires, even if its window has not started."),
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
            raise wording.invalid("factor_minutes_above_default", minutes=self.usual_minutes)
        return minutes


class AutoApprovalPolicyForm(HoursFields, ZonedForm):
    """An auto-approval policy."""

    company = forms.ModelChoiceField(label=_("Company"), queryset=Company.objects.none(), empty_label=None)
    longest_window = LengthField(label=_("Maximum access duration"), longest=timedelta(days=366))
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
    expires_at = LocalTimeField(label=_("Policy expires"), help_text=_("At most a year from now."))
    time_zone = ZoneField()
    field_order = ("company", "longest_window", "per_week", "hours_per_week", "expires_at", "time_zone")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        companies = Company.objects.filter(is_active=True).order_by("name")
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]


class DelegationForm(ZonedForm):
    """Who decides in an approver's place, and when."""

    delegate = forms.ModelChoiceField(label=_("Delegate"), queryset=User.objects.none())
    from_at = LocalTimeField(label=_("From"))
    until_at = LocalTimeField(label=_("Until"))
    time_zone = ZoneField()

    def __init__(self, *args: Any, person: User, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True, contractor=None).exclude(pk=person.pk).order_by("name")
        self.fields["delegate"].queryset = people  # type: ignore[attr-defined]
