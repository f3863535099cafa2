"""Invite contractors and internal users. Only internal users with single sign-on can join without an invitation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import IntegrityError, transaction

from access.actions.locking import lock_people
from access.actions.people import offered
from access.ledger.conflicts import Conflict
from access.ledger.invitations import close_invitation, company_named, create_invited, record_invitation_sent
from access.models import Company, Invitation, User
from access.notifications import emails
from access.rules.facts import MOST_INVITATIONS, Refused
from access.rules.people import (
    can_sponsor,
    check_can_administer,
    check_can_decide_again,
    check_can_manage,
    check_can_sponsor,
    check_contract_end,
)

_SALT = "access.invitation"


@dataclass(frozen=True, slots=True)
class Contract:
    """A contractor's terms: the company by name, when the contract ends, which roles the contractor can request.

    The person who invites is the sponsor, unless an administrator chooses somebody else.
    """

    company: str
    contract_ends_at: datetime
    role_ids: frozenset[int]
    sponsor: User | None = None


class AddressesRefused(Exception):
    """Some addresses cannot be invited; `refusals` says why, for each of these addresses. Nobody was invited."""

    def __init__(self, refusals: Mapping[str, Refused]) -> None:
        super().__init__(", ".join(refusals))
        self.refusals = refusals


@transaction.atomic
def invite_contractors(*, by: User, emails: Sequence[str], contract: Contract, now: datetime) -> list[Invitation]:
    """Store and return an invitation for each address, on the same terms: for all of them or for none.

    Raises AddressesRefused if an address is the reason, and Refused if the terms are.
    """
    if len(emails) > MOST_INVITATIONS:
        raise Refused("invitation_too_many", field="email", most=MOST_INVITATIONS)
    sent, refused = [], {}
    for email in emails:
        try:
            sent.append(invite(by=by, email=email, contract=contract, now=now))
        except Refused as error:
            if error.field != "email":
                raise
            refused[email] = error
    if refused:
        raise AddressesRefused(refused)
    return sent


@transaction.atomic
def invite(
    *,
    by: User | None,
    email: str,
    now: datetime,
    contract: Contract | None = None,
    administrator: bool = False,
    sponsor: bool = False,
) -> Invitation:
    """Store and return an invitation: with a `contract` for a contractor, without for an internal user.

    `by` is None only for the first administrator of an installation.
    """
    email = email.strip().lower()
    _check_may_invite(by, contract, now=now)
    if User.objects.filter(email__iexact=email).exists():
        raise Refused("invitation_account_exists", field="email", email=email)
    invitation = Invitation(
        email=email, invited_by=by, makes_administrator=administrator, makes_sponsor=sponsor, sent_at=now
    )
    roles = offered(contract.role_ids) if contract else []
    if contract is not None:
        check_contract_end(contract.contract_ends_at, now=now)
        invitation.company = _company(contract.company)
        invitation.contract_ends_at = contract.contract_ends_at
        invitation.chosen_sponsor = _chosen_sponsor(by, contract.sponsor)
    try:
        record_invitation_sent(invitation, "sent", roles=roles, by=by or "daypass", now=now)
    except IntegrityError:
        raise Refused("invitation_open", field="email", email=email) from None
    return invitation


@transaction.atomic
def invite_first_administrator(*, email: str, now: datetime) -> Invitation:
    """Return the invitation of the first administrator: a new one, or the open one for this address with a new link.

    A new link lasts 72 hours and ends the earlier one. Raises Refused once there is an administrator.
    """
    _check_may_invite(None, None, now=now)
    own = Invitation.objects.select_for_update().filter(invited_by=None, accepted_at=None, withdrawn_at=None)
    found = own.filter(email__iexact=email.strip(), makes_administrator=True).first()
    if found is None:
        return invite(by=None, email=email, administrator=True, sponsor=True, now=now)
    found.times_sent += 1
    record_invitation_sent(found, "sent_again", by="daypass", now=now)
    return found


@transaction.atomic
def resend(*, by: User, invitation: Invitation, now: datetime) -> None:
    """Return an invitation a new link and 72 hours more; the earlier link ends."""
    invitation = _locked(invitation)
    check_can_manage(by.facts(), invitation.responsible_id(by))
    if invitation.accepted_at or invitation.withdrawn_at:
        raise Conflict("invitation_closed")
    invitation.times_sent += 1
    record_invitation_sent(invitation, "sent_again", by=by, now=now)


@transaction.atomic
def withdraw_invitation(*, by: User, invitation: Invitation, now: datetime) -> None:
    """Take an invitation back; its link ends."""
    check_can_manage(by.facts(), invitation.responsible_id(by))
    if not close_invitation(_locked(invitation), "withdrawn", by=by, now=now, withdrawn_at=now):
        raise Conflict("invitation_closed")


def deliver(*invitations: Invitation) -> list[Invitation]:
    """Send the emails with the links, and return the invitations whose email could not be sent.

    Called once the invitations are stored for good.
    """
    sent = emails.send_invitations([(invitation, link_of(invitation)) for invitation in invitations])
    return [invitation for invitation in invitations if invitation not in sent]


def link_of(invitation: Invitation) -> str:
    """Return the secret part of an invitation's link; it is stored nowhere and ends with the next sending."""
    return signing.dumps([str(invitation.public_id), invitation.times_sent], salt=_SALT)


