"""Count refusals for each minute. The sweep adds them to the audit chain later.

A repeated attempt only increments a counter. It adds no event and does not lock the chain, so it delays nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import Error, IntegrityError, transaction
from django.db.models import F, Q

from access import pauses
from access.ledger.chain import Entry, append_all
from access.ledger.subjects import person_subject
from access.models import Refusal, User

log = structlog.get_logger(__name__)
SIGN_IN_FAILED, DENIED = "sign_in.failed", "authz.denied"
BATCH = 5000
# In each minute, this number of unknown addresses get their own event. All others share one event.
STRANGERS = 20
LISTED = 10  # addresses and ids that one event names


def note_refusal(verb: str, *, person: User | None, address: str, page: str, now: datetime, about: str = "") -> None:
    """Count one more refusal in this minute. If counting fails, log the error. The attempt stays refused."""
    key = {
        "minute": now.replace(second=0, microsecond=0),
        "verb": verb,
        "subject": person_subject(person) if person else f"address:{address}",
        "address": address,
        "page": page[:100],
    }
    try:
        _count(key, email=person.email if person else "", about=about)
    except Error as error:
        log.error("refusal.uncounted", verb=verb, page=page, reason=type(error).__name__)


def _count(key: dict[str, Any], **first: str) -> None:
    rows = Refusal.objects.filter(**key)
    if rows.update(count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            Refusal.objects.create(**key, **first)
    except IntegrityError:  # somebody was faster
        rows.update(count=F("count") + 1)


@transaction.atomic
def record_refusals(*, now: datetime) -> None:
    """Turn the counters of completed minutes into events, one for each person or address, and delete the counters."""
    present = now.replace(second=0, microsecond=0)
    over = Refusal.objects.filter(Q(minute__lt=present) | Q(minute__gt=present + pauses.LARGEST_SKEW))
    rows = list(over.select_for_update(skip_locked=True).order_by("minute", "pk")[:BATCH])
    if not rows:
        return
    Refusal.objects.filter(pk__in=[row.pk for row in rows]).delete()
    append_all(_entries(rows), by="daypass", now=now)


def _entries(rows: Iterable[Refusal]) -> list[Entry]:
    groups: dict[tuple[datetime, str, str], list[Refusal]] = defaultdict(list)
    strangers: dict[tuple[datetime, str], set[str]] = defaultdict(set)
    for row in rows:
        subject = row.subject
        if not row.email:
            known = strangers[row.minute, row.verb]
            if len(known) >= STRANGERS and subject not in known:
                subject = "address:others"
            known.add(subject)
        groups[row.minute, row.verb, subject].append(row)
    return [Entry(verb, subject, _details(minute, some)) for (minute, verb, subject), some in groups.items()]


def _details(minute: datetime, rows: Sequence[Refusal]) -> dict[str, Any]:
    pages: dict[str, int] = defaultdict(int)
    for row in rows:
        pages[row.page] += row.count
    addresses = sorted({row.address for row in rows})
    return {
        "minute": minute,
        "email": rows[0].email,
        "times": sum(row.count for row in rows),
        "pages": dict(pages),
        "addresses": addresses[:LISTED],
        "addresses_in_all": len(addresses),
        "about": [row.about for row in rows if row.about][:LISTED],
    }
