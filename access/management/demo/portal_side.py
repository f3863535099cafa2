"""The story's portal side: the people, the account and the role in the catalogue."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from access import ledger
from access.management.demo import cast
from access.models import Account, Contractor, Role, User


@transaction.atomic
def seed(notes: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Make or mend the demo's rows, and give the notes with everybody's password."""
    passwords = {person.email: _password(notes, person) for person in cast.PEOPLE}
    people = {person.email: _user(person, passwords[person.email]) for person in cast.PEOPLE}
    role = _role(notes)
    sponsor = people[cast.ALICE.email]
    for person in (cast.RICHARD, cast.RITA):
        contractor = _contractor(people[person.email], sponsor=sponsor, now=now)
        role.contractors.add(contractor)
    role.approvers.add(people[cast.ALICE.email], people[cast.BOB.email])
    ledger.want(role, now=now)
    return notes | {"passwords": passwords}


def _password(notes: dict[str, Any], person: cast.Person) -> str:
    return str(notes.get("passwords", {}).get(person.email) or cast.new_password())


def _user(person: cast.Person, password: str) -> User:
    user = User.objects.filter(email=person.email).first() or User(email=person.email)
    user.name, user.is_active, user.is_staff = person.name, True, person is cast.ADA
    if not user.check_password(password):
        user.set_password(password)
    user.save()
    return user


def _contractor(user: User, *, sponsor: User, now: datetime) -> Contractor:
    contractor, _ = Contractor.objects.get_or_create(
        user=user,
        defaults={
            "company": "Contractor A",
            "sponsor": sponsor,
            "contract_ends_at": (now + timedelta(days=365)).replace(hour=18, minute=0, second=0, microsecond=0),
        },
    )
    return contractor


def _role(notes: dict[str, Any]) -> Role:
    account, _ = Account.objects.update_or_create(
        account_id=notes["host_account"],
        defaults={"name": "Important project", "region": notes["region"], "issuer_arn": notes["issuer_arn"]},
    )
    role, _ = Role.objects.update_or_create(
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
