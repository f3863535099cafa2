"""Create a role, import one, and set its limits."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.conditions import SourcesField
from access.forms.fields import ArnField, LineField
from access.forms.refusals import add_refusal
from access.models import Account, Role, new_external_id, role_description_validator
from access.rules.facts import Refused
from access.rules.tickets import check_pattern
from access.texts.text import Text
from access.wording import lazy_length

HOURS = tuple((hours * 3600, lazy_length(timedelta(hours=hours))) for hours in range(1, 13))

# [IAM User Guide, "Rules for tagging in IAM and AWS STS"]
_KEY = re.compile(r"[\w .:/=+@-]{1,128}\Z")
_VALUE = re.compile(r"[\w .:/=+@-]{0,256}\Z")


class AccountChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    def label_from_instance(self, obj: Account) -> str:
        return str(obj)


class TagsField(forms.CharField):
    """Tags, one per line, key=value."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"})

    def clean(self, value: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(str(super().clean(value)).splitlines(), 1):
            key, sign, text = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not sign or not _KEY.match(key) or not _VALUE.match(text):
                raise wording.invalid("tag_invalid", number=number)
            if key.lower() in {one.lower() for one in found}:
                raise wording.invalid("tag_twice", number=number, key=key)
            found[key] = text
        return found


class DescriptionField(LineField):
    """The purpose of a role, in characters that IAM accepts."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Description"),
            required=False,
            max_length=1000,
            validators=[role_description_validator],
            help_text=_("Describe the purpose of the role. Contractors also see this description."),
        )


class RoleForm(forms.Form):
    """The account, name and longest session of a new role."""

    account = AccountChoiceField(
        label=_("Account"), queryset=Account.objects.filter(disconnected_at=None).order_by("name"), empty_label=None
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        help_text=_("Use at most 64 characters: A to Z, a to z, 0 to 9 and _ + = , . @ -"),
    )
    description = DescriptionField()
    max_session_seconds = forms.TypedChoiceField(
        label=_("Maximum session duration"),
        choices=HOURS,
        coerce=int,
        initial=3600,
        help_text=_("One session can last at most this long. Every session also ends when its access window ends."),
    )
    tags = TagsField(
        label=_("Tags"), required=False, help_text=_("Enter one tag per line, as key=value. Daypass adds its own tags.")
    )


class RenameForm(forms.Form):
    """A new name for a role that does not exist in AWS yet."""

    name = forms.CharField(label=_("Name"), max_length=64)


class ImportForm(forms.Form):
    """Import an existing role."""

    account = AccountChoiceField(
        label=_("Account"), queryset=Account.objects.filter(disconnected_at=None).order_by("name"), empty_label=None
    )
    arn = ArnField(
        label=_("ARN of the role"), help_text=_("Enter the ARN exactly as IAM shows it, including the path.")
    )
    description = DescriptionField()


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]  # a plain class at run time
    """Access methods and requirements of a role; durations and approvers are in its approval settings."""

    description = DescriptionField()
    max_session_seconds = forms.TypedChoiceField(label=_("Maximum session duration"), choices=HOURS, coerce=int)
    asks_external_id = forms.BooleanField(
        label=_("Require an external ID"),
        required=False,
        help_text=_(
            "Daypass generates the external ID. Contractors pass the external ID when they assume the role "
            "from their own account."
        ),
    )
    source_networks = SourcesField(
        label=_("Allowed networks"), help_text=_("For example 203.0.113.0/24. Leave empty to allow any public address.")
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
            "allows_own_identity": _("Contractor's own AWS identity"),
            "allows_vouched": _("Accept AWS identities that only a sponsor vouches for"),
            "allows_portal_issued": _("Portal-issued credentials"),
            "allows_console": _("AWS console sign-in through Daypass"),
            "requires_mfa": _("Require MFA in AWS"),
            "source_rule": _("Source addresses"),
            "ticket_pattern": _("Ticket number pattern"),
            "ticket_example": _("Example ticket number"),
            "issues_per_hour": _("Sessions per hour"),
            "live_sessions": _("Concurrent sessions"),
            "largest_share": _("Maximum share per contractor (%)"),
            "allows_overflow": _("Use overflow roles when the role is full"),
            "expiry_not_enforceable": _("Allow requests even if expiry cannot be enforced"),
        }
        help_texts = {
            "allows_own_identity": "",
            "allows_portal_issued": _("For contractors without an AWS account."),
            "allows_console": _("Daypass signs the contractor in to the console."),
            "allows_vouched": _(
                "This is weaker than a signed proof: nothing proves that the identity belongs to the contractor."
            ),
            "source_rule": _("Choose whether requesters enter the IP addresses from which they work."),
            "ticket_pattern": format_lazy(
                "{} {}", _("Leave empty to require no ticket."), lazystr(Text("ticket_pattern_help"))
            ),
            "ticket_example": _("Requesters see this example."),
            "issues_per_hour": _("For one grant, Daypass issues at most this many sessions in an hour."),
            "live_sessions": _("For one grant, at most this many sessions can be open at the same time."),
            "largest_share": _("The grants of one contractor can fill at most this share of the trust policy."),
            "allows_overflow": (
                _(
                    "Bucket and key policies that name this role must also name its overflow roles. Otherwise, "
                    "access through the overflow roles fails."
                )
            ),
            "expiry_not_enforceable": _("Sessions of this role could bypass their expiry. Approvers see a warning."),
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
        if not role.state.can_bypass_expiry and not role.expiry_not_enforceable:
            del self.fields["expiry_not_enforceable"]

    def _post_clean(self) -> None:
        """Leave the role unchanged: the action that changes it also checks it."""

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        asks = typed.pop("asks_external_id", False)
        typed["external_id"] = (self.was or new_external_id()) if asks else ""
        self._check_ticket(typed)
        methods = ("allows_own_identity", "allows_portal_issued", "allows_console")
        if not self.errors and not any(typed[method] for method in methods):
            self.add_error("allows_own_identity", wording.invalid("access_method_missing"))
        return typed

    def _check_ticket(self, typed: dict[str, Any]) -> None:
        try:
            check_pattern(typed.get("ticket_pattern", ""), typed.get("ticket_example", ""))
        except Refused as error:
            add_refusal(self, error)
