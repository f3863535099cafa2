"""Count limited attempts, and store one-time values; the rows expire.

An attempt is counted before it is checked, and uncounted when it was right, so that simultaneous attempts cannot exceed
the limit. Nothing is evicted to free space. When a table cannot be written, the database's error is raised and the
attempt is not checked.

The tables cannot grow without end. A row expires a few minutes after the last try (spent codes and assertions: minutes
to two days; forgotten passwords: a day), the worker deletes expired rows with every sweep, and one address makes at
most some 40 new rows a minute, and 100 a day that last that long, because its own limit is checked first.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from access.models import Attempts, ExpiringValue, KnownBrowser, Session

MINUTE = timedelta(minutes=1)
# Delete rows only some time after they expired, so that a slightly wrong clock deletes no row that still counts.
KEPT_LONGER = 10 * MINUTE
BATCH, BATCHES = 5000, 20  # rows of one statement; statements of one sweep and table


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries in how long, in any period of that length."""

    name: str
    amount: int
    period: timedelta


# Limits for one IP address (for IPv6, one network), or for one known browser of an account.
SIGN_INS = Limit("sign-ins", 30, MINUTE)
FAILED_SIGN_INS = Limit("failed sign-ins", 10, MINUTE)
PASSKEY_SIGN_INS = Limit("sign-ins by passkey", 10, MINUTE)
SIGN_UPS = Limit("sign-ups", 20, MINUTE)
# Limits for clients without a session, for actions that write a row: challenges, and single sign-on.
PASSKEY_CHALLENGES = Limit("challenges of passkeys", 30, MINUTE)
SSO_STARTS = Limit("sign-ins by single sign-on", 30, MINUTE)
SSO_ANSWERS = Limit("answers of single sign-on", 30, MINUTE)
RESETS = Limit("forgotten passwords", 20, MINUTE)
RESETS_A_DAY = Limit("forgotten passwords of a day", 100, timedelta(days=1))
RESET_LINKS = Limit("links for a new password", 20, MINUTE)
RESET_PAGES = Limit("pages for a new password", 60, MINUTE)  # a link that works writes a session each time it is opened
# Limits for one account, wherever the attempts come from.
FAILED_PASSWORDS = Limit("failed passwords", 5, 5 * MINUTE)
FAILED_CODES = Limit("failed codes", 5, 5 * MINUTE)
FAILED_PASSKEYS = Limit("failed passkeys", 5, 5 * MINUTE)
# Limits for one account, or for one mailbox without an account. The links in these emails work for three days.
RESETS_OF_RECIPIENT = Limit("forgotten passwords of a recipient", 10, timedelta(days=1))
RESETS_OF_ACCOUNT = Limit("forgotten passwords of an account", 5, MINUTE)
CONFIRMATIONS = Limit("confirmations", 10, MINUTE)
PASSWORD_CHANGES = Limit("password changes", 5, MINUTE)
DRAFTS = Limit("saved drafts", 30, MINUTE)


@transaction.atomic
def take(limit: Limit, whose: str, *, now: datetime) -> bool:
    """Count one try, and return whether it is within the limit; one that is not is not counted.

    The first statement makes the row or locks the one that is there, so tries of the same moment wait for each other.
    A try further away than a whole period, in the past or in a future that a wrong clock wrote, counts as over.
    """
    key, until = _key(limit.name, whose), now + limit.period
    row = Attempts(key=key, expires_at=until)
    Attempts.objects.bulk_create([row], update_conflicts=True, unique_fields=["key"], update_fields=["expires_at"])
    moment, length = now.timestamp(), limit.period.total_seconds()
    times = [at for at in Attempts.objects.values_list("times", flat=True).get(key=key) if abs(moment - at) < length]
    is_within = len(times) < limit.amount
    if is_within:
        Attempts.objects.filter(key=key).update(times=[*times, moment])
    return is_within


@transaction.atomic
def refund(limit: Limit, whose: str, *, at: datetime) -> None:
    """Take back the try that was counted at this moment: it was right."""
    row = Attempts.objects.select_for_update().filter(key=_key(limit.name, whose)).first()
    if row is not None and at.timestamp() in row.times:
        row.times.remove(at.timestamp())
        row.save(update_fields=["times"])


def forget(limit: Limit, whose: str) -> None:
    """Count from zero again."""
    Attempts.objects.filter(key=_key(limit.name, whose)).delete()


def spend(kind: str, what: str, *, until: datetime, now: datetime) -> bool:
    """Mark something as used until then, and return whether it was not used before."""
    return add(f"{kind}:{what}", "", until=until, now=now)


def add(name: str, value: str, *, until: datetime, now: datetime) -> bool:
    """Store a value unless there is one that has not expired; return whether it was stored."""
    key = _key("value", name)
    try:
        with transaction.atomic():
            ExpiringValue.objects.filter(key=key, expires_at__lte=now).delete()
            ExpiringValue.objects.create(key=key, value=value, expires_at=until)
    except IntegrityError:
        return False
    return True


def put(name: str, value: str, *, until: datetime) -> None:
    """Store a value in the place of whatever is there."""
    ExpiringValue.objects.update_or_create(key=_key("value", name), defaults={"value": value, "expires_at": until})


def value_of(name: str, *, now: datetime) -> str | None:
    """Return the value, or None when there is none or it has expired."""
    rows = ExpiringValue.objects.filter(key=_key("value", name), expires_at__gt=now)
    return rows.values_list("value", flat=True).first()


def drop(name: str) -> bool:
    """Delete a value, and return whether there was one."""
    return bool(ExpiringValue.objects.filter(key=_key("value", name)).delete()[0])


def purge(*, now: datetime) -> int:
    """Delete rows that expired a while ago by both the process's clock and the database's; return how many.

    Sessions and known browsers that are over go with them.
    """
    rows = (Attempts.objects, ExpiringValue.objects, KnownBrowser.objects, Session.objects)
    ends = ("expires_at", "expires_at", "expires_at", "expire_date")
    return sum(_purge(some.all(), ends_at, now=now) for some, ends_at in zip(rows, ends, strict=True))


def _purge(rows: models.QuerySet[Any], ends_at: str, *, now: datetime) -> int:
    over = rows.filter(**{f"{ends_at}__lt": now - KEPT_LONGER}).filter(**{f"{ends_at}__lt": Now() - KEPT_LONGER})
    deleted = 0
    for _ in range(BATCHES):
        # Check the row again, because a simultaneous attempt may have extended its life.
        count, _by_model = over.filter(pk__in=over.values("pk")[:BATCH]).delete()
        deleted += count
        if count < BATCH:
            break
    return deleted


def _key(kind: str, whose: str) -> str:
    return hashlib.sha256(f"{kind}\n{whose}".encode()).hexdigest()
