"""Make a role, import one, and set its limits."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from access.forms.conditions import SourcesField
from access.forms.fields import ArnField, LineField
from access.models import Account, Role, new_external_id, role_description_validator
from access.rules import Refused, check_pattern
from access.texts.text import Text

HOURS = tuple((hours * 3600, f"{hours} hour{'' if hours == 1 else 's'}") for hours in range(1, 13))

# [IAM User Guide, "Rules for tagging in IAM and AWS STS"]
_KEY = re.compile(r"[\w .:/=+@-]{1,128}\Z")
_VALUE = re.compile(r"[\w .:/=+@-]{0,256}\Z")


class AccountChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    def label_from_instance(self, obj: Account) -> str:
        return str(obj)


class TagsField(forms.CharField):
    """Tags, one a line, key=value."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"})

    def clean(self, value: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(str(super().clean(value)).splitlines(), 1):
            key, sign, text = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not sign or not _KEY.match(key) or not _VALUE.match(text):
                raise ValidationError(
                    f"Line {number}: write a tag as key=value, with letters, digits and _ . : / = + - @."
                )
            if key.lower() in {one.lower() for one in found}:
                raise ValidationError(f"Line {number}: the tag {key} stands twice. Keep one.")
            found[key] = text
        return found


class DescriptionField(LineField):
    """What a role is for, in the characters that IAM takes."""

    def __init__(self) -> None:
        super().__init__(
            label="Description",
            required=False,
            max_length=1000,
            validators=[role_description_validator],
            help_text="What it is for; contractors read it too.",
        )


class RoleForm(forms.Form):
    """Which role it is: where, what it is called, and how long one session may last."""

    account = AccountChoiceField(label="Account", queryset=Account.objects.order_by("name"), empty_label=None)
    name = forms.CharField(
        label="Name", max_length=64, help_text="As IAM shows it: letters, digits and _ + = , . @ -, at most 64."
    )
    description = DescriptionField()
    max_session_seconds = forms.TypedChoiceField(
        label="Longest session",
        choices=HOURS,
        coerce=int,
        initial=3600,
        help_text="How long one session may last. None outlasts its window, however long this is.",
    )
    tags = TagsField(label="Tags", required=False, help_text="One a line, key=value. Daypass adds its own.")


class RenameForm(forms.Form):
    """Another name for a role that is not made yet."""

    name = forms.CharField(label="Name", max_length=64)


class ImportForm(forms.Form):
    """Import a role that is there already."""

    account = AccountChoiceField(label="Account", queryset=Account.objects.order_by("name"), empty_label=None)
    arn = ArnField(label="ARN of the role", help_text="Exactly as IAM shows it, with its path.")
    description = DescriptionField()


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]  # a plain class at run time
    """In which ways a role is given, and what is asked of whoever comes; how long, and who decides, its rules say."""

    description = DescriptionField()
    max_session_seconds = forms.TypedChoiceField(label="Longest session", choices=HOURS, coerce=int)
    asks_external_id = forms.BooleanField(
        label="Asks for an external id",
        required=False,
        help_text="Daypass makes it, and the contractor names it whenever he assumes the role from his own account.",
    )
    source_networks = SourcesField(
        label="Networks that they must lie in", help_text="Such as 203.0.113.0/24; empty for any public ones."
    )

    class Meta:
        model = Role
        fields = (
            "description",
            "max_session_seconds",
            "allows_own_identity",
            "allows_vouched",
            "allows_portal_issued",
            "allows_console",
            "requires_mfa",
            "source_rule",
            "source_networks",
            "ticket_pattern",
            "ticket_example",
            "issues_per_hour",
            "live_sessions",
            "largest_share",
            "allows_overflow",
            "expiry_not_enforceable",
        )
        labels = {
            "allows_own_identity": "From the contractor's own AWS account",
            "allows_vouched": "Also when only his sponsor vouches for the AWS identity",
            "allows_portal_issued": "Credentials from the portal",
            "allows_console": "Sign-in to the AWS console from the portal",
            "requires_mfa": "Asks for a second factor in AWS",
            "source_rule": "Source addresses",
            "ticket_pattern": "What a ticket number looks like",
            "ticket_example": "One that would be taken",
            "issues_per_hour": "Sessions an hour",
            "live_sessions": "Sessions at once",
            "largest_share": "Per cent for one contractor",
            "allows_overflow": "When it is full, go on in numbered overflow roles",
            "expiry_not_enforceable": "Its expiry cannot be enforced, and it may be asked for all the same",
        }
        help_texts = {
            "allows_own_identity": "",
            "allows_portal_issued": "For contractors without an AWS account of their own.",
            "allows_console": "The portal signs in to it for them.",
            "allows_vouched": "Weaker than a signed proof: nobody has shown that the identity is his.",
            "source_rule": "Whether whoever asks names the addresses that he comes from.",
            "ticket_pattern": f"Leave empty to ask for no ticket. {Text('ticket_pattern_help')}",
            "ticket_example": "Whoever asks is shown it.",
            "issues_per_hour": "How many the portal opens for one grant in an hour.",
            "live_sessions": "How many of one grant may live at once.",
            "largest_share": "How much of the trust policy one contractor may fill.",
            "allows_overflow": (
                "Bucket and key policies that name this role must name its overflow "
                "roles too; else access by them fails."
            ),
            "expiry_not_enforceable": "Sessions could bypass their expiry. Approvers see this in red.",
        }

    def __init__(self, data: Any = None, *, role: Role) -> None:
        super().__init__(data, instance=role)
        self.fields["asks_external_id"].initial = bool(role.external_id)
        self.was = role.external_id
        for name, limit in (("issues_per_hour", 1000), ("live_sessions", 1000), ("largest_share", 100)):
            self.fields[name] = forms.IntegerField(
                label=self.fields[name].label, help_text=self.fields[name].help_text, min_value=1, max_value=limit
            )
        if not role.is_managed:
            del self.fields["allows_overflow"]
        if not role.can_bypass_expiry and not role.expiry_not_enforceable:
            del self.fields["expiry_not_enforceable"]

    def _post_clean(self) -> None:
        """Leave the role as it is: whether it may be so is asked where it is changed."""

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        asks = typed.pop("asks_external_id", False)
        typed["external_id"] = (self.was or new_external_id()) if asks else ""
        self._check_ticket(typed)
        methods = ("allows_own_identity", "allows_portal_issued", "allows_console")
        if not self.errors and not any(typed[method] for method in methods):
            self.add_error("allows_own_identity", "Nobody could use the role. Allow at least one way in.")
        return typed

    def _check_ticket(self, typed: dict[str, Any]) -> None:
        try:
            check_pattern(typed.get("ticket_pattern", ""), typed.get("ticket_example", ""))
        except Refused as error:
            self.add_error("ticket_pattern", str(error))
