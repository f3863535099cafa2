"""Request access, decide, end access, and find out why AWS denies it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access import diagnose
from access.forms.conditions import MfaField, SourcesField, TicketField, fit_to
from access.forms.fields import (
    IdentityChoiceField,
    ReasonField,
    RolesChoiceField,
)
from access.forms.times import NEVER_SEEN, LocalTimeField, ZonedForm, ZoneField
from access.models import Principal, Role
from access.wording import lazy_length

UNTIL_TYPED = "typed"
PRESETS = (
    *((str(hours * 60), lazy_length(timedelta(hours=hours))) for hours in (1, 4, 8)),
    (UNTIL_TYPED, _("until the time below")),
)


class RequestForm(ZonedForm):
    """Request one role, or several on the same terms."""

    role = RolesChoiceField(label=_("Role"), queryset=Role.objects.none(), widget=forms.CheckboxSelectMultiple)
    principal = IdentityChoiceField(
        queryset=Principal.objects.none(),
        label=_("Your AWS identity"),
        required=False,
        blank=True,
        empty_label=_("None: Daypass issues the sessions"),
        widget=forms.RadioSelect,
        help_text=_("The IAM user or role, in your own AWS account, that will assume the role."),
    )
    starts_at = LocalTimeField(label=_("From"), required=False, help_text=_("Leave empty to start on approval."))
    preset = forms.ChoiceField(
        label=_("Duration"),
        choices=PRESETS,
        required=False,
        widget=forms.RadioSelect,
        initial="60",
        help_text=_(
            "The duration begins at the start time, or now if the start time is empty. A late approval does "
            "not change the end."
        ),
        error_messages={"invalid_choice": _("This duration is not available. Choose a duration from the list.")},
    )
    ends_at = LocalTimeField(
        label=_("Until"), required=False, help_text=_("Needed only when you choose “until the time below”.")
    )
    time_zone = ZoneField(
        help_text=_("Applies to both times. Daypass remembers this time zone, but its pages show UTC.")
    )
    mfa = MfaField()
    sources = SourcesField()
    ticket = TicketField()
    reason = ReasonField(label=_("Reason"), help_text=_("The approvers see this reason."))

    def __init__(self, *args: Any, roles: Any, identities: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        self.fields["principal"].queryset = identities  # type: ignore[attr-defined]
        self.fields["role"].queryset = roles  # type: ignore[attr-defined]
        fit_to(self, list(roles))

    def clean(self) -> dict[str, Any]:
        """Turn the chosen duration into an end, which replaces the typed one."""
        preset = self.cleaned_data.get("preset") or UNTIL_TYPED
        if preset != UNTIL_TYPED:
            self.cleaned_data["ends_at"] = None
            self.errors.pop("ends_at", None)
        cleaned = super().clean() or {}
        if preset != UNTIL_TYPED and "starts_at" not in self.errors:
            self._end_after(timedelta(minutes=int(preset)))
        elif preset == UNTIL_TYPED and not cleaned.get("ends_at") and not {"ends_at", "preset"} & self.errors.keys():
            said = _("The end is missing. Enter when the access should end.")
            self.add_error("ends_at", ValidationError(said, code="end_missing"))
        return cleaned

    def _end_after(self, length: timedelta) -> None:
        try:
            self.cleaned_data["ends_at"] = (self.cleaned_data.get("starts_at") or self.now) + length
        except OverflowError:
            self.add_error("starts_at", ValidationError(NEVER_SEEN, code="time_out_of_range"))


class ExtendForm(ZonedForm):
    """Request an extension."""

    ends_at = LocalTimeField(label=_("New end"))
    time_zone = ZoneField(help_text=_("Applies to the new end. Daypass's pages show UTC."))
    ticket = TicketField()
    reason = ReasonField(label=_("Reason"), help_text=_("The approvers see this reason."))

    def __init__(self, *args: Any, role: Role, **options: Any) -> None:
        super().__init__(*args, **options)
        fit_to(self, [role])


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
            said = _("The error is missing. Paste the AWS error, or select under “What happens” what you see.")
            raise ValidationError(said, code="error_missing")
        return cleaned
