"""People at work in an environment: contractors who ask, Alice who approves, an administrator who edits IAM by hand.

It notes for itself what was approved and when; every later judgement rests on these notes, not on the portal's.
"""

import contextlib
import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from django.utils import timezone

from access import tasks
from access.actions import deciding, requests
from access.actions.contents import RequestDraft
from access.models import Account, AuditEvent, Contractor, Grant, Principal, Request, Role, RoleState, User
from access.models import Company as Employer
from tests.factories import BOUNDARY_ARN, update_roles
from tests.faults.approvals import Approval, ContractorUser
from tests.faults.environment import PATIENCE, Environment, wait_until
from tests.faults.history import EXPIRY_POLICY_NAME, CallBook, Change
from tests.faults.odd import ODD
from tests.faults.oracle import Document, admits, denies, statements
from tests.localaws.server import CONTRACTOR_ACCOUNT, HOST_ACCOUNT, Credentials

BUCKET = "importantprojectbucket"
PERMISSIONS = f"arn:aws:iam::{HOST_ACCOUNT}:policy/daypass/importantproject-put-bucket"
DEFAULT_DENY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
_numbers = itertools.count(1)


@dataclass
class Tenant:
    """One cast in an environment; it can be used only within `portal.at_home`."""

    env: Environment
    book: CallBook
    alice: User
    contractors: list[ContractorUser]
    roles: list[Role] = field(default_factory=list)
    approvals: dict[str, Approval] = field(default_factory=dict)
    _unique_ids: dict[str, str] = field(default_factory=dict)
    reads_are_stale: timedelta = timedelta(0)  # how far behind AWS's answers to the worker are
    known: dict[str, Any] = field(default_factory=dict)  # what the catalogue knows of each new role

    @classmethod
    def found(cls, env: Environment, *, contractors: int = 2) -> "Tenant":
        """Return a company with so many contractors; Alice is the demo's."""
        alice = User.objects.get(email="alice@example.com")
        tenant = cls(env, CallBook(env.aws), alice, [])
        tenant.contractors = [tenant._contractor() for _ in range(contractors)]
        tenant.book.read()
        return tenant

    def _contractor(self) -> ContractorUser:
        name = self.env.aws.fresh("ContractorUser")
        allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{HOST_ACCOUNT}:role/*"}
        keys = self.env.aws.user(name, CONTRACTOR_ACCOUNT, policy={"Version": "2012-10-17", "Statement": [allow]})
        user = User.objects.create(email=f"{name}@contractor.example".lower(), name=name, password="!")
        employer = Employer.objects.create(name=name)
        contractor = Contractor.objects.create(
            user=user, company=employer, sponsor=self.alice, contract_ends_at=timezone.now() + timedelta(days=365)
        )
        made = self.env.aws.root(CONTRACTOR_ACCOUNT).get_user(UserName=name)["User"]
        Principal.objects.create(
            contractor=contractor,
            arn=made["Arn"],
            unique_id=made["UserId"],
            proof=Principal.Proof.SIGNED,
            proven_at=timezone.now(),
        )
        return ContractorUser(user, made["Arn"], keys)

    def role(self, **facts: Any) -> Role:
        """Return a new closed role, in AWS and in the catalogue, that everybody can request and Alice decides about."""
        iam, name = self.env.aws.root(), self.env.aws.fresh("put")
        iam.create_role(
            RoleName=name,
            Path="/daypass/",
            AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY),
            PermissionsBoundary=BOUNDARY_ARN,
            Tags=[{"Key": "managed-by", "Value": "daypass"}],
        )
        iam.attach_role_policy(RoleName=name, PolicyArn=PERMISSIONS)
        account = Account.objects.get(account_id=HOST_ACCOUNT)
        role = Role.objects.create(account=account, name=name, largest_share=100, **facts)
        update_roles(Role.objects.filter(pk=role.pk), **self.known)
        role.approvers.add(self.alice)
        role.contractors.add(*Contractor.objects.filter(user__in=[contractor.user for contractor in self.contractors]))
        self.roles.append(role)
        return role

    def create_grant(self, role: Role, *, seconds: float = 3600, who: int = 0, is_aside: bool = False) -> Approval:
        """Have a contractor request and Alice approve immediately; the window has so many seconds."""
        contractor, now = self.contractors[who % len(self.contractors)], timezone.now()
        draft = RequestDraft(
            principal=Principal.objects.get(contractor__user=contractor.user),
            length=timedelta(seconds=int(seconds)),
            reason="Upload the file.",
        )
        request = requests.submit(by=contractor.user, role=role, draft=draft, now=now)
        decided = timezone.now()
        self._approve(request, decided)
        grant = Grant.objects.get(request=request)
        starts_at = decided.replace(microsecond=0) + timedelta(seconds=1 if decided.microsecond else 0)
        end = starts_at + timedelta(seconds=int(seconds))
        approval = Approval(grant, contractor, role.name, starts_at, [(decided, end)], is_aside=is_aside)
        self.approvals[grant.session_name] = approval
        return approval

    def extend(self, approval: Approval, *, seconds: float) -> None:
        """Have the contractor request so many more seconds and Alice approve."""
        end = approval.ends_at + timedelta(seconds=seconds)
        grant = Grant.objects.get(pk=approval.grant.pk)
        request = requests.extend(
            by=approval.contractor.user, grant=grant, ends_at=end, reason="Not done yet.", now=timezone.now()
        )
        decided = timezone.now()
        self._approve(request, decided)
        approval.ends.append((decided, end))

    def _approve(self, request: Request, now: datetime) -> None:
        request = Request.objects.get(pk=request.pk)
        deciding.approve(by=self.alice, request=request, content_hash=request.content_hash, now=now)

    def enqueue(self, role: Role, *, urgent: bool = False) -> None:
        """Send the worker one more message for this role."""
        tasks.reconcile_role.apply_async(args=(role.pk,), queue="urgent" if urgent else "default")

    def revoke(self, approval: Approval) -> None:
        now = timezone.now()
        requests.revoke(by=self.alice, grant=self._grant(approval), reason="Enough.", now=now)
        approval.revoked_at = now

    def return_access(self, approval: Approval) -> None:
        now = timezone.now()
        requests.return_access(by=approval.contractor.user, grant=self._grant(approval), now=now)
        approval.revoked_at = now

    def state(self, approval: Approval) -> str:
        """Return the state as the portal's pages say it now."""
        return str(self._grant(approval).state(now=timezone.now()))

    def problems(self, approval: Approval) -> set[str]:
        """Return the machine words of all that ever kept the grant from being as it should, from the audit chain."""
        events = AuditEvent.objects.filter(subject=f"request:{approval.grant.request.public_id}", verb="grant.problem")
        return {str(event.details["problem"]) for event in events}

    def await_problem(self, approval: Approval, word: str) -> None:
        """Return when the grant has had this problem, by its machine word."""
        wait_until(lambda: word in self.problems(approval), f"the grant says {word}")

    def dismiss(self, contractor: ContractorUser) -> None:
        """Delete the contractor's user in the account of their company."""
        iam, name = self.env.aws.root(CONTRACTOR_ACCOUNT), contractor.arn.rsplit("/", 1)[1]
        iam.delete_access_key(UserName=name, AccessKeyId=contractor.keys.access_key)
        iam.delete_user_policy(UserName=name, PolicyName="given")
        iam.delete_user(UserName=name)

    @staticmethod
    def _grant(approval: Approval) -> Grant:
        related = ("role__account", "request")
        return Grant.objects.select_related(*related).get(pk=approval.grant.pk)

    def is_admitted(self, approval: Approval) -> bool:
        """Return whether AWS admits the contractor now; a session that they get is kept for uploads."""
        sts = self.env.aws.as_(approval.contractor.keys, "sts")
        arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass/{approval.role}"
        try:
            answer = sts.assume_role(RoleArn=arn, RoleSessionName=approval.session_name)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] != "AccessDenied":
                raise
            return False
        approval.session = Credentials.of(answer)
        return True

    def can_upload(self, approval: Approval) -> bool:
        """Return whether the contractor's last session can put a file now."""
        assert approval.session is not None
        s3 = self.env.aws.as_(approval.session, "s3")
        try:
            s3.put_object(Bucket=BUCKET, Key=approval.session_name, Body=b"x")
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] not in {"AccessDenied", "ExpiredToken"}:
                raise
            return False
        return True

    def trust(self, role: str) -> dict[str, Any]:
        """Return the trust policy that AWS shows now."""
        return dict(self.env.aws.root().get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])

    def expiry_policy(self, role: str) -> Document | None:
        iam = self.env.aws.root()
        try:
            return dict(iam.get_role_policy(RoleName=role, PolicyName=EXPIRY_POLICY_NAME)["PolicyDocument"])
        except iam.exceptions.NoSuchEntityException:
            return None

    def edit(self, role: str, *, keep: bool = True) -> str:
        """Add a statement by hand, as an administrator would, in place of the last one; `keep=False`: of all others."""
        sid = f"Human{next(_numbers)}"
        mine = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        others = statements(self.trust(role)) if keep else []
        kept = [
            statement for statement in others if not str(statement.get("Sid", "")).startswith(("Human", "dpclosed"))
        ]
        self.write_trust(role, [*kept, mine])
        return sid

    def put(self, role: str, *mine: Document) -> None:
        """Replace, as an administrator would by hand, the statements that are called odd."""
        kept = [s for s in statements(self.trust(role)) if s.get("Sid") not in {ODD, "dpclosed"}]
        self.write_trust(role, [*kept, *mine] or list(statements(DEFAULT_DENY)))

    def write_trust(self, role: str, body: list[Document]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": body})
        self.env.aws.root().update_assume_role_policy(RoleName=role, PolicyDocument=document)

    def drop_expiry_policy(self, role: str) -> None:
        """Delete the expiry policy, as an administrator would by hand."""
        iam = self.env.aws.root()
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role_policy(RoleName=role, PolicyName=EXPIRY_POLICY_NAME)

    def unique_id(self, role: str) -> str:
        """Return the AROA… of the role, as AWS gave it when it was made."""
        if role not in self._unique_ids:
            self._unique_ids[role] = self.env.aws.root().get_role(RoleName=role)["Role"]["RoleId"]
        return self._unique_ids[role]

    def changes(self) -> list[Change]:
        """Return every write to the company's roles that took effect, role by role in order."""
        names = {role.name for role in self.roles}
        return [change for change in self.book.changes() if change.role in names]

    def writes(self, *roles: str) -> list[Change]:
        """Return what the worker wrote to these roles."""
        return [change for change in self.changes() if change.by_worker and change.role in roles]

    def settle(self, *, seconds: float = PATIENCE, everybody: bool = False) -> None:
        """Return when each grant has been seen as it should be, in the portal and in AWS; `everybody`: all of them."""
        deadline = time.monotonic() + seconds
        for approval in [each for each in list(self.approvals.values()) if everybody or not each.is_aside]:
            self._await_settled(approval, seconds=max(1, deadline - time.monotonic()))

    def _await_settled(self, approval: Approval, *, seconds: float) -> None:
        wait_until(lambda: not self.unsettled(approval), lambda: self.unsettled(approval), seconds=seconds)

    def await_state(self, approval: Approval, state: str, *, seconds: float = PATIENCE) -> None:
        name = approval.session_name
        wait_until(
            lambda: self.state(approval) == state,
            lambda: f"{name} is {self.state(approval)}, not {state}; {self._known_of(approval)}",
            seconds=seconds,
        )

    def _known_of(self, approval: Approval) -> str:
        """Return what the database knows of the grant's role, and the end of the worker's log, for a failure's text."""
        row = RoleState.objects.filter(role__name=approval.role).values().get()
        facts = {name: value for name, value in row.items() if not name.startswith("observed_") and value}
        return f"{facts}\n{self.env.stack['worker'].last_lines()}"

    def unsettled(self, approval: Approval) -> str:
        """Return what is not yet as it should be, in the portal or in AWS; nothing when all is."""
        now, state = timezone.now(), self.state(approval)
        wanted = "ended" if approval.is_over(now) else "active" if now >= approval.starts_at else "scheduled"
        trust, expiry_policy = self.trust(approval.role), self.expiry_policy(approval.role)
        within = approval.ends_at - timedelta(milliseconds=1)
        user_id = f"{self.unique_id(approval.role)}:{approval.session_name}"
        denied = denies(expiry_policy, user_id, now if wanted == "ended" else approval.ends_at)
        wrong = {
            f"it is {state}": state != wanted,
            # Windows begin with the next whole second, and nobody is admitted before.
            "it begins in a moment": now < approval.starts_at <= now + timedelta(seconds=1),
            "its statement is there": wanted == "ended" and admits(trust, approval.caller, approval.starts_at),
            "its statement is missing": wanted != "ended" and not admits(trust, approval.caller, within),
            "its Deny is missing": not denied,
        }
        found = ", ".join(sentence for sentence, is_so in wrong.items() if is_so)
        return f"{approval.session_name} on {approval.role} should be {wanted}: {found}" if found else ""
