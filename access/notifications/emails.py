"""Write and send emails."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from access import email_text
from access.ledger.counters import counting_untranslated
from access.models import Invitation
from access.recipients import reader_of

log = structlog.get_logger(__name__)


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Send the email with the link, and say whether the mail server took it."""
    page = settings.BASE_URL + reverse("invitation", args=[link])
    return send("invitation", invitation.email, {"invitation": invitation, "page": page})


def send(name: str, address: str, context: dict[str, object]) -> bool:
    """Send one email, in the language and the time zone of the person."""
    with reader_of(address), counting_untranslated():
        subject, body = email_text.render(name, context)
    try:
        send_mail(subject, body, None, [address])
    except (OSError, smtplib.SMTPException) as error:
        # Do not log the error itself, because it could contain the email.
        log.warning("mail.unsent", notification=name, reason=type(error).__name__)
        return False
    return True
