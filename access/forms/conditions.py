"""What an access may be bound to beside its window, as people type it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join

from access import rules
from access.models import Role


class SourcesField(forms.CharField):
    """Addresses and networks, between commas, blanks or line breaks; gives them as AWS is told them."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": "Only from these addresses",
            "required": False,
            "max_length": 500,
            "help_text": "Public IP addresses or networks, such as 203.0.113.7 or 203.0.113.0/24; others are refused.",
        }
        super().__init__(**usual | options)

    def clean(self, value: Any) -> tuple[str, ...]:
        try:
            return rules.read_sources(str(super().clean(value)))
        except rules.Refused as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value


class TicketField(forms.CharField):
    """A ticket number; what it looks like is for each role to say."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": "Ticket number",
            "required": False,
            "max_length": rules.TICKET_MAX_LENGTH,
            "help_text": "For roles that ask for one.",
        }
        super().__init__(**usual | options)


class MfaField(forms.BooleanField):
    """Whether AWS is to ask for a second factor."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": "AWS asks for a second factor",
            "required": False,
            "help_text": "For IAM users with an MFA device; sessions of roles carry none.",
        }
        super().__init__(**usual | options)


def fit_to(form: forms.Form, roles: Sequence[Role]) -> None:
    """Leave of the conditions those that one of the roles knows, and say what their tickets look like."""
    asks = {role.ticket_example: role.name for role in roles if role.ticket_pattern}
    if "mfa" in form.fields and not any(role.allows_own_identity for role in roles):
        del form.fields["mfa"]
    if "sources" in form.fields and all(role.source_rule == Role.SourceRule.NEVER for role in roles):
        del form.fields["sources"]
    if not asks:
        del form.fields["ticket"]
        return
    looks = format_html_join(", ", "<code>{}</code> for {}", asks.items())
    form.fields["ticket"].help_text = format_html("Such as {}.", looks)
