"""Create a role, import one, and set its limits."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.conditions import SourcesField
from access.forms.fields import ArnField
from access.forms.refusals import add_refusal
from access.forms.role_fields import AccountChoiceField, DescriptionField, NameField, TagsField
from access.models import Role, new_external_id
from access.rules.facts import Refused
from access.rules.tickets import check_pattern
from access.texts.text import Text
from access.wording import lazy_length

HOURS = tuple((hours * 3600, lazy_length(timedelta(hours=hours))) for hours in range(1, 13))


class RoleForm(forms.Form):
    """The account, name and longest session of a new role."""

    account = AccountChoiceField()
    name = NameField()
    description = DescriptionField()
    max_session_seconds = forms.TypedChoiceField(
        label=_("Maximum session duration"),
        choices=HOURS,
        coerce=int,
        initial=3600,
        help_text=_("One session can last at most this long. Every session also ends when its access window ends."),
    )
    tags = TagsField(
        label=_("Tags"),
        required=False,
        help_text=_(
            "Enter one tag per line, as key=value: letters, digits, spaces and _.:/=+-@. Keys have at most 128 "
            "characters, values at most 256. Daypass adds the tag managed-by; keys cannot begin with aws:."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a name that the account has already, together with all other errors of the page."""
        typed = super().clean() or {}
        account, name = typed.get("account"), typed.get("name")
        if account and name and Role.objects.filter(account=account, name__iexact=name).exists():
            self.add_error("name", wording.invalid("role_name_taken"))
        return typed


class RenameForm(forms.Form):
    """A new name for a role that does not exist in AWS yet."""

    name = NameField()


class ImportForm(forms.Form):
    """Import an existing role."""

    account = AccountChoiceField()
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
