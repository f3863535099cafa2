"""Send immediate emails about a break-glass grant to everybody who is responsible for it.

Emails that cannot be sent are recorded and tried again.
"""

import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from access import email_text, skew
from access.ledger.break_glass import record_break_glass_notified
from access.ledger.clocks import store_clocks_notified
from access.ledger.counters import counting_untranslated
from access.models import BreakGlassGrant, ClockEpisode
from access.recipients import reader_of

log = structlog.get_logger(__name__)

GIVEN_UP_AFTER = timedelta(days=1)  # after that, only the pages show it
_FAILURES = (OSError, smtplib.SMTPException)


def to_notify_of_break_glass(*, now: datetime) -> list[int]:
    """Return the ids of the break-glass grants of which not everybody was notified."""
    lately = BreakGlassGrant.objects.filter(notified_at=None, used_at__gt=now - GIVEN_UP_AFTER)
    return list(lately.order_by("pk").values_list("pk", flat=True))


def notify_of_break_glass(break_glass_grant_id: int, *, now: datetime) -> None:
    """Send the email to all who have not got it. One that fails stops no other, and none stops the access."""
    break_glass_grant = (
        BreakGlassGrant.objects.filter(pk=break_glass_grant_id)
        .select_related("request__role__account", "request__role__state", "person")
        .first()
    )
    if break_glass_grant is None or not break_glass_grant.not_notified:
        return
    notified = _send(break_glass_grant.not_notified, "break_glass", _context(break_glass_grant))
    record_break_glass_notified(break_glass_grant, notified=notified, now=now)
    log.log(
        20 if len(notified) == len(break_glass_grant.not_notified) else 40,
        "break_glass_grant.notified",
        notified=len(notified),
        of=len(break_glass_grant.not_notified),
    )


def notify_of_clocks(episode_id: int, *, now: datetime) -> None:
    """Send the email about clocks that differ to every administrator who has not got it."""
    episode = ClockEpisode.objects.filter(pk=episode_id, notified_at=None).first()
    if episode is None:
        return
    waiting = skew.addresses(episode)
    sent = _send(waiting, "clocks", {"episode": episode, "page": settings.BASE_URL + reverse("home")})
    is_whole = len(sent) == len(waiting)
    store_clocks_notified(episode, sent, is_whole=is_whole, now=now)
    log.log(20 if is_whole else 40, "clocks.notified", sent=len(sent), of=len(waiting))


def _context(break_glass_grant: BreakGlassGrant) -> dict[str, object]:
    page = settings.BASE_URL + reverse("break_glass_grant", args=[break_glass_grant.request.public_id])
    return {"break_glass_grant": break_glass_grant, "request": break_glass_grant.request, "page": page}


def _send(addresses: Sequence[str], name: str, context: dict[str, object]) -> list[str]:
    """Return the addresses to which the email went. All go over one connection; one that cannot be opened is no way."""
    notified = []
    try:
        with get_connection() as connection:
            for address in addresses:
                try:
                    _email(name, address, context, connection).send()
                    notified.append(address)
                except _FAILURES as error:
                    # Do not log the error itself, because it could contain the email.
                    log.warning("mail.unsent", notification=name, reason=type(error).__name__)
    except _FAILURES as error:
        log.warning("mail.unsent", notification=name, reason=type(error).__name__)
    return notified


def _email(name: str, address: str, context: dict[str, object], connection: Any) -> EmailMessage:
    """Return the email for one person, in their language and time zone."""
    with reader_of(address), counting_untranslated():
        subject, body = email_text.render(name, context)
    return EmailMessage(subject, body, None, [address], connection=connection)
