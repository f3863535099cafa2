"""Invitations: sent, accepted and withdrawn, each with its event."""

from datetime import datetime
from typing import Any

from django.db import transaction

from access.ledger.chain import append
from access.ledger.spool import record
from access.models import Invitation, User


@transaction.atomic
def record_invitation_sent(invitation: Invitation, verb: str, *, by: User | str, now: datetime) -> None:
    """Store an invitation that is sent, for the first time or again."""
    invitation.sent_at = now
    invitation.save()
    append(
        verb=f"invitation.{verb}",
        subject=f"invitation:{invitation.public_id}",
        by=by,
        now=now,
        email=invitation.email,
        company=str(invitation.company or ""),
        contract_ends_at=invitation.contract_ends_at,
    )


@transaction.atomic
def close_invitation(invitation: Invitation, verb: str, *, by: User, now: datetime, **facts: Any) -> bool:
    """Record that an invitation was answered or withdrawn, and say whether it was open until now."""
    still_open = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, withdrawn_at=None, times_sent=invitation.times_sent
    )
    if not still_open.update(**facts):
        return False
    store = record if verb == "withdrawn" else append
    store(verb=f"invitation.{verb}", subject=f"invitation:{invitation.public_id}", by=by, now=now)
    return True
