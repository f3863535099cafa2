"""Certifications of access reviews, each with its event."""

from datetime import datetime
from typing import Any

from django.db import transaction

from access.ledger.chain import append
from access.ledger.spool import record
from access.models import Certification, User


@transaction.atomic
def record_certification(
    subject: str,
    verdict: Certification.Verdict,
    *,
    comment: str,
    details: dict[str, Any],
    by: User,
    now: datetime,
    is_ending: bool = False,
    **whose: Any,
) -> Certification:
    """Store and return one certification.

    `subject` is the name under which the events of the item are found. `details` describe the item, and `whose` are the
    fields that name the item and its people. `is_ending` says that the review ended access.
    """
    made = Certification.objects.create(verdict=verdict, comment=comment, by=by, at=now, **whose)
    verb = Certification.VERBS[made.verdict]
    store = record if is_ending else append
    store(verb=verb, subject=subject, by=by, now=now, comment=comment, **details)
    return made