def invitation_of(link: str, *, now: datetime) -> Invitation:
    """Return the open invitation that a link leads to; raises Refused, with the same sentence whatever is wrong."""
    try:
        public_id, times_sent = signing.loads(link, salt=_SALT)
    except signing.BadSignature:
        raise Refused("invitation_invalid") from None
    found = Invitation.objects.select_related("company", "invited_by", "chosen_sponsor")
    invitation = found.filter(public_id=public_id, times_sent=times_sent).first()
    if invitation is None or not invitation.is_open(now=now):
        raise Refused("invitation_invalid")
    sender, company, chosen = invitation.invited_by, invitation.company, invitation.chosen_sponsor
    if (sender is not None and not sender.is_active) or (company is not None and not company.is_active):
        raise Refused("invitation_invalid")
    if chosen is not None and not can_sponsor(chosen.facts()):
        raise Refused("invitation_invalid")
    if sender is None and User.objects.filter(is_staff=True).exists():
        raise Refused("invitation_invalid")  # this link was for the first administrator, and Daypass already has one
    return invitation


@transaction.atomic
def accept(*, link: str, name: str, password: str | None, now: datetime) -> User:
    """Create and return the account that an invitation is for; the link works once.

    Without a `password`, the person signs in with the passkey that they add next.
    """
    invitation = invitation_of(link, now=now)
    try:
        user = create_invited(invitation, name=name, password=password)
    except IntegrityError:
        raise Refused("invitation_invalid") from None
    if not close_invitation(invitation, "accepted", by=user, now=now, accepted_at=now, accepted_by=user):
        raise Refused("invitation_invalid")
    return user


def _check_may_invite(by: User | None, contract: Contract | None, *, now: datetime) -> None:
    if by is None:
        if User.objects.filter(is_staff=True).exists():
            raise Refused("administrator_exists")
        return
    if contract is None:
        check_can_administer(by.facts())
        check_can_decide_again(by.facts(), now=now)  # a new administrator would decide in their place
    else:
        check_can_sponsor(by.facts())


def _chosen_sponsor(by: User | None, sponsor: User | None) -> User | None:
    """Return the sponsor, or None for the person who invites; only administrators choose somebody else."""
    if by is None or sponsor is None or sponsor == by:
        return None
    check_can_administer(by.facts())
    lock_people(sponsor)
    check_can_sponsor(sponsor.facts())
    return sponsor


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update().get(pk=invitation.pk)


def _company(name: str) -> Company:
    """Return the company of this name, made when it is new; raises Refused when it is disabled."""
    name = " ".join(name.split())
    company = company_named(name)
    if not company.is_active:
        raise Refused("company_disabled", field="company")
    return company
