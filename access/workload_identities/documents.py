"""The policies as values. A template uses references in place of an account's partition, ID and ARNs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
Arns = str | Sequence[str]  # a string is one ARN, or a template's reference to a list of them

ROLE_PATH = "/daypass/"  # the roles that people are given
IDENTITY_PATH = "/daypass-portal/"  # Daypass's own identities, which the worker and the builder cannot change
BOUNDARY_NAME = "daypass-boundary"
MANAGED_TAG = ("managed-by", "daypass")
WORKER, BUILDER, ISSUER = "daypass-worker", "daypass-builder", "daypass-issuer"
HUB_WORKER, HUB_BUILDER = "daypass-hub-worker", "daypass-hub-builder"

_TAGGED = {f"aws:ResourceTag/{MANAGED_TAG[0]}": MANAGED_TAG[1]}
_TAGS_IT = {f"aws:RequestTag/{MANAGED_TAG[0]}": MANAGED_TAG[1]}
_READ = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
_WRITE_EXPIRY_POLICY = ["iam:DeleteRolePolicy", "iam:PutRolePolicy"]
# With one of these actions on a managed role or on its boundary, a session could remove every limit.
_UNBINDING = [
    "iam:CreatePolicyVersion",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PassRole",
    "iam:PutRolePermissionsBoundary",
    "iam:SetDefaultPolicyVersion",
    "iam:UntagRole",
    "sts:AssumeRole",
]
_ESCAPES = ("iam:*", "sts:AssumeRole*", "sts:GetFederationToken", "organizations:*", "account:*")
# Further actions with which a session could get another identity, or give one access. [access.bypass]
_IDENTITIES = (
    "identitystore:*", "rolesanywhere:*", "sso-directory:*", "sso:*", "sts:AssumeRoot", "sts:GetDelegatedAccessToken",
    "sts:GetWebIdentityToken",
)  # fmt: skip
# With both actions, a session can get tokens that renew themselves for up to 12 hours. [AWS Sign-In User Guide]
_OAUTH = ("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")


@dataclass(frozen=True, slots=True)
class Home:
    """The account that an identity works in."""

    partition: str
    account_id: str

    @property
    def roles(self) -> str:
        """Every role that people can be given."""
        return self.arn(f"role{ROLE_PATH}*")

    @property
    def boundary(self) -> str:
        return self.arn(f"policy{ROLE_PATH}{BOUNDARY_NAME}")

    @property
    def worker(self) -> str:
        return self.arn(f"role{IDENTITY_PATH}{WORKER}")

    @property
    def builder(self) -> str:
        return self.arn(f"role{IDENTITY_PATH}{BUILDER}")

    @property
    def issuer(self) -> str:
        return self.arn(f"role{IDENTITY_PATH}{ISSUER}")

    @property
    def hub_worker(self) -> str:
        return self.arn(f"role{IDENTITY_PATH}{HUB_WORKER}")

    @property
    def hub_builder(self) -> str:
        return self.arn(f"role{IDENTITY_PATH}{HUB_BUILDER}")

    def arn(self, rest: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:{rest}"


def worker(home: Home) -> Document:
    """Return what the worker may do: read IAM, write the trust and expiry policies of our roles, be nobody else.

    iam:PermissionsBoundary is asked where AWS is known to tell it, and not on UpdateAssumeRolePolicy: there path and
    tag hold. No condition key names the inline policy that is written. [Service Authorization Reference, IAM]
    """
    policies = [home.arn("policy/*"), f"arn:{home.partition}:iam::aws:policy/*"]
    account = ["iam:GetAccountAuthorizationDetails", "iam:GetAccountSummary", "iam:ListRoles"]
    bounded = {**_TAGGED, "iam:PermissionsBoundary": home.boundary}
    advice = ["access-analyzer:CheckNoPublicAccess", "access-analyzer:ValidatePolicy"]
    return _document(
        _allow("ReadRoles", _READ, home.roles),
        _allow("ReadPolicies", ["iam:GetPolicy", "iam:GetPolicyVersion"], policies),
        _allow("ReadAccount", account, "*"),
        _allow("AskForAdvice", advice, "*"),
        _allow("WriteTrust", ["iam:UpdateAssumeRolePolicy"], home.roles, _TAGGED),
        _allow("WriteClosing", _WRITE_EXPIRY_POLICY, home.roles, bounded),
        _never_itself(home),
        _deny("NeverUnbind", [*_UNBINDING, "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:TagRole"], "*"),
    )


def worker_imported(roles: Arns) -> Document:
    """Return what the worker may do, beside that, with roles that were there before: each by its exact ARN."""
    return _document(_allow("ImportedRoles", [*_READ, *_WRITE_EXPIRY_POLICY, "iam:UpdateAssumeRolePolicy"], roles))


def builder(home: Home) -> Document:
    """Return what the builder may do: make, tag, attach, delete roles under our path, only with the boundary."""
    policies = home.arn(f"policy{ROLE_PATH}*")
    has_boundary = {"iam:PermissionsBoundary": home.boundary}
    bounded = {**_TAGGED, **has_boundary}
    attach = ["iam:AttachRolePolicy", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"]
    return _document(
        _allow("CreateRoles", ["iam:CreateRole"], home.roles, {**_TAGS_IT, **has_boundary}),
        _allow("TagRoles", ["iam:TagRole"], home.roles, _TAGS_IT),
        _allow("ReadRoles", ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"], home.roles),
        _allow("Attach", attach, home.roles, bounded),
        _allow("ChangeRoles", ["iam:DeleteRole", "iam:UpdateRole"], home.roles, _TAGGED),
        _allow("MakePolicies", ["iam:CreatePolicy", "iam:GetPolicy", "iam:GetPolicyVersion"], policies),
        _never_itself(home),
        _deny("NeverUnbind", [*_UNBINDING, "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"], "*"),
        _deny("NeverTheBoundary", ["iam:DeletePolicy", "iam:DeletePolicyVersion"], home.boundary),
    )


def issuer(partition: str) -> Document:
    """Return what the issuer may do: assume our roles, in whichever account trusts it. Their trust policies say
    when.
    """
    return assumes_only(f"arn:{partition}:iam::*:role{ROLE_PATH}*")


def issuer_of(home: Home) -> Document:
    """Return what the issuer of a single account may do: assume our roles of this account."""
    return assumes_only(home.roles)


def issuer_imported(roles: Arns) -> Document:
    """Return what the issuer may do, beside that, with roles that were there before: each by its exact ARN."""
    return _document(_allow("ImportedRoles", ["sts:AssumeRole"], roles))


def assumes_only(roles: Arns) -> Document:
    """Return what an identity may do that only assumes these roles."""
    return _document(
        _allow("Assume", ["sts:AssumeRole"], roles),
        {"Sid": "NothingElse", "Effect": "Deny", "NotAction": ["sts:AssumeRole"], "Resource": "*"},
    )


def hub_assumes(partition: str, name: str) -> Document:
    """Return what the hub's worker or builder may do: be the identity of that name in the accounts that trust it."""
    return assumes_only(f"arn:{partition}:iam::*:role{IDENTITY_PATH}{name}")


