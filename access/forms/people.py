"""Invite people, answer an invitation, change terms."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q

from access.forms.fields import (
    LineField,
    SeveralField,
    UtcDateTimeField,
)
from access.models import Contractor, Role, User


class InviteForm(forms.Form):
    """Invite a contractor."""

    email = forms.EmailField(label="E-mail address", help_text="The invitation is good for this address alone.")
    company = LineField(label="Company", widget=forms.TextInput(attrs={"list": "companies"}))
    contract_ends_at = UtcDateTimeField(label="End of the contract (UTC)", help_text="No access goes on after it.")
    roles = SeveralField(
        label="Roles that can be asked for", queryset=Role.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, roles: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["roles"].queryset = roles  # type: ignore[attr-defined]


class ColleagueForm(forms.Form):
    """Invite an internal user."""

    email = forms.EmailField(label="E-mail address", help_text="The invitation is good for this address alone.")
    sponsor = forms.BooleanField(
        label="May invite contractors", required=False, help_text="And looks after those whom he invited."
    )
    administrator = forms.BooleanField(
        label="Administrator",
        required=False,
        help_text="Sees everything, ends everything, decides nothing by that alone.",
    )


class ContractForm(forms.Form):
    """Change a contractor's terms."""

    contract_ends_at = UtcDateTimeField(label="End of the contract (UTC)")
    roles = SeveralField(
        label="Roles that can be asked for",
        queryset=Role.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sponsor = forms.ModelChoiceField(label="Sponsor", queryset=User.objects.none(), empty_label=None)

    def __init__(self, data: Any = None, *, contractor: Contractor, roles: Any) -> None:
        initial = {
            "contract_ends_at": contractor.contract_ends_at,
            "roles": contractor.roles.all(),
            "sponsor": contractor.sponsor_id,
        }
        super().__init__(data, initial=initial)
        self.fields["roles"].queryset = roles.order_by("name")  # type: ignore[attr-defined]
        if kept := contractor.roles.filter(is_active=False).order_by("name"):
            names = ", ".join(role.name for role in kept)
            self.fields["roles"].help_text = f"Disabled at the moment, and kept: {names}."
        # Whoever looks after him does so until somebody else is chosen, a sponsor still or not.
        possible = Q(pk=contractor.sponsor_id) | Q(pk__in=User.objects.sponsors().values("pk"))
        self.fields["sponsor"].queryset = User.objects.filter(possible).order_by("name")  # type: ignore[attr-defined]


class AcceptForm(forms.Form):
    """Answer an invitation."""

    name = LineField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(
        label="A password",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters; a sentence is easier to remember than signs.",
    )
    password2 = forms.CharField(
        label="The same again",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = User(email=email)

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        self.user.name = self.cleaned_data.get("name", "")
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ."""
        cleaned = super().clean() or {}
        if cleaned.get("password1") and cleaned["password1"] != cleaned.get("password2"):
            self.add_error("password2", "The two passwords differ. Type the same twice.")
        return cleaned
