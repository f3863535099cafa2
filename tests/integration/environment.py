"""An environment on the local AWS: our account with one role, the contractor's account with its users, and a clock."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from django.test import override_settings
from django.utils import timezone

from access.models import AuditEvent, Grant, Role
from access.reconcile import convergence, drift, due
from demo import workload_identities
from tests import factories
from tests.factories import BOUNDARY_ARN, CONTRACTOR_ACCOUNT, HOST_ACCOUNT, Cast
from tests.localaws.server import Credentials, LocalAws

WRITES = {"UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy"}
DEFAULT_DENY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
EXPIRY_POLICY_NAME = "daypass-closing"


def prepared(aws: LocalAws, directory: Path) -> str:
    """Make the portal's own identities with their least privilege, and return the file with the worker's keys."""
    with override_settings(VAR_DIR=str(directory)):
        workload_identities.make(aws.root(), HOST_ACCOUNT)
    return str(directory / "aws" / "worker.credentials")


class Clock:
    """The worker's clock, which only a test moves."""

    def __init__(self) -> None:
        self.at = timezone.now().replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> datetime:
        self.at += timedelta(**length)
        return self.at


@dataclass(frozen=True)
class Environment:
    """One test's AWS and its portal."""

    aws: LocalAws
    cast: Cast
    clock: Clock
    richard_arn: str

    @classmethod
    def set_up(cls, aws: LocalAws, *, managed: bool = True) -> "Environment":
        """Return a closed role under our path, and Richard, in AWS; everybody and the same role in the portal."""
        name = aws.fresh("put")
        aws.root().create_role(
            RoleName=name,
            Path="/daypass/",
            AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY),
            PermissionsBoundary=BOUNDARY_ARN,
            Tags=[{"Key": "managed-by", "Value": "daypass"}],
        )
        env = cls(aws, factories.cast(name, is_managed=managed), Clock(), "")
        return cls(aws, env.cast, env.clock, env.contractor_user(aws.fresh("Richard")))

    @property
    def role(self) -> Role:
        """Return the role as the database has it now."""
        return Role.objects.select_related("account").get(pk=self.cast.role.pk)

    def contractor_user(self, name: str) -> str:
        """Make a user in the contractor's account and return its ARN."""
        made = self.aws.root(CONTRACTOR_ACCOUNT).create_user(UserName=name)["User"]
        factories.KNOWN_IDS[made["Arn"]] = made["UserId"]
        return str(made["Arn"])

    def dismiss(self, arn: str) -> None:
        """Delete a user of the contractor's account, with everything that belongs to it."""
        iam, name = self.aws.root(CONTRACTOR_ACCOUNT), arn.rsplit("/", 1)[1]
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=policy)
        iam.delete_user(UserName=name)

    def create_grant(self, **different: Any) -> Grant:
        """Return a grant from now for an hour, asked for by Richard and approved by Alice."""
        return factories.create_grant(self.cast, now=self.clock(), **{"principal_arn": self.richard_arn} | different)

    def reconcile(self, times: int = 1) -> None:
        for _ in range(times):
            convergence.role(self.cast.role.pk, now=self.clock)

    def sweep(self) -> list[int]:
        """Do what one sweep asks for, in this process; return the roles that it asked for."""
        found = {*due.due(now=self.clock()), *drift.drifted(now=self.clock())}
        asked = [pk for pk in found if pk == self.cast.role.pk]
        for pk in asked:
            convergence.role(pk, now=self.clock)
        return asked

    def trust(self) -> dict[str, Any]:
        """Return the trust policy as AWS shows it."""
        found = self.aws.root().get_role(RoleName=self.role.name)["Role"]["AssumeRolePolicyDocument"]
        return dict(found)

    def sids(self) -> list[str]:
        return [statement.get("Sid", "") for statement in self.trust()["Statement"]]

    def expiry_policy(self) -> dict[str, Any] | None:
        """Return the expiry policy as AWS shows it, or None."""
        iam = self.aws.root()
        try:
            return dict(iam.get_role_policy(RoleName=self.role.name, PolicyName=EXPIRY_POLICY_NAME)["PolicyDocument"])
        except iam.exceptions.NoSuchEntityException:
            return None

    def edit_trust(self, *statements: dict[str, Any]) -> None:
        """Replace the trust policy by hand, as somebody in the AWS console would."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.aws.root().update_assume_role_policy(RoleName=self.role.name, PolicyDocument=document)

    def writes(self, *, tried: bool = False) -> list[str]:
        """Return the writes of the worker to this role, in order; those that AWS refused only when asked for."""
        return [
            call["action"]
            for call in self.aws.calls()
            if call["action"] in WRITES
            and call["params"].get("RoleName") == self.role.name
            and "daypass-worker" in call["caller"]
            and (tried or call["outcome"] == "ok")
        ]

    def can_assume(self, arn: str, session_name: str) -> bool:
        """Return whether AWS admits this user of the contractor's now, who has no permission but to call it."""
        iam, name = self.aws.root(CONTRACTOR_ACCOUNT), arn.rsplit("/", 1)[1]
        allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": self.role.arn}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=document)
        keys = Credentials.of(iam.create_access_key(UserName=name))
        try:
            self.aws.as_(keys, "sts").assume_role(RoleArn=self.role.arn, RoleSessionName=session_name)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] != "AccessDenied":
                raise
            return False
        finally:
            iam.delete_access_key(UserName=name, AccessKeyId=keys.access_key)
        return True


def state(grant: Grant, at: datetime) -> str:
    """Return the state that the stored facts amount to now."""
    return str(Grant.objects.select_related("role__account").get(pk=grant.pk).state(now=at))


def verbs(subject_part: str = "") -> list[str]:
    """Return the verbs of the audit chain, in order."""
    return list(AuditEvent.objects.filter(subject__contains=subject_part).values_list("verb", flat=True))


def problem(grant: Grant) -> tuple[str, str]:
    """Return the machine word and the sentence that the grant has now."""
    found = Grant.objects.get(pk=grant.pk)
    return found.problem, found.problem_code


def sweeps(env: Environment, count: int) -> None:
    """Let so many sweeps pass, at their usual distance."""
    for _ in range(count):
        env.clock.forward(seconds=30)
        env.sweep()


def heal(env: Environment) -> None:
    """Let AWS work again, and one sweep pass after the longest pause between two tries."""
    env.aws.clear_faults()
    env.clock.forward(seconds=61)
    assert env.role.pk in env.sweep()
