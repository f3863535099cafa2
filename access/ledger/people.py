"""Changes of people: invitations, what they become, and who is disabled; each with its event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from access.ledger.chain import append
from access.ledger.spool import record
from access.models import Company, Contractor, Invitation, User

What = User | Company | Contractor


def person_subject(user: User) -> str:
    """Return the name under which the events of a person are found."""
    return f"person:{user.public_id}"


def what_subject(what: What) -> str:
    """Return the name under which the events of a person or a company are found."""
    if isinstance(what, Company):
        return f"company:{what.public_id}"
    return person_subject(what.user if isinstance(what, Contractor) else what)


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


@transaction.atomic
def record_enabled(what: What, *, enabled: bool, by: User, now: datetime) -> None:
    """Record that a contractor, a company or an internal user is enabled or off."""
    what.is_active = enabled
    what.save(update_fields=["is_active"])
    store = append if enabled else record
    store(verb=f"{_kind(what)}.{'enabled' if enabled else 'disabled'}", subject=what_subject(what), by=by, now=now)


def settle_sign_in(contractors: Sequence[Contractor]) -> None:
    """Let exactly those contractors sign in who are active."""
    for contractor in contractors:
        User.objects.filter(pk=contractor.user_id).update(is_active=contractor.is_effectively_active)


@transaction.atomic
def record_person_change(what: What, changes: dict[str, tuple[Any, Any]], *, by: User, now: datetime) -> None:
    """Record what was changed of somebody: a name to what it was and what it is."""
    append(verb=f"{_kind(what)}.changed", subject=what_subject(what), by=by, now=now, changes=changes)


def _kind(what: What) -> str:
    return {Company: "company", Contractor: "contractor", User: "person"}[type(what)]
