"""A company with a hub and a spoke on the local AWS, made from the templates in `deploy/` and from nothing else."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from access.models import Account
from access.workload_identities import Home
from tests.fakes.cloudformation import Stack
from tests.integration.environment import DEFAULT_DENY
from tests.localaws.server import Credentials, LocalAws

HUB, SPOKE, STRANGER = "111111111111", "333333333333", "444444444444"
EXTERNAL_ID = "id-of-the-spoke-and-of-no-other"
HOME, HUB_HOME = Home("aws", SPOKE), Home("aws", HUB)
IMPORTED = f"arn:aws:iam::{SPOKE}:role/legacy/imported"
TAGS = [{"Key": "managed-by", "Value": "daypass"}]
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class HubAndSpoke:
    """The hub's machines run as two users; everything else is theirs to assume."""

    aws: LocalAws
    machine: Credentials
    web: Credentials

    @classmethod
    def founded(cls, aws: LocalAws) -> "HubAndSpoke":
        """Deploy both templates, and put roles of all kinds into the spoke."""
        runs = {name: aws.fresh(name) for name in ("machine", "web")}
        keys = {
            name: aws.user(user, HUB, policy=_may_assume(f"{HUB_HOME.arn('role/daypass-portal/*')}"))
            for name, user in runs.items()
        }
        arns = {name: HUB_HOME.arn(f"user/{user}") for name, user in runs.items()}
        hub = {"WorkerRunsAsArn": arns["machine"], "WebRunsAsArn": arns["web"], "ImportedRoleArns": IMPORTED}
        Stack.of("hub", HUB, **hub).make(aws)
        spoke = {"HubWorkerArn": HUB_HOME.hub_worker, "HubBuilderArn": HUB_HOME.hub_builder, "ExternalId": EXTERNAL_ID}
        Stack.of("account", SPOKE, **spoke, ImportedRoleArns=IMPORTED).make(aws)
        deployed = cls(aws, keys["machine"], keys["web"])
        deployed._furnish()
        return deployed

    def _furnish(self) -> None:
        """Make what the identities can change, and what they cannot."""
        iam = self.aws.root(SPOKE)
        bounded: dict[str, Any] = {"PermissionsBoundary": HOME.boundary}
        for name, path, facts in (
            ("ours", "/daypass/", bounded | {"Tags": TAGS}),
            ("untagged", "/daypass/", bounded),
            ("unbounded", "/daypass/", {"Tags": TAGS}),
            ("admin", "/other/", bounded | {"Tags": TAGS}),
            ("imported", "/legacy/", {}),
        ):
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY), **facts)
            iam.put_role_policy(RoleName=name, PolicyName="there", PolicyDocument=json.dumps(ALLOW_ALL))
        iam.create_user(UserName="somebody")
        self.aws.root(STRANGER).create_role(
            RoleName="ours", Path="/daypass/", AssumeRolePolicyDocument=json.dumps(DEFAULT_DENY), Tags=TAGS
        )

    def profiles(self, directory: Path) -> dict[str, str]:
        """Write the AWS configuration of both processes, and return the environment that names it."""
        roles = {"worker": HUB_HOME.hub_worker, "builder": HUB_HOME.hub_builder, "issuer": HUB_HOME.issuer}
        return _profiles(self.aws, directory, {"machine": self.machine, "web": self.web}, roles)

    def hub_identity(self, arn: str) -> Credentials:
        """Return a session of one of the hub's roles, as the process has it that runs as it."""
        runs = self.web if arn == HUB_HOME.issuer else self.machine
        return Credentials.of(self.aws.as_(runs, "sts").assume_role(RoleArn=arn, RoleSessionName="by-hand"))

    def spoke_identity(self, arn: str) -> Credentials:
        """Return a session of the spoke's worker or builder, got the one way there is."""
        hub_role = HUB_HOME.hub_worker if arn == HOME.worker else HUB_HOME.hub_builder
        sts = self.aws.as_(self.hub_identity(hub_role), "sts")
        return Credentials.of(sts.assume_role(RoleArn=arn, RoleSessionName="by-hand", ExternalId=EXTERNAL_ID))


@dataclass(frozen=True)
class Single:
    """One account without a hub; Daypass runs in it as two users that have no permissions of their own."""

    aws: LocalAws
    machine: Credentials
    web: Credentials

    @classmethod
    def founded(cls, aws: LocalAws) -> "Single":
        """Deploy the template of a single account."""
        names = {name: aws.fresh(name) for name in ("machine", "web")}
        keys = {name: aws.user(user, SPOKE) for name, user in names.items()}
        runs = {"WorkerRunsAsArn": names["machine"], "WebRunsAsArn": names["web"]}
        Stack.of("single", SPOKE, **{name: HOME.arn(f"user/{user}") for name, user in runs.items()}).make(aws)
        return cls(aws, keys["machine"], keys["web"])

    def profiles(self, directory: Path) -> dict[str, str]:
        """Write the AWS configuration of both processes, and return the environment that names it."""
        roles = {"worker": HOME.worker, "builder": HOME.builder, "issuer": HOME.issuer}
        return _profiles(self.aws, directory, {"machine": self.machine, "web": self.web}, roles)


def _profiles(
    aws: LocalAws, directory: Path, processes: dict[str, Credentials], roles: dict[str, str]
) -> dict[str, str]:
    sections = []
    for name, keys in processes.items():
        sections += [f"[{name}]", f"aws_access_key_id = {keys.access_key}"]
        sections += [f"aws_secret_access_key = {keys.secret_key}"]
    (directory / "credentials").write_text("\n".join(sections) + "\n")
    lines = []
    for name, arn in roles.items():
        source = "web" if name == "issuer" else "machine"
        lines.append(f"[profile daypass-{name}]\nrole_arn = {arn}\nsource_profile = {source}\n")
    (directory / "config").write_text("\n".join(lines))
    return {
        "AWS_SHARED_CREDENTIALS_FILE": str(directory / "credentials"),
        "AWS_CONFIG_FILE": str(directory / "config"),
        "AWS_ENDPOINT_URL": aws.url,
    }


def account() -> Account:
    """Return the spoke as the portal knows it."""
    return Account.objects.create(
        name="Spoke",
        account_id=SPOKE,
        external_id=EXTERNAL_ID,
        hub_account_id=HUB,
        issuer_arn=HUB_HOME.issuer,
        boundary_arn=HOME.boundary,
    )


def _may_assume(roles: str) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles}
    return {"Version": "2012-10-17", "Statement": [allow]}
