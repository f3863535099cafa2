"""Invite people, accept an invitation, change a contract."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.fields import (
    LineField,
    ReasonField,
    SeveralField,
)
from access.forms.times import LocalTimeField, ZonedForm, ZoneField
from access.models import Contractor, Role, User


class InviteForm(ZonedForm):
    """Invite a contractor."""

    email = forms.EmailField(label=_("Email address"), help_text=_("The invitation works only for this address."))
    company = LineField(label=_("Company"), widget=forms.TextInput(attrs={"list": "companies"}))
    contract_ends_at = LocalTimeField(
        label=_("Contract ends"), help_text=_("All the contractor's access ends by this time.")
    )
    time_zone = ZoneField()
    roles = SeveralField(
        label=_("Roles that can be requested"), queryset=Role.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, roles: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["roles"].queryset = roles  # type: ignore[attr-defined]


class ColleagueForm(forms.Form):
    """Invite an internal user."""

    email = forms.EmailField(label=_("Email address"), help_text=_("The invitation works only for this address."))
    sponsor = forms.BooleanField(
        label=_("Can invite contractors"),
        required=False,
        help_text=_("This person becomes the sponsor of the contractors whom they invite."),
    )
    administrator = forms.BooleanField(
        label=_("Administrator"),
        required=False,
        help_text=_(
            "Administrators can view and revoke all access. They can approve requests only for roles that "
            "name them as approvers."
        ),
    )


class ContractForm(ZonedForm):
    """Change a contractor's contract."""

    contract_ends_at = LocalTimeField(label=_("Contract ends"))
    time_zone = ZoneField()
    roles = SeveralField(
        label=_("Roles that can be requested"),
        queryset=Role.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sponsor = forms.ModelChoiceField(label=_("Sponsor"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, data: Any = None, *, contractor: Contractor, roles: Any) -> None:
        initial = {
            "contract_ends_at": contractor.contract_ends_at,
            "roles": contractor.roles.all(),
            "sponsor": contractor.sponsor_id,
        }
        super().__init__(data, initial=initial)
        self.fields["roles"].queryset = roles.order_by("name")  # type: ignore[attr-defined]
        if kept := contractor.roles.filter(is_active=False).order_by("name"):
            names = wording.listed(role.name for role in kept)
            self.fields["roles"].help_text = gettext("Disabled roles that stay in the contract: {names}.").format(
                names=names
            )
        # People can keep the current sponsor, even if this person is no longer a sponsor.
        possible = Q(pk=contractor.sponsor_id) | Q(pk__in=User.objects.sponsors().values("pk"))
        self.fields["sponsor"].queryset = User.objects.filter(possible).order_by("name")  # type: ignore[attr-defined]


class FactorResetForm(forms.Form):
    """Why a second factor has to be reset."""

    reason = ReasonField(
        label=_("Reason"), help_text=_("For example, how you checked who asked. Everyone who is notified can read it.")
    )


class AcceptForm(forms.Form):
    """Accept an invitation: with a password, or with a passkey, which the next page adds."""

    name = LineField(label=_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Several words are easier to remember than symbols."),
    )
    password2 = forms.CharField(
        label=_("Confirm password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = User(email=email)
        self.is_by_passkey = self.data.get("way") == "passkey"
        for name in ("password1", "password2"):
            self.fields[name].required = not self.is_by_passkey

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        if self.is_by_passkey:
            return ""
        self.user.name = self.cleaned_data.get("name", "")
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ."""
        cleaned = super().clean() or {}
        if cleaned.get("password1") and cleaned["password1"] != cleaned.get("password2"):
            self.add_error("password2", wording.invalid("passwords_differ"))
        return cleaned
