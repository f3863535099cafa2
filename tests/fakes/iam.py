"""An IAM in memory for tests that need thousands of steps; `test_fake_iam.py` holds it against the local AWS.

It knows one account with roles, and which principals exist. Principals are bound by unique id when a trust policy is
written, as IAM does: one that is deleted shows as its bare id, and one that is made again is somebody else.
"""

import copy
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from access import aws, clock
from access.workload_identities import AwsTarget

Document = dict[str, Any]
QUOTA = 2048


class Killed(BaseException):
    """The process ends here and now, as by SIGKILL: nothing catches it."""


def killed(*_: Any, **__: Any) -> None:
    """Put in the place of a function at which the process is to end."""
    raise Killed


@dataclass
class FakeRole:
    arn: str
    unique_id: str
    trust: Document
    expiry_policy: Document | None = None


@dataclass
class FakeIam:
    """Put its methods in the place of `access.aws`'s functions."""

    roles: dict[str, FakeRole] = field(default_factory=dict)
    principals: dict[str, str] = field(default_factory=dict)
    writes: list[tuple[str, str]] = field(default_factory=list)
    troubles: list[BaseException | None] = field(default_factory=list)
    applied_first: bool = False
    read_troubles: list[BaseException | None] = field(default_factory=list)
    before_writes: list[Callable[[], None] | None] = field(default_factory=list)  # while each write is on its way
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def make_principal(self, arn: str) -> None:
        """Make a user or role, with a unique id that nobody had before."""
        kind = "AIDA" if ":user/" in arn else "AROA"
        self.principals[arn] = f"{kind}{next(self._numbers):017d}"

    def delete_principal(self, arn: str) -> None:
        self.principals.pop(arn, None)

    def make_role(self, arn: str, trust: Document) -> None:
        self.roles[arn] = FakeRole(arn, f"AROA{next(self._numbers):017d}", self._bound(trust))

    # --- what access.aws offers ---

    def read_role(
        self, *, target: AwsTarget, arn: str, expiry_policy_name: str, once: bool = False
    ) -> aws.RoleSnapshot:
        self._meet_trouble()
        # Each answer of AWS has a Date, by which the clocks are compared.
        clock.note_aws(format_datetime(clock.now(), usegmt=True), sent=clock.steady_seconds())
        return self._seen(self._role(arn))

    def read_roles(self, *, target: AwsTarget, expiry_policy_name: str) -> dict[str, aws.RoleSnapshot]:
        return {arn: self._seen(role) for arn, role in self.roles.items()}

    def read_trust(self, *, target: AwsTarget, arn: str) -> Mapping[str, Any]:
        self._meet_trouble()
        return self._shown(self._role(arn).trust)

    def read_expiry_policy(
        self, *, target: AwsTarget, arn: str, name: str, once: bool = False
    ) -> Mapping[str, Any] | None:
        self._meet_trouble()
        return copy.deepcopy(self._role(arn).expiry_policy)

    def read_permissions(self, *, target: AwsTarget, arn: str, but: str) -> aws.Permissions:
        return aws.Permissions(policies=(), boundary=None)

    def analyze(self, *, target: AwsTarget, policies: Any, trust: Any) -> None:
        """There is no Access Analyzer here."""

    def prepare_write(self, *, target: AwsTarget) -> None:
        """There are no credentials here."""

    def write_trust(self, *, target: AwsTarget, arn: str, policy: Mapping[str, Any]) -> None:
        def apply() -> None:
            if len(json.dumps(policy, separators=(",", ":"))) > QUOTA:
                full = "Cannot exceed quota for ACLSizePerRole: 2048"
                raise aws.PolicyFull("aws_quota_reached", error="LimitExceeded", message=full)
            self._role(arn).trust = self._bound(policy)
            self.writes.append((arn, "trust"))

        self._attempt(apply)

    def write_expiry_policy(self, *, target: AwsTarget, arn: str, name: str, policy: Mapping[str, Any] | None) -> None:
        def apply() -> None:
            self._role(arn).expiry_policy = copy.deepcopy(dict(policy)) if policy is not None else None
            self.writes.append((arn, "expiry_policy"))

        self._attempt(apply)

    # --- how it works inside ---

    def _attempt(self, apply: Any) -> None:
        """Do it, or let the next trouble happen: before it is done, or after it was done and before the answer."""
        if self.before_writes and (happens := self.before_writes.pop(0)):
            happens()
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None and not self.applied_first:
            raise trouble
        apply()
        if trouble is not None:
            raise trouble

    def _meet_trouble(self) -> None:
        if self.read_troubles and (trouble := self.read_troubles.pop(0)):
            raise trouble

    def _role(self, arn: str) -> FakeRole:
        try:
            return self.roles[arn]
        except KeyError:
            raise aws.RoleMissing("aws_no_role", role=arn) from None

    def _seen(self, role: FakeRole) -> aws.RoleSnapshot:
        expiry_policy = copy.deepcopy(role.expiry_policy)
        return aws.RoleSnapshot(
            arn=role.arn, unique_id=role.unique_id, trust=self._shown(role.trust), expiry_policy=expiry_policy
        )

    def _bound(self, trust: Mapping[str, Any]) -> Document:
        """Store unique ids in the place of ARNs; one that is not there fails the whole document."""
        return self._with_names(trust, self._id_of)

    def _shown(self, trust: Document) -> Document:
        """Show ARNs again, and the bare ids of deleted principals."""
        arns = {unique_id: arn for arn, unique_id in self.principals.items()}
        return self._with_names(trust, lambda name: arns.get(name, name))

    def _id_of(self, name: str) -> str:
        if name == "*" or not name.startswith("arn:") or name.endswith(":root"):
            if name.startswith(("AIDA", "AROA")):
                raise _missing(name)
            return name
        if name not in self.principals:
            raise _missing(name)
        return self.principals[name]

    @staticmethod
    def _with_names(trust: Mapping[str, Any], change: Any) -> Document:
        document = copy.deepcopy(dict(trust))
        for statement in document["Statement"]:
            principal = statement["Principal"]
            if isinstance(principal, dict) and "AWS" in principal:
                names = principal["AWS"]
                principal["AWS"] = change(names) if isinstance(names, str) else [change(name) for name in names]
        return document


def _missing(name: str) -> aws.PrincipalMissing:
    message = f'Invalid principal in policy: "AWS":"{name}"'
    return aws.PrincipalMissing(principals=(name,), error="MalformedPolicyDocument", message=message)
