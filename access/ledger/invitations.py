"""Invitations: sent, accepted and withdrawn, each with its event."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from access.ledger.chain import append
from access.ledger.spool import record
from access.models import Company, Contractor, Invitation, Role, User


@transaction.atomic
def record_invitation_sent(
    invitation: Invitation, verb: str, *, roles: Collection[Role] | None = None, by: User | str, now: datetime
) -> None:
    """Store that an invitation is sent, for the first time or again; without `roles`, its roles stay unchanged.

    Raises IntegrityError if another invitation to the address is open.
    """
    invitation.sent_at = now
    invitation.save()
    if roles is not None:
        invitation.roles.set(roles)
    append(
        verb=f"invitation.{verb}",
        subject=f"invitation:{invitation.public_id}",
        by=by,
        now=now,
        email=invitation.email,
        company=str(invitation.company or ""),
        contract_ends_at=invitation.contract_ends_at,
        sponsor=invitation.sponsor.email if invitation.company and invitation.sponsor else "",
    )


@transaction.atomic
def close_invitation(invitation: Invitation, verb: str, *, by: User, now: datetime, **facts: Any) -> bool:
    """Record that an invitation was accepted or withdrawn, and return whether it was open until now."""
    still_open = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, withdrawn_at=None, times_sent=invitation.times_sent
    )
    if not still_open.update(**facts):
        return False
    store = record if verb == "withdrawn" else append
    store(verb=f"invitation.{verb}", subject=f"invitation:{invitation.public_id}", by=by, now=now)
    return True


def company_named(name: str) -> Company:
    """Return the company with this name, ignoring case. Store a new company, which the invitation's event names."""
    return Company.objects.filter(name__iexact=name).first() or Company.objects.create(name=name)


@transaction.atomic
def create_invited(invitation: Invitation, *, name: str, password: str | None) -> User:
    """Store the invited person and their contract; the event says that the invitation was accepted.

    A person without a password signs in with a passkey. Raises IntegrityError if the address has an account.
    """
    user = User.objects.create_user(
        invitation.email,
        password,
        name=" ".join(name.split()),
        is_staff=invitation.makes_administrator,
        is_sponsor=invitation.makes_sponsor,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if invitation.company and invitation.contract_ends_at and invitation.sponsor:
        contractor = Contractor.objects.create(
            user=user,
            company=invitation.company,
            sponsor=invitation.sponsor,
            contract_ends_at=invitation.contract_ends_at,
        )
        contractor.roles.set(invitation.roles.all())
    return user
