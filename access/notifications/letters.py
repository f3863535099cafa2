"""Write and send letters."""

import smtplib

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from access.models import Invitation, RoleChange, User

log = structlog.get_logger(__name__)


def send_invitation(invitation: Invitation, link: str) -> bool:
    """Send the letter with the link, and say whether the mail server took it."""
    page = settings.BASE_URL + reverse("invitation", args=[link])
    return send("invitation", invitation.email, {"invitation": invitation, "page": page})


def send_proposal(change: RoleChange) -> int:
    """Tell every other administrator that a change of a role waits for him, and say to how many the letter went."""
    page = settings.BASE_URL + reverse("role_change", args=[change.public_id])
    others = User.objects.filter(is_staff=True, is_active=True, contractor=None).exclude(pk=change.proposed_by_id)
    context = {"change": change, "page": page}
    return sum(send("role_change", address, context) for address in others.values_list("email", flat=True))


def send(name: str, address: str, context: dict[str, object]) -> bool:
    """Send one letter: the first line of its template is the subject."""
    subject, _, body = render_to_string(f"mail/{name}.txt", context).strip().partition("\n")
    try:
        send_mail(f"Daypass: {subject}", body.strip() + "\n", None, [address])
    except (OSError, smtplib.SMTPException) as error:
        # Not the error itself: it may hold the letter.
        log.warning("mail.unsent", letter=name, reason=type(error).__name__)
        return False
    return True
