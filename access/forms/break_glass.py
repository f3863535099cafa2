"""Make a break-glass policy, use break-glass, review a use."""

from datetime import timedelta
from typing import Any

from django import forms

from access.durations import in_words
from access.forms.fields import ReasonField, SeveralField, UtcDateTimeField
from access.models import Role, User
from access.rules import LONGEST_BREAK_GLASS, SHORTEST_BREAK_GLASS

_MINUTES = (15, 30, 45, 60)


class _RoleField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    def label_from_instance(self, obj: Role) -> str:
        return f"{obj.name} — {obj.account.name}"


class BreakGlassPolicyForm(forms.Form):
    """Make a break-glass policy."""

    role = _RoleField(
        queryset=Role.objects.none(),
        empty_label=None,
        help_text="Roles of which the portal hands out sessions.",
        error_messages={"invalid_choice": "The portal hands out no sessions of this role. Choose one from the list."},
    )
    people = SeveralField(
        label="Who may use break-glass",
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Internal users. Whoever confirms the rule must not be among them.",
        error_messages={"invalid_choice": "Contractors never use break-glass. Choose people from the list."},
    )
    minutes = forms.TypedChoiceField(
        label="For how long at most",
        choices=[(str(minutes), in_words(timedelta(minutes=minutes))) for minutes in _MINUTES],
        coerce=int,
        initial="60",
        widget=forms.RadioSelect,
    )
    expires_at = UtcDateTimeField(label="The rule ends (UTC)", help_text="At most a year from now.")
    reason = ReasonField(label="What it is for", help_text="The administrator who confirms it reads this.")

    def __init__(self, *args: Any, roles: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].queryset = roles  # type: ignore[attr-defined]
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class BreakGlassForm(forms.Form):
    """Use break-glass."""

    minutes = forms.TypedChoiceField(label="For how long", coerce=int, widget=forms.RadioSelect)
    reason = ReasonField(label="What happened", help_text="Everybody who is told reads this.")

    def __init__(self, *args: Any, longest: timedelta, **options: Any) -> None:
        super().__init__(*args, **options)
        most = min(longest, LONGEST_BREAK_GLASS)
        lengths = [timedelta(minutes=minutes) for minutes in _MINUTES]
        offered = [length for length in lengths if SHORTEST_BREAK_GLASS <= length < most] + [most]
        choices = [(str(int(length.total_seconds() // 60)), in_words(length)) for length in offered]
        self.fields["minutes"].choices = choices  # type: ignore[attr-defined]
        self.fields["minutes"].initial = choices[-1][0]


class BreakGlassReviewForm(forms.Form):
    """Say afterwards whether a use was fine."""

    verdict = forms.ChoiceField(
        label="Was it fine?",
        choices=[("fine", "Yes, it was needed"), ("not_fine", "No, it was not")],
        widget=forms.RadioSelect,
    )
    comment = ReasonField(label="Comment", help_text="What you looked at, and what follows from it.")
