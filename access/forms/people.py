"""Invite people, accept an invitation, change a contract."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.fields import (
    LineField,
    ReasonField,
    SeveralField,
)
from access.forms.refusals import add_refusal
from access.forms.times import LocalTimeField, ZonedForm, ZoneField
from access.models import Contractor, Role, User
from access.rules.facts import MOST_INVITATIONS, Refused
from access.rules.people import can_administer

EMAIL_MAX_LENGTH = 254  # as the database has it
_check_email = EmailValidator()
_SEPARATORS = re.compile(r"[\s,;]+")


class EmailsField(forms.CharField):
    """Email addresses, each on its own line or after a comma; returns them in lower case."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none", "class": "mono"})

    def clean(self, value: Any) -> list[str]:
        """Return the addresses; raise ValidationError with one error for each address that cannot be used."""
        typed = [word for word in _SEPARATORS.split(str(super().clean(value))) if word]
        if len(typed) > MOST_INVITATIONS:
            raise wording.invalid("invitation_too_many", most=MOST_INVITATIONS)
        found = [word.lower() for word in typed]
        wrong = [
            wording.invalid("invitation_address_invalid", typed=word[:100]) for word in typed if not _is_email(word)
        ]
        twice = [email for email, times in Counter(found).items() if times > 1]
        wrong += [wording.invalid("invitation_address_twice", email=email[:100]) for email in twice]
        if wrong:
            raise ValidationError(wrong)
        return found


def _is_email(typed: str) -> bool:
    try:
        _check_email(typed)
    except ValidationError:
        return False
    return len(typed) <= EMAIL_MAX_LENGTH


class InviteForm(ZonedForm):
    """Invite contractors of one company, on the same terms. Administrators choose the sponsor."""

    email = EmailsField(
        label=_("Email addresses"),
        max_length=MOST_INVITATIONS * (EMAIL_MAX_LENGTH + 2),
        help_text=format_lazy(
            _("Enter one address per line, at most {most}. Each invitation works only for its address."),
            most=MOST_INVITATIONS,
        ),
    )
    sponsor = forms.ModelChoiceField(
        label=_("Sponsor"),
        queryset=User.objects.none(),
        empty_label=None,
        required=False,
        help_text=_("The sponsor answers for the contractors, and manages their contracts."),
    )
    company = LineField(label=_("Company"), widget=forms.TextInput(attrs={"list": "companies"}))
    contract_ends_at = LocalTimeField(
        label=_("Contract ends"), help_text=_("All the contractor's access ends by this time.")
    )
    time_zone = ZoneField()
    roles = SeveralField(
        label=_("Roles that can be requested"), queryset=Role.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, roles: Any, by: User) -> None:
        super().__init__(data, initial={"sponsor": by.pk})
        self.fields["roles"].queryset = roles  # type: ignore[attr-defined]
        if can_administer(by.facts()):
            self.fields["sponsor"].queryset = User.objects.sponsors()  # type: ignore[attr-defined]
        else:
            del self.fields["sponsor"]

    def add_refusals(self, refusals: Mapping[str, Refused]) -> None:
        """Show why addresses are refused: one error for each."""
        for error in refusals.values():
            add_refusal(self, error)


class ColleagueForm(forms.Form):
    """Invite an internal user."""

    email = forms.EmailField(
        label=_("Email address"),
        max_length=EMAIL_MAX_LENGTH,
        help_text=_("The invitation works only for this address."),
    )
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
