"""Prove an AWS identity, or vouch for one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.fields import (
    ArnField,
    ContractorChoiceField,
    PastedInput,
)
from access.models import Contractor


class ProofForm(forms.Form):
    """The output of a command that proves an AWS identity, and what a session does not show."""

    pasted = forms.CharField(
        label=_("Output of the command"),
        strip=False,
        max_length=24_000,
        widget=PastedInput(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The output is one long line. Daypass sends the output to AWS once and never stores it."),
        error_messages={"required": _("The output is missing. Run one of the commands and paste its output.")},
    )
    role_arn = ArnField(
        label=_("ARN of your role"),
        required=False,
        help_text=_("Enter this ARN only if you use a role with a path. The path is not part of the session's ARN."),
    )
    only_session = forms.BooleanField(
        label=_("I use IAM Identity Center: trust only my session, not everyone with my permission set"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse both together."""
        cleaned = super().clean() or {}
        if cleaned.get("role_arn") and cleaned.get("only_session"):
            self.add_error("role_arn", wording.invalid("role_and_session"))
        return cleaned


class VouchForm(forms.Form):
    """A sponsor vouches for an AWS identity."""

    contractor = ContractorChoiceField(queryset=Contractor.objects.none(), label=_("Contractor"), empty_label=None)
    arn = ArnField(
        label=_("ARN of the IAM user or role"),
        help_text=_("Confirm the ARN with the contractor over a channel you trust, not by email."),
        error_messages={"required": _("The ARN is missing. Enter the ARN of the contractor's IAM user or role.")},
    )

    def __init__(self, *args: Any, contractors: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["contractor"].queryset = contractors  # type: ignore[attr-defined]
