"""Links from an object to its audit events."""

from django import template
from django.template.context import Context

from access.models import User
from access.presenters import event_history

register = template.Library()


@register.simple_tag(takes_context=True)
def history_url(context: Context, subject: event_history.Subject) -> str:
    """Return the address of the events of an object; empty for people who cannot read these."""
    user = context["request"].user
    return event_history.history_url(subject, reader=user, now=context["now"]) if isinstance(user, User) else ""
