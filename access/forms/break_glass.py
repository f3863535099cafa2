"""Create a break-glass policy, use break-glass, review a break-glass grant."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.forms.fields import ReasonField, SeveralField
from access.forms.times import LocalTimeField, ZonedForm, ZoneField
from access.models import Role, User
from access.rules.break_glass import SHORTEST_BREAK_GLASS
from access.rules.facts import LONGEST_BREAK_GLASS
from access.wording import lazy_length

_MINUTES = (15, 30, 45, 60)


class _RoleField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    def label_from_instance(self, obj: Role) -> str:
        return f"{obj.name} — {obj.account.name}"


class BreakGlassPolicyForm(ZonedForm):
    """Create a break-glass policy."""

    role = _RoleField(
        label=_("Role"),
        queryset=Role.objects.none(),
        empty_label=None,
        help_text=_("Only roles with portal-issued credentials can be used."),
        error_messages={
            "invalid_choice": _("This role has no portal-issued credentials. Choose a role from the list.")
        },
    )
    people = SeveralField(
        label=_("People who can use it"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only internal users. You cannot name the administrator who will confirm the policy."),
        error_messages={"invalid_choice": _("Contractors cannot use break-glass. Choose people from the list.")},
    )
    minutes = forms.TypedChoiceField(
        label=_("Maximum access duration"),
        choices=[(str(minutes), lazy_length(timedelta(minutes=minutes))) for minutes in _MINUTES],
        coerce=int,
        initial="60",
        widget=forms.RadioSelect,
    )
    expires_at = LocalTimeField(label=_("Policy expires"), help_text=_("At most a year from now."))
    time_zone = ZoneField()
    reason = ReasonField(label=_("Purpose"), help_text=_("The administrator who confirms the policy sees this text."))

    def __init__(self, *args: Any, roles: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].queryset = roles  # type: ignore[attr-defined]
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class BreakGlassForm(forms.Form):
    """Use break-glass."""

    minutes = forms.TypedChoiceField(label=_("Duration"), coerce=int, widget=forms.RadioSelect)
    reason = ReasonField(label=_("Reason"), help_text=_("Everyone who is notified sees this text."))

    def __init__(self, *args: Any, longest: timedelta, **options: Any) -> None:
        super().__init__(*args, **options)
        most = min(longest, LONGEST_BREAK_GLASS)
        lengths = [timedelta(minutes=minutes) for minutes in _MINUTES]
        offered = [length for length in lengths if SHORTEST_BREAK_GLASS <= length < most] + [most]
        choices = [(str(int(length.total_seconds() // 60)), lazy_length(length)) for length in offered]
        self.fields["minutes"].choices = choices  # type: ignore[attr-defined]
        self.fields["minutes"].initial = choices[-1][0]


class BreakGlassReviewForm(forms.Form):
    """Review a break-glass grant after it has ended."""

    verdict = forms.ChoiceField(
        label=_("Was it justified?"),
        choices=[("justified", _("Yes, it was justified")), ("not_justified", _("No, it was not"))],
        widget=forms.RadioSelect,
    )
    comment = ReasonField(label=_("Comment"), help_text=_("Describe what you checked and what should happen next."))
