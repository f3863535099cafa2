"""Request access, decide, end access, and find out why AWS denies it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access import diagnose, wording
from access.forms.conditions import MfaField, SourcesField, TicketField, fit_to
from access.forms.fields import (
    IdentityChoiceField,
    ReasonField,
    RolesChoiceField,
)
from access.forms.lengths import LengthField
from access.forms.refusals import add_refusal
from access.forms.times import LocalTimeField, ZonedForm, ZoneField, check_in_range
from access.models import Principal, Role
from access.rules.facts import Refused
from access.wording import lazy_length

OTHER = "other"
ON_APPROVAL, AT = "approval", "at"
LENGTHS = (
    *((str(hours * 60), lazy_length(timedelta(hours=hours))) for hours in (1, 4, 8)),
    (OTHER, _("other")),
)
UNTIL = "until"
EXTENSIONS = (
    *((str(hours * 60), lazy_length(timedelta(hours=hours))) for hours in (1, 2, 4)),
    (UNTIL, _("until the new end")),
)
STARTS = ((ON_APPROVAL, _("when approved")), (AT, _("at a chosen time")))


class RequestForm(ZonedForm):
    """Request one role, or several on the same terms."""

    role = RolesChoiceField(label=_("Role"), queryset=Role.objects.none(), widget=forms.CheckboxSelectMultiple)
    principal = IdentityChoiceField(
        queryset=Principal.objects.none(),
        label=_("Your AWS identity"),
        required=False,
        blank=True,
        empty_label=_("No AWS identity: Daypass issues the sessions"),
        widget=forms.RadioSelect,
        help_text=_("The IAM user or role, in your own AWS account, that will assume the role."),
    )
    start = forms.ChoiceField(
        label=_("Start"),
        choices=STARTS,
        required=False,
        widget=forms.RadioSelect,
        initial=ON_APPROVAL,
        error_messages={"invalid_choice": _("This start is not available. Choose a start from the list.")},
    )
    starts_at = LocalTimeField(label=_("Start time"), required=False)
    length = forms.ChoiceField(
        label=_("Length"),
        choices=LENGTHS,
        required=False,
        widget=forms.RadioSelect,
        initial="60",
        help_text=_("The length counts from the start. A late approval does not make the access shorter."),
        error_messages={"invalid_choice": _("This length is not available. Choose a length from the list.")},
    )
    other_length = LengthField(
        label=_("Other length"),
        longest=timedelta(days=366),
        required=False,
        help_text=_("For example 2 hours, or 1 day 30 minutes."),
    )
    time_zone = ZoneField(help_text="")
    mfa = MfaField()
    sources = SourcesField()
    ticket = TicketField()
    reason = ReasonField(label=_("Reason"), help_text=_("The approvers see this reason."))

    def __init__(self, *args: Any, roles: Any, identities: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["principal"].queryset = identities  # type: ignore[attr-defined]
        self.fields["role"].queryset = roles  # type: ignore[attr-defined]
        fit_to(self, list(roles))

    def clean(self) -> dict[str, Any]:
        """Refuse a time or a length that was typed and would not be used, and one that is missing."""
        cleaned = super().clean() or {}
        self._check_pair("start", AT, "starts_at", Refused("start_missing"), Refused("start_not_used"))
        self._check_pair("length", OTHER, "other_length", Refused("length_missing"), Refused("length_not_used"))
        if not {"starts_at", "start", "other_length", "length"} & self.errors.keys() and self.chosen_start:
            check_in_range(self, "starts_at", self.chosen_start, self.chosen_length)
        return cleaned

    def _check_pair(self, choice: str, own: str, typed: str, missing: Refused, not_used: Refused) -> None:
        """Refuse `typed` beside another choice than `own`, and `own` without it. A choice that was not sent is made
        by what was typed.
        """
        if {choice, typed} & self.errors.keys():
            return
        value = self.cleaned_data.get(typed)
        chosen = self.cleaned_data.get(choice) or (own if value or choice == "length" else ON_APPROVAL)
        self.cleaned_data[choice] = chosen
        if chosen == own and not value:
            add_refusal(self, missing, field=typed)
        elif chosen != own and value:
            add_refusal(self, not_used, field=typed)

    @property
    def chosen_start(self) -> datetime | None:
        """Return the chosen start, or None to start when approved; the form must be valid."""
        return self.cleaned_data["starts_at"] if self.cleaned_data["start"] == AT else None

    @property
    def chosen_length(self) -> timedelta:
        """Return how long the access lasts; the form must be valid."""
        chosen = self.cleaned_data["length"]
        other: timedelta = self.cleaned_data["other_length"]
        return other if chosen == OTHER else timedelta(minutes=int(chosen))


class ExtendForm(ZonedForm):
    """Request an extension."""

    by = forms.ChoiceField(
        label=_("Extend by"),
        choices=EXTENSIONS,
        required=False,
        widget=forms.RadioSelect,
        initial="60",
        error_messages={"invalid_choice": _("This extension is not available. Choose one from the list.")},
    )
    ends_at = LocalTimeField(label=_("New end"), required=False)
    time_zone = ZoneField()
    ticket = TicketField()
    reason = ReasonField(label=_("Reason"), help_text=_("The approvers see this reason."))

    def __init__(self, *args: Any, role: Role, current_end: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.current_end = current_end
        fit_to(self, [role])

    def clean(self) -> dict[str, Any]:
        """Set the new end from what was chosen; a typed end is never ignored."""
        cleaned = super().clean() or {}
        if {"by", "ends_at"} & self.errors.keys():
            return cleaned
        typed = cleaned.get("ends_at")
        cleaned["by"] = chosen = cleaned.get("by") or UNTIL
        if chosen == UNTIL and not typed:
            self.add_error("ends_at", wording.invalid("new_end_missing"))
        elif chosen != UNTIL and typed:
            self.add_error("ends_at", wording.invalid("new_end_not_used"))
        elif chosen != UNTIL:
            cleaned["ends_at"] = self.current_end + timedelta(minutes=int(chosen))
        return cleaned


class ReasonForm(forms.Form):
    """Return why: to deny, or to revoke."""

    reason = ReasonField(label=_("Reason"), help_text=_("Everyone who can see the request can read this text."))


class CommentForm(forms.Form):
    """Ask for information about a request, or answer."""

    text = ReasonField(
        label=_("Message"),
        help_text=_("Everyone who can see the request can read this message. The message does not change the request."),
        error_messages={"required": _("The message is empty. Write a message before you send it.")},
    )


class DeniedForm(forms.Form):
    """Why am I denied? The AWS error, or a symptom."""

    symptom = forms.ChoiceField(
        label=_("What happens"),
        choices=[("", _("Choose one")), *((code, _(words)) for code, words in diagnose.SYMPTOMS.items())],
        required=False,
    )
    text = forms.CharField(
        label=_("AWS error"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 4000}),
        help_text=_("Paste the whole error, without keys and tokens. Daypass does not store it."),
    )

    def clean(self) -> dict[str, Any]:
        """Require at least one of the two."""
        cleaned = super().clean() or {}
        if not cleaned.get("text") and not cleaned.get("symptom") and not self.errors:
            raise wording.invalid("error_missing")
        return cleaned
