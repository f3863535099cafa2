"""Conditions of a grant beside its window, as people type them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.models import Role
from access.rules.addresses import read_sources
from access.rules.facts import Refused
from access.rules.tickets import TICKET_MAX_LENGTH


class SourcesField(forms.CharField):
    """Addresses and networks, separated by commas, spaces or line breaks; returned as written to AWS."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("Allowed IP addresses"),
            "required": False,
            "max_length": 500,
            "help_text": _(
                "Enter public addresses or networks, such as 203.0.113.7 or 203.0.113.0/24. AWS denies requests "
                "from all other addresses."
            ),
        }
        super().__init__(**usual | options)

    def clean(self, value: Any) -> tuple[str, ...]:
        try:
            return read_sources(str(super().clean(value)))
        except Refused as error:
            raise ValidationError(str(error), code=error.code) from None

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class TicketField(forms.CharField):
    """A ticket number; each role sets its format."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("Ticket number"),
            "required": False,
            "max_length": TICKET_MAX_LENGTH,
            "help_text": _("Enter a number only if the role requires one."),
        }
        super().__init__(**usual | options)


class MfaField(forms.BooleanField):
    """A condition that AWS requires MFA."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": _("Require MFA in AWS"),
            "required": False,
            "help_text": _("Only for IAM users with an MFA device. Sessions of roles cannot prove MFA."),
        }
        super().__init__(**usual | options)


def fit_to(form: forms.Form, roles: Sequence[Role]) -> None:
    """Keep the conditions that one of the roles uses, and show examples of their ticket numbers."""
    asks = {role.ticket_example: role.name for role in roles if role.ticket_pattern}
    if "mfa" in form.fields and not any(role.allows_own_identity for role in roles):
        del form.fields["mfa"]
    if "sources" in form.fields and all(role.source_rule == Role.SourceRule.NEVER for role in roles):
        del form.fields["sources"]
    if not asks:
        del form.fields["ticket"]
        return
    looks = format_html_join(", ", gettext("<code>{}</code> for {}"), asks.items())
    form.fields["ticket"].help_text = format_html(gettext("For example {}."), looks)
