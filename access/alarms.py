"""Tell everybody at once that somebody broke the glass. What cannot be told is on record, and tried again."""

import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from access import ledger, skew
from access.models import ClockEpisode, EmergencyUse

log = structlog.get_logger(__name__)

GIVEN_UP_AFTER = timedelta(days=1)  # whoever could not be told by then sees it on the pages
_FAILURES = (OSError, smtplib.SMTPException)


def untold(*, now: datetime) -> list[int]:
    """Give the ids of the uses of which not everybody was told."""
    lately = EmergencyUse.objects.filter(told_at=None, used_at__gt=now - GIVEN_UP_AFTER)
    return list(lately.order_by("pk").values_list("pk", flat=True))


def tell(use_id: int, *, now: datetime) -> None:
    """Send the letter to all who have not got it. One that fails stops no other, and none stops the access."""
    use = EmergencyUse.objects.filter(pk=use_id).select_related("request__role__account", "person").first()
    if use is None or not use.untold:
        return
    told = _send(use.untold, _letter(use), name="breakglass")
    ledger.record_told(use, told=told, now=now)
    log.log(20 if len(told) == len(use.untold) else 40, "breakglass.told", told=len(told), of=len(use.untold))


def notify_of_clocks(episode_id: int, *, now: datetime) -> None:
    """Send the email about clocks that differ to every administrator who has not got it."""
    episode = ClockEpisode.objects.filter(pk=episode_id, notified_at=None).first()
    if episode is None:
        return
    waiting = skew.addresses(episode)
    text = render_to_string("mail/clocks.txt", {"episode": episode, "page": settings.BASE_URL + reverse("home")})
    sent = _send(waiting, text.strip(), name="clocks")
    done = {"notified_at": now} if len(sent) == len(waiting) else {}
    ClockEpisode.objects.filter(pk=episode.pk).update(notified=[*episode.notified, *sent], **done)
    log.log(20 if done else 40, "clocks.notified", sent=len(sent), of=len(waiting))


def _letter(use: EmergencyUse) -> str:
    page = settings.BASE_URL + reverse("emergency", args=[use.request.public_id])
    return render_to_string("mail/breakglass.txt", {"use": use, "request": use.request, "page": page}).strip()


def _send(addresses: Sequence[str], text: str, *, name: str) -> list[str]:
    """Give the addresses to which the letter went: its first line is the subject. All go over one connection; one that
    cannot be opened is no way.
    """
    told = []
    subject, _, body = text.partition("\n")
    try:
        with get_connection() as connection:
            for address in addresses:
                try:
                    EmailMessage(
                        f"Daypass: {subject}", body.strip() + "\n", None, [address], connection=connection
                    ).send()
                    told.append(address)
                except _FAILURES as error:
                    # Not the error itself: it may hold the letter.
                    log.warning("mail.unsent", letter=name, reason=type(error).__name__)
    except _FAILURES as error:
        log.warning("mail.unsent", letter=name, reason=type(error).__name__)
    return told
