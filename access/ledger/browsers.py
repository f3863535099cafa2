"""Store the known browsers of people: their tokens, failures and removal, with events."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare

from access.ledger.chain import append
from access.ledger.spool import record
from access.ledger.subjects import person_subject
from access.models import KnownBrowser, User
from access.models.sessions import KNOWN_FOR, MOST_FAILURES, hash_of_key

MOST = 20  # browsers of one person; a further one replaces the oldest


def find_browsers(tokens: Collection[str], *, now: datetime) -> dict[str, KnownBrowser]:
    """Return the browsers with these tokens that are still valid, by token and in this order.

    A changed password or factor invalidates a browser, however it was changed.
    """
    hashes = {hash_of_key(token): token for token in tokens}
    rows = KnownBrowser.objects.live(now=now).select_related("person").filter(token_hash__in=hashes) if hashes else ()
    good = {hashes[row.token_hash]: row for row in rows if constant_time_compare(row.stamp, _stamp(row.person))}
    return {token: good[token] for token in tokens if token in good}


def browsers_of(person: User, *, now: datetime) -> list[KnownBrowser]:
    """Return the known browsers of this person that are still valid, the latest first."""
    rows = KnownBrowser.objects.live(now=now).filter(person=person, stamp=_stamp(person))
    return list(rows.order_by("-signed_in_at"))


@transaction.atomic
def remember_browser(
    person: User, *, token: str, former: KnownBrowser | None, address: str, user_agent: str, now: datetime
) -> None:
    """Store that somebody signed in from the browser with this cookie.

    The earlier cookie of the same browser becomes invalid.
    """
    facts = {
        "token_hash": hash_of_key(token),
        "stamp": _stamp(person),
        "failures": 0,
        "address": address,
        "user_agent": user_agent[:200],
        "signed_in_at": now,
        "expires_at": now + KNOWN_FOR,
    }
    known = KnownBrowser.objects.filter(person=person)
    if former is not None and known.filter(pk=former.pk, token_hash=former.token_hash).update(**facts):
        return
    KnownBrowser.objects.create(person=person, **facts)
    latest = known.order_by("-signed_in_at", "-pk").values_list("pk", flat=True)[:MOST]
    known.exclude(pk__in=list(latest)).delete()
    append(verb="browser.remembered", subject=person_subject(person), by=person, now=now, address=address)


def is_outdated(browser: KnownBrowser) -> bool:
    """Return whether the password or the factors of the account have changed since the browser was read."""
    return not constant_time_compare(browser.stamp, _stamp(browser.person))


def count_failure(browser: KnownBrowser) -> bool:
    """Count a failure before the attempt is checked, and return whether the browser had an attempt left."""
    rows = KnownBrowser.objects.filter(pk=browser.pk, token_hash=browser.token_hash, failures__lt=MOST_FAILURES)
    return bool(rows.update(failures=F("failures") + 1))


def uncount_failure(browser: KnownBrowser) -> None:
    """Remove one failure from the count, because the attempt was correct."""
    rows = KnownBrowser.objects.filter(pk=browser.pk, token_hash=browser.token_hash, failures__gt=0)
    rows.update(failures=F("failures") - 1)


def forget_worn_out(browser: KnownBrowser, *, address: str, now: datetime) -> None:
    """Delete a browser that has no attempts left, and record this."""
    worn_out = Q(pk=browser.pk, failures__gte=MOST_FAILURES)
    forget_browsers(browser.person, worn_out, why="failures", by="daypass", address=address, now=now)


@transaction.atomic
def forget_browsers(
    person: User,
    which: Q | None = None,
    *,
    why: str,
    by: User | str,
    address: str = "",
    now: datetime,
) -> int:
    """Delete these known browsers of a person, or all, and return how many there were.

    If there were none, record nothing.
    """
    count, _by_model = KnownBrowser.objects.filter(which or Q(), person=person).delete()
    if count:
        subject = person_subject(person)
        record(verb="browser.forgotten", subject=subject, by=by, now=now, count=count, why=why, address=address)
    return count


def _stamp(person: User) -> str:
    """Return a hash of the password and the factors. The database contains both only as hashes or encrypted."""
    factors = Authenticator.objects.filter(user=person).order_by("pk").values_list("pk", "type")
    password = User.objects.values_list("password", flat=True).get(pk=person.pk)
    return hashlib.sha256(f"{password}\n{list(factors)}".encode()).hexdigest()
