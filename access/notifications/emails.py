"""Write and send emails."""

import smtplib
from collections.abc import Sequence

import structlog
from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from access import email_text
from access.ledger.counters import counting_untranslated
from access.models import Invitation
from access.recipients import reader_of

log = structlog.get_logger(__name__)


def send_invitations(links: Sequence[tuple[Invitation, str]]) -> list[Invitation]:
    """Send the email with the link for each invitation, over one connection; return those that the mail server took.

    If there is no connection, no email is tried: each attempt would wait as long for the mail server.
    """
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail.unsent", notification="invitation", reason=type(error).__name__)
        return []
    try:
        return [invitation for invitation, link in links if send_invitation(invitation, link, connection=connection)]
    finally:
        connection.close()


def send_invitation(invitation: Invitation, link: str, *, connection: BaseEmailBackend | None = None) -> bool:
    """Send the email with the link, and say whether the mail server took it."""
    page = settings.BASE_URL + reverse("invitation", args=[link])
    return send("invitation", invitation.email, {"invitation": invitation, "page": page}, connection=connection)


def send(name: str, address: str, context: dict[str, object], *, connection: BaseEmailBackend | None = None) -> bool:
    """Send one email, in the language and the time zone of the person."""
    with reader_of(address), counting_untranslated():
        subject, body = email_text.render(name, context)
    try:
        send_mail(subject, body, None, [address], connection=connection)
    except (OSError, smtplib.SMTPException) as error:
        # Do not log the error itself, because it could contain the email.
        log.warning("mail.unsent", notification=name, reason=type(error).__name__)
        return False
    return True
