"""Make a role."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from access.forms.fields import LineField
from access.models import Account

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


class RoleForm(forms.Form):
    """Which role it is: where, what it is called, and how long one session may last."""

    account = AccountChoiceField(label="Account", queryset=Account.objects.order_by("name"), empty_label=None)
    name = forms.CharField(
        label="Name", max_length=64, help_text="As IAM shows it: letters, digits and _ + = , . @ -, at most 64."
    )
    description = LineField(
        label="Description", required=False, max_length=1000, help_text="What it is for; contractors read it too."
    )
    max_session_seconds = forms.TypedChoiceField(
        label="Longest session",
        choices=HOURS,
        coerce=int,
        initial=3600,
        help_text="How long one session may last. None outlasts its window, however long this is.",
    )
    tags = TagsField(label="Tags", required=False, help_text="One a line, key=value. Daypass adds its own.")
