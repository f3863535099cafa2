"""The window of a grant as a calendar file (iCalendar, RFC 5545)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from access.models import Grant, Request

LINE = 75  # octets, by RFC 5545, 3.1
_ESCAPED = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": None})


def event_of(grant: Grant, request: Request, *, now: datetime) -> str:
    """Return a calendar with one event, from the start of the grant until it ends or ended.

    The event's id is the request's, so that a calendar replaces the event when the file is imported again. The reason
    is left out: calendars are shared.
    """
    ends_at = min(grant.ends_at, grant.revoked_at or grant.ends_at)
    is_cancelled = ends_at <= grant.starts_at
    page = settings.BASE_URL + reverse("request", args=[request.public_id])
    summary = gettext("AWS access: {role} in {account}").format(role=grant.role.name, account=grant.role.account.name)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Daypass//Daypass//EN",
        "BEGIN:VEVENT",
        f"UID:{request.public_id}@{urlsplit(settings.BASE_URL).hostname}",
        f"DTSTAMP:{_utc(now)}",
        f"SEQUENCE:{int(now.timestamp()) - int(request.submitted_at.timestamp())}",
        f"DTSTART:{_utc(grant.starts_at)}",
        f"DTEND:{_utc(grant.ends_at if is_cancelled else ends_at)}",
        f"STATUS:{'CANCELLED' if is_cancelled else 'CONFIRMED'}",
        f"SUMMARY:{_text(summary)}",
        f"DESCRIPTION:{_text(page)}",
        f"URL:{page}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def file_name(request: Request) -> str:
    """Return a name for the file: that of the role, in which IAM allows no character that headers quote."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", request.role.name) + ".ics"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _folded(line: str) -> Iterator[str]:
    """Yield the parts of a line, none longer than 75 octets in UTF-8; each but the first begins with a space."""
    part = ""
    for sign in line:
        if len((part + sign).encode()) > LINE:
            yield part
            part = " "
        part += sign
    yield part
