"""Prove an AWS identity, or vouch for one."""

from typing import Any

from django import forms

from access.forms.fields import (
    ArnField,
    ContractorChoiceField,
    PastedInput,
)
from access.models import Contractor


class ProofForm(forms.Form):
    """What a command for proving an AWS identity printed, and what a session does not show."""

    pasted = forms.CharField(
        label="What it printed",
        strip=False,
        max_length=24_000,
        widget=PastedInput(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="The one long line. It is sent to AWS once and kept nowhere.",
        error_messages={"required": "Run one of the commands and paste what it prints."},
    )
    role_arn = ArnField(
        label="ARN of your role",
        required=False,
        help_text="Only when you sign in with a role: a session does not show the path of its role.",
    )
    only_session = forms.BooleanField(
        label="I use IAM Identity Center: trust my own session alone, not everybody with my permission set",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two at most."""
        cleaned = super().clean() or {}
        if cleaned.get("role_arn") and cleaned.get("only_session"):
            self.add_error("role_arn", "Give the role, or choose your own session alone; not both.")
        return cleaned


class VouchForm(forms.Form):
    """A sponsor's word for an AWS identity."""

    contractor = ContractorChoiceField(queryset=Contractor.objects.none(), label="Whose it is", empty_label=None)
    arn = ArnField(
        label="ARN of the IAM user or role",
        help_text="Ask him on a way on which you know that it is he, not by e-mail.",
        error_messages={"required": "Give the ARN of his IAM user or role."},
    )

    def __init__(self, *args: Any, contractors: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["contractor"].queryset = contractors  # type: ignore[attr-defined]
