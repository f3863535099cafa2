"""The environment of a measurement: people, roles in the portal and in AWS, and requests or grants for them."""

import itertools
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from access.actions import contents
from access.models import Account, Company, Contractor, Grant, Principal, Request, Role, RoleState, User
from bench import raw
from demo import workload_identities

HOST_ACCOUNT = "111111111111"
CONTRACTOR_ACCOUNT = "222222222222"
PATH = "/daypass/"
QUOTA = 4096
PRINCIPALS = 10
WINDOW = timedelta(hours=8)
SETTERS = 4  # threads that make roles in AWS
_DEFAULT_DENY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


@dataclass(frozen=True, slots=True)
class Environment:
    """The cast: our account, Richard with proven principals, and Alice who approves."""

    account: Account
    contractor: Contractor
    alice: User
    principals: tuple[Principal, ...]
    now: datetime

    def roles(self, count: int, *, name: str) -> list[Role]:
        """Return so many new roles, closed in AWS and not yet read by the worker."""
        names = [f"{name}-{number:04}x" for number in range(count)]
        make_default_deny(names)
        rows = [
            Role(
                account=self.account,
                name=role,
                path=PATH,
                largest_share=100,
                longest_window=2 * WINDOW,
            )
            for role in names
        ]
        made = Role.objects.bulk_create(rows)
        # Permissions are read once a day, so that is no part of what a change costs.
        RoleState.objects.bulk_create(RoleState(role=role, generation=1, permissions_read_at=self.now) for role in made)
        Role.approvers.through.objects.bulk_create(
            [Role.approvers.through(role_id=role.pk, user_id=self.alice.pk) for role in made]
        )
        Role.contractors.through.objects.bulk_create(
            [Role.contractors.through(role_id=role.pk, contractor_id=self.contractor.pk) for role in made]
        )
        return made

    def requests(self, roles: Sequence[Role], *, each: int = 1, state: str = "pending") -> list[Request]:
        """Return so many requests for each role, one for each of Richard's principals in turn."""
        mine = itertools.cycle(self.principals)
        start = self.now.replace(microsecond=0)
        rows = [
            Request(
                contractor=self.contractor,
                requester=self.contractor.user,
                role=role,
                principal=next(mine),
                starts_at=start,
                ends_at=start + WINDOW,
                expires_at=start + WINDOW,
                reason="Upload the file.",
                submitted_at=self.now,
                state=state,
                settled_at=None if state == "pending" else self.now,
            )
            for role in roles
            for _ in range(each)
        ]
        for row in rows:
            row.content_hash = contents.content_hash(row)
        return Request.objects.bulk_create(rows, batch_size=2000)

    def grants(self, roles: Sequence[Role], *, each: int) -> list[Grant]:
        """Return so many approved grants for each role, which the worker has not applied."""
        requests = self.requests(roles, each=each, state="approved")
        return Grant.objects.bulk_create([contents.new_grant(row, now=self.now) for row in requests], batch_size=2000)


def set_up() -> Environment:
    """Make the portal's identities and Richard's users in AWS, and the people in the portal."""
    (settings.VAR_DIR / "aws").mkdir(exist_ok=True)
    issuer_arn = workload_identities.make(raw.root(HOST_ACCOUNT), HOST_ACCOUNT)
    now = timezone.now()
    account = Account.objects.create(
        name="bench", account_id=HOST_ACCOUNT, issuer_arn=issuer_arn, trust_quota=QUOTA, trust_quota_read_at=now
    )
    richard = User.objects.create(email="richard@contractor.example")
    alice = User.objects.create(email="alice@example.com")
    contractor = Contractor.objects.create(
        user=richard,
        company=Company.objects.create(name="Contractor A"),
        sponsor=alice,
        contract_ends_at=now + timedelta(days=365),
    )
    principals = [_principal(contractor, number, now=now) for number in range(PRINCIPALS)]
    return Environment(account, contractor, alice, tuple(principals), now)


def make_default_deny(names: Sequence[str]) -> None:
    """Make roles in AWS that nobody may assume."""
    iam = raw.root(HOST_ACCOUNT)

    def make(name: str) -> None:
        iam.create_role(
            RoleName=name,
            Path=PATH,
            AssumeRolePolicyDocument=json.dumps(_DEFAULT_DENY),
            PermissionsBoundary=f"arn:aws:iam::{HOST_ACCOUNT}:policy{PATH}daypass-boundary",
            Tags=[{"Key": "managed-by", "Value": "daypass"}],
        )

    with ThreadPoolExecutor(SETTERS) as pool:
        list(pool.map(make, names))


def _principal(contractor: Contractor, number: int, *, now: datetime) -> Principal:
    user: Any = raw.root(CONTRACTOR_ACCOUNT).create_user(UserName=f"Richard{number}")["User"]
    return Principal.objects.create(
        contractor=contractor, arn=user["Arn"], unique_id=user["UserId"], proof=Principal.Proof.SIGNED, proven_at=now
    )
