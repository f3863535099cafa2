"""The demo's portal side: the people, the account and the role in the catalogue."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from access.ledger.roles import mark_dirty
from access.models import Account, Company, Contractor, Role, User
from access.workload_identities import Home
from demo import cast, codes


@transaction.atomic
def seed(notes: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Make or fix the demo's rows, and return the notes with everybody's password."""
    passwords = {person.email: _kept(notes, "passwords", person) or cast.new_password() for person in cast.PEOPLE}
    seeds = {person.email: _kept(notes, "seeds", person) or codes.new_seed() for person in cast.PEOPLE}
    people = {person.email: _user(person, passwords[person.email]) for person in cast.PEOPLE}
    for email, user in people.items():
        _factor(user, seeds[email])
    role = _role(notes)
    sponsor = people[cast.ALICE.email]
    for person in (cast.RICHARD, cast.RITA):
        contractor = _contractor(people[person.email], sponsor=sponsor, now=now)
        role.contractors.add(contractor)
    role.approvers.add(people[cast.ALICE.email], people[cast.BOB.email])
    mark_dirty(role, now=now)
    return notes | {"passwords": passwords, "seeds": seeds}


def _kept(notes: dict[str, Any], kind: str, person: cast.Person) -> str:
    return str(notes.get(kind, {}).get(person.email, ""))


def _user(person: cast.Person, password: str) -> User:
    user = User.objects.filter(email=person.email).first() or User(email=person.email)
    user.name, user.is_active, user.is_staff = person.name, True, person is cast.ADA
    user.is_sponsor = person is cast.ALICE
    if not user.check_password(password):
        user.set_password(password)
    user.save()
    return user


def _factor(user: User, seed: str) -> None:
    """Return the person a second factor with this seed, sealed with today's key, and an address that needs no proof."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    Authenticator.objects.update_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": get_adapter().encrypt(seed)}}
    )


def _contractor(user: User, *, sponsor: User, now: datetime) -> Contractor:
    contractor, _ = Contractor.objects.get_or_create(
        user=user,
        defaults={
            "company": Company.objects.get_or_create(name="Contractor A")[0],
            "sponsor": sponsor,
            "contract_ends_at": (now + timedelta(days=365)).replace(hour=18, minute=0, second=0, microsecond=0),
        },
    )
    return contractor


def _role(notes: dict[str, Any]) -> Role:
    account, _ = Account.objects.update_or_create(
        account_id=notes["host_account"],
        defaults={
            "name": "Important project",
            "region": notes["region"],
            "issuer_arn": notes["issuer_arn"],
            "boundary_arn": Home("aws", notes["host_account"]).boundary,
        },
    )
    # What administrators have made of it in the portal since, permissions above all, stays.
    role, _ = Role.objects.get_or_create(
        account=account,
        name=cast.ROLE,
        defaults={
            "path": cast.ROLE_PATH,
            "description": "Contractor A puts files into the bucket of the important project.",
            "allows_portal_issued": True,
            "allows_console": True,
            "permissions_name": cast.PERMISSIONS_NAME,
            "permissions": cast.PERMISSIONS,
        },
    )
    return role