def boundary() -> Document:
    """Return the boundary of every role that Daypass makes: no session changes permissions or becomes somebody else.

    What runs code with another role's rights it leaves to the role's own policies, which the gate judges.
    """
    return _ceiling(*_ESCAPES, *_OAUTH, *_IDENTITIES)


def older_boundaries() -> list[Document]:
    """Return what the boundary said in earlier versions of the template, the latest first."""
    return [_ceiling(*_ESCAPES, *_OAUTH), _ceiling(*_ESCAPES)]


def _ceiling(*denied: str) -> Document:
    return _document(_allow("Ceiling", ["*"], "*"), _deny("NoWayOut", denied, "*"))


def spoke_trust(*, hub_role: str, external_id: str, org_id: str = "") -> Document:
    """Return who may be the worker or the builder of an account: the one role of the hub, with the account's own id."""
    conditions = {"sts:ExternalId": external_id} | ({"aws:PrincipalOrgID": org_id} if org_id else {})
    return trust(hub_role, conditions)


def trust(principal: str, conditions: dict[str, str] | None = None) -> Document:
    """Return a trust policy that names one principal."""
    statement = {"Sid": "OnlyOne", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return _document({**statement, "Condition": {"StringEquals": conditions}} if conditions else statement)


def organisation(partition: str, *, accounts: Arns, hub_roles: Arns) -> Document:
    """Return the resource control policy of an organisation: who may assume our roles at all, whatever their trust
    says.

    A caller without an account (a service, a federated user) is refused too: an absent key matches a negated operator.
    RCPs do not bind the organisation's management account. [AWS Organizations User Guide, RCPs]
    """
    assume = ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]
    spokes = [f"arn:{partition}:iam::*:role{IDENTITY_PATH}{name}" for name in (WORKER, BUILDER)]
    roles = f"arn:{partition}:iam::*:role{ROLE_PATH}*"
    outsiders = {"StringNotEquals": {"aws:PrincipalAccount": _listed(accounts)}}
    not_hub = {"ArnNotEquals": {"aws:PrincipalArn": _listed(hub_roles)}}
    return _document(
        {**_deny("OnlyListedAccounts", assume, roles), "Principal": "*", "Condition": outsiders},
        {**_deny("OnlyTheHub", assume, spokes), "Principal": "*", "Condition": not_hub},
    )


def _never_itself(home: Home) -> Document:
    """Return the Deny that holds whatever else is attached or imported: no identity of the portal is within reach."""
    out_of_reach = [home.arn(f"role{IDENTITY_PATH}*"), home.arn("user/*"), home.arn("group/*")]
    return _deny("NeverItself", ["iam:*"], out_of_reach)


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(sid: str, actions: Sequence[str], resource: Arns, equal: dict[str, str] | None = None) -> Document:
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": _listed(resource)}
    return {**statement, "Condition": {"StringEquals": equal}} if equal else statement


def _deny(sid: str, actions: Sequence[str], resource: Arns) -> Document:
    return {"Sid": sid, "Effect": "Deny", "Action": sorted(actions), "Resource": _listed(resource)}


def _listed(arns: Arns) -> str | list[str]:
    return arns if isinstance(arns, str) else list(arns)
