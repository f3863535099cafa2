"""The cookie of a known browser. It is not a factor; it only gives the browser its own count of failures.

It holds one token for each account that signed in with this browser, the latest first.
"""

import functools
import secrets
from collections.abc import Callable

import structlog
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from access import clock
from access.auth import client_address
from access.ledger.browsers import find_browsers, is_outdated, remember_browser
from access.ledger.chain import AuditUnavailable
from access.ledger.sessions import lock_person
from access.models import KnownBrowser, User
from access.models.sessions import KNOWN_FOR

View = Callable[..., HttpResponse]

MOST_ACCOUNTS = 4  # of one browser
LONGEST_TOKEN = 100
log = structlog.get_logger(__name__)


def of_request(request: HttpRequest) -> list[KnownBrowser]:
    """Return what this request's cookie names while it is good for anything: one row an account, the latest first."""
    return list(_by_token(request).values())


def of_person(request: HttpRequest, person: User) -> KnownBrowser | None:
    """Return the browser of this request as this person's account knows it."""
    return next((browser for browser in of_request(request) if browser.person_id == person.pk), None)


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Return the browser a cookie when this session has used a second factor of this person, or a passkey, which is two
    in one, and has not been ended in the meantime. What other accounts know it by stays in the cookie.
    """
    if not any(record["method"] == "mfa" for record in get_authentication_records(request, person)):
        return
    token, known = secrets.token_urlsafe(32), _by_token(request)
    with transaction.atomic():
        if not _is_open(request, lock_person(person)):
            return
        remember_browser(
            person,
            token=token,
            former=next((browser for browser in known.values() if browser.person_id == person.pk), None),
            address=client_address.address_of(request),
            user_agent=request.headers.get("User-Agent", ""),
            now=clock.now(),
        )
    others = [other for other, browser in known.items() if browser.person_id != person.pk]
    _set_cookie(response, [token, *others][:MOST_ACCOUNTS])


def staying_known(view: View) -> View:
    """Keep a browser known to the account when its owner changes their password or factors in it.

    The change forgets all of the owner's browsers. This one is remembered again with another token, so a copy of the
    former token is useless. A browser without attempts left, or forgotten for another reason, is not remembered.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        person = request.user
        known = of_person(request, person) if request.method == "POST" and isinstance(person, User) else None
        response = view(request, *args, **kwargs)
        try:
            if known and request.user == known.person and is_outdated(known):
                remember(request, response, known.person)
        except AuditUnavailable:
            log.warning("browser.not_remembered")  # the change itself is stored
        return response

    return inner


def _by_token(request: HttpRequest) -> dict[str, KnownBrowser]:
    tokens = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "").split(".")[:MOST_ACCOUNTS]
    return find_browsers([token for token in tokens if 0 < len(token) <= LONGEST_TOKEN], now=clock.now())


def _set_cookie(response: HttpResponse, tokens: list[str]) -> None:
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        ".".join(tokens),
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
