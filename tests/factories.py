"""The cast and the props of the tests that use the database.

Richard and Rita are contractors, Richard with an AWS identity and Rita without; Alice and Bob approve; Ada
administers; Mallory is an internal user who has no part in it.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from access.actions import deciding, requests
from access.actions.contents import RequestDraft
from access.models import Account, Company, Contractor, Grant, Principal, Request, Role, RoleState, User

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
HOST_ACCOUNT = "111111111111"
CONTRACTOR_ACCOUNT = "222222222222"
RICHARD_ARN = f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:user/Richard"
BOUNDARY_ARN = f"arn:aws:iam::{HOST_ACCOUNT}:policy/daypass/daypass-boundary"
ISSUER_ARN = f"arn:aws:iam::{HOST_ACCOUNT}:user/daypass/daypass-issuer"
PERMISSIONS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::importantprojectbucket/*"}],
}


@dataclass(frozen=True)
class Cast:
    """Everybody, and the role that Richard and Rita may ask for and Alice and Bob decide about."""

    richard: User
    rita: User
    alice: User
    bob: User
    ada: User
    mallory: User
    role: Role


def user(name: str, **facts: Any) -> User:
    """Return somebody who can sign in but knows no password."""
    return User.objects.create(email=f"{name}@example.com", name=name.capitalize(), password="!", **facts)


def contractor(person: User, *, sponsor: User, **facts: Any) -> Contractor:
    """Return an outside person whose contract runs for years."""
    defaults = {"company": company(), "contract_ends_at": NOON + 3650 * DAY}
    return Contractor.objects.create(user=person, sponsor=sponsor, **defaults | facts)


def company(name: str = "Contractor A") -> Company:
    return Company.objects.get_or_create(name=name)[0]


def account(account_id: str = HOST_ACCOUNT) -> Account:
    return Account.objects.get_or_create(
        account_id=account_id, defaults={"name": "Important project", "issuer_arn": ISSUER_ARN}
    )[0]


def role(name: str = "importantproject-put", **facts: Any) -> Role:
    """Return a role that one contractor can fill, and that can be assumed from outside and through the portal."""
    defaults = {
        "account": facts.pop("account", None) or account(),
        "permissions_name": "importantproject-put-bucket",
        "permissions": PERMISSIONS,
        "allows_portal_issued": True,
        "largest_share": 100,
        "unique_id": "AROAROLEROLEROLEROLE1",
    }
    columns, state = _columns_of(defaults | facts)
    made = Role.new(name=name, **columns)
    for column, value in state.items():
        setattr(made.state, column, value)
    made.save()
    return made


def update_roles(roles: QuerySet[Role] | None = None, /, **facts: Any) -> None:
    """Store these columns of roles, of all without `roles`; those of the worker's state in their states."""
    rows = Role.objects.all() if roles is None else roles
    columns, state = _columns_of(facts)
    if columns:
        rows.update(**columns)
    if state:
        RoleState.objects.filter(role__in=rows).update(**state)


def _columns_of(facts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns of a role, and those of its state."""
    names = {field.name for field in RoleState._meta.concrete_fields}
    state = {name: value for name, value in facts.items() if name in names}
    return {name: value for name, value in facts.items() if name not in names}, state


def cast(role_name: str = "importantproject-put", **role_facts: Any) -> Cast:
    """Return everybody, each in their part."""
    people = {name: user(name) for name in ("richard", "rita", "alice", "bob", "mallory")}
    everybody = Cast(**people, ada=user("ada", is_staff=True, is_superuser=True), role=role(role_name, **role_facts))
    everybody.role.approvers.add(everybody.alice, everybody.bob)
    for person in (everybody.richard, everybody.rita):
        everybody.role.contractors.add(contractor(person, sponsor=everybody.alice))
    return everybody


KNOWN_IDS: dict[str, str] = {}  # unique ids by ARN, of those whom a test made in the local AWS


def unique_id(arn: str) -> str:
    """Return the unique id that IAM gave, or one that it could have given."""
    kind = "AIDA" if ":user/" in arn else "AROA"
    return KNOWN_IDS.get(arn) or kind + hashlib.sha256(arn.encode()).hexdigest()[:17].upper()


def proven(person: User, arn: str = RICHARD_ARN, *, now: datetime = NOON, **facts: Any) -> Principal:
    """Return an AWS identity that this person has proven."""
    defaults = {"proof": Principal.Proof.SIGNED, "unique_id": unique_id(arn), "proven_at": now}
    owner = Contractor.objects.get(user=person)
    return Principal.objects.get_or_create(contractor=owner, arn=arn, defaults=defaults | facts)[0]


def vouched(person: User, arn: str = RICHARD_ARN, *, by: User, now: datetime = NOON) -> Principal:
    """Return an AWS identity of this person's that somebody vouches for."""
    facts = {"proof": Principal.Proof.VOUCHED, "vouched_by": by, "vouched_at": now}
    return Principal.objects.create(contractor=Contractor.objects.get(user=person), arn=arn, **facts)


def ask(everybody: Cast, *, now: datetime = NOON, **different: Any) -> Request:
    """Have Richard request an hour from now with a proven identity, unless something else is given."""
    by, arn = different.get("by", everybody.richard), different.pop("principal_arn", RICHARD_ARN)
    if "principal" not in different:
        different["principal"] = proven(by, arn, now=now) if arn and hasattr(by, "contractor") else None
    by, role = different.pop("by", everybody.richard), different.pop("role", everybody.role)
    start, end = different.get("starts_at"), different.pop("ends_at", None)
    length = HOUR if end is None else end - (start or now)
    wishes: dict[str, Any] = {"length": length, "reason": "Upload the file."}
    return requests.submit(by=by, role=role, draft=RequestDraft(**wishes | different), now=now)


def approve(everybody: Cast, request: Request, *, by: User | None = None, now: datetime = NOON) -> Grant | None:
    """Have Alice approve what was shown; the grant exists after the last approval."""
    deciding.approve(by=by or everybody.alice, request=request, content_hash=request.content_hash, now=now)
    return Grant.objects.filter(request=request).first()


def create_grant(everybody: Cast, *, now: datetime = NOON, **different: Any) -> Grant:
    """Return a grant requested by Richard and approved by Alice."""
    grant = approve(everybody, ask(everybody, now=now, **different), now=now)
    assert grant is not None
    return grant


def move_end(grant: Grant, ends_at: datetime) -> None:
    """Move the end of a grant as an approved extension does, without asking the rules."""
    chosen = {"length": None, "latest_start": None, "latest_end": None, "starts_at": grant.ends_at, "ends_at": ends_at}
    settled = {"state": "approved", "settled_at": grant.request.submitted_at, "expires_at": ends_at}
    like(grant.request, 1, extends_id=grant.pk, **chosen, **settled)
    Grant.objects.filter(pk=grant.pk).update(ends_at=ends_at)


def like(asked: Request, count: int, **different: Any) -> list[Request]:
    """Return so many other requests, made in the second after this one."""
    of_it = {field.attname: getattr(asked, field.attname) for field in Request._meta.concrete_fields}
    own = {"id", "public_id", "session_name"}
    facts = {name: value for name, value in of_it.items() if name not in own} | different
    return Request.objects.bulk_create(
        Request(**facts | {"submitted_at": asked.submitted_at + number * SECOND / count}) for number in range(count)
    )
