"""The cookie of a browser that its account knows. It is no factor: it only has a count of failures of its own."""

import secrets

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from access import clock, ledger
from access.models import KnownBrowser, User
from access.models.sessions import KNOWN_FOR
from access.views import visitors

LONGEST_TOKEN = 100


def of_request(request: HttpRequest) -> KnownBrowser | None:
    """Return the browser that this request's cookie names, while it is good for anything."""
    token = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    return ledger.find_browser(token, now=clock.now()) if 0 < len(token) <= LONGEST_TOKEN else None


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Give the browser a cookie when this session has used the password and a second factor of this person, and has not
    been ended in the meantime.
    """
    used = {record["method"] for record in get_authentication_records(request, person)}
    if not {"password", "mfa"} <= used:
        return
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        if not _is_open(request, ledger.lock_person(person)):
            return
        ledger.remember_browser(
            person,
            token=token,
            former=of_request(request),
            address=visitors.address_of(request),
            user_agent=request.headers.get("User-Agent", ""),
            now=clock.now(),
        )
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        token,
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _is_open(request: HttpRequest, person: User) -> bool:
    """Return whether this session is still one of the person, who is read under a lock."""
    session = request.session
    is_same = constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    return person.is_active and is_same and session.exists(session.session_key or "")
