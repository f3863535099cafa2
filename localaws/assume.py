"""AssumeRole: its parameters, what STS accepts, and whether both sides allow the call."""

import re
from dataclasses import dataclass
from typing import Any

from localaws.answers import Refused
from localaws.inside import EvalContext, evaluate
from localaws.principals import Identity
from localaws.trust import Verdict, evaluate_trust

Params = dict[str, str]
ROLE_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):role/(?:[!-~]+/)?([A-Za-z0-9_+=,.@-]{1,64})\Z")
SESSION_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}\Z")
EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}\Z")
DURATION = range(900, 43_201)
CHAINED_SECONDS = 3_600
OVER_THE_CHAIN = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
OVER_THE_ROLE = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."


@dataclass(frozen=True)
class Asked:
    """An AssumeRole call with everything that the judgement needs."""

    params: Params
    principal: Any  # ministack's PrincipalInfo of the caller
    session: dict[str, Any]  # the caller's own session, empty for long-term keys
    tags: list[dict[str, str]]
    mfa: bool

    @property
    def who(self) -> Identity:
        unique_id = str(self.principal.keys["aws:userid"]).split(":")[0]
        return Identity(self.principal.arn, self.principal.account, unique_id)

    @property
    def chained(self) -> bool:
        return bool(self.principal.type == "AssumedRole")

    @property
    def source_identity(self) -> str:
        return str(self.session.get("SourceIdentity") or self.params.get("SourceIdentity", ""))

    @property
    def inherited_tags(self) -> list[dict[str, str]]:
        transitive = self.session.get("TransitiveTagKeys", [])
        return [tag for tag in self.session.get("SessionTags") or [] if tag["Key"] in transitive]

    def context(self, action: str, role: dict[str, Any]) -> Any:
        """Return the request as both policies see it (Service Authorization Reference, AWS STS)."""
        keys = dict(self.principal.keys)
        if self.mfa:
            keys |= {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "0"}
        own: dict[str, Any] = {
            "sts:rolesessionname": self.params["RoleSessionName"],
            "sts:externalid": self.params.get("ExternalId"),
            "sts:sourceidentity": self.source_identity or None,
            "sts:transitivetagkeys": numbered(self.params, "TransitiveTagKeys.member.{}") or None,
        }
        role_tags = {t["Key"].lower(): t["Value"] for t in role.get("Tags") or []}
        own |= {f"{prefix}:resourcetag/{key}": v for key, v in role_tags.items() for prefix in ("aws", "iam")}
        tags = self.tags + self.inherited_tags
        return EvalContext(
            principal_arn=self.principal.arn,
            principal_type=self.principal.type,
            principal_account=self.principal.account,
            action=action,
            resource_arn=role["Arn"],
            region="us-east-1",
            service_context=own if tags else {**own, "aws:tagkeys": None},
            principal_keys=keys,
            request_tags={tag["Key"]: tag["Value"] for tag in tags},
            tag_keys=[tag["Key"] for tag in tags],
        )


def numbered(params: Params, pattern: str) -> list[str]:
    """Return the values of a list parameter, `Tags.member.{}.Key` and the like."""
    found: list[str] = []
    while (value := params.get(pattern.format(len(found) + 1))) is not None:
        found.append(value)
    return found


def not_authorized(asked: Asked, action: str) -> Refused:
    """Return STS's one sentence; it is the same for a missing role, a closed window and a wrong ExternalId."""
    sentence = f"User: {asked.principal.arn} is not authorized to perform: {action} on resource: "
    return Refused("AccessDenied", sentence + asked.params["RoleArn"], 403)


def check_allowed(asked: Asked, role: dict[str, Any], account: str) -> None:
    """Refuse unless both sides allow every action that the call needs."""
    for action in _actions(asked):
        context = asked.context(action, role)
        identity = evaluate(context, asked.principal.policies, *asked.principal.limits)
        if not _permitted(asked, account, evaluate_trust(role, asked.who, context), identity.decision, context):
            raise not_authorized(asked, action)


def _permitted(asked: Asked, account: str, verdict: Verdict, identity: str, context: Any) -> bool:
    """Return whether both halves allow (IAM User Guide, evaluation-logic-cross-account).

    In one account a trust policy that names the user or session itself is enough; one that names the role
    or everybody is still narrowed by boundary and session policy.
    """
    if verdict.denied or not verdict.allowed or identity == "Deny":
        return False
    if identity == "Allow":
        return True
    if asked.principal.account != account:
        return False
    if verdict.allowed & {"user", "session"}:
        return True
    within = all(evaluate(context, layer).decision == "Allow" for layer in asked.principal.limits)
    return within and bool(verdict.allowed & {"role", "anyone"})


def _actions(asked: Asked) -> list[str]:
    """Return the actions that both sides must allow for this call."""
    actions = ["sts:AssumeRole"]
    if asked.source_identity:
        actions.append("sts:SetSourceIdentity")
    if asked.tags or asked.inherited_tags:
        actions.append("sts:TagSession")
    return actions


def check_parameters(params: Params) -> tuple[str, str]:
    """Return the account and name of the role asked for; `ValidationError` for parameters that STS would not take."""
    arn = params.get("RoleArn", "")
    found = ROLE_ARN.match(arn)
    if found is None:
        raise Refused("ValidationError", f"{arn} is invalid")
    for parameter, pattern in (("RoleSessionName", SESSION_NAME), ("SourceIdentity", SESSION_NAME)):
        required = parameter == "RoleSessionName"
        if (required or parameter in params) and pattern.match(params.get(parameter, "")) is None:
            raise _violation(params.get(parameter, ""), parameter, "satisfy regular expression pattern: [\\w+=,.@-]*")
    if "ExternalId" in params and EXTERNAL_ID.match(params["ExternalId"]) is None:
        raise _violation(params["ExternalId"], "ExternalId", "satisfy regular expression pattern: [\\w+=,.@:\\/-]*")
    check_range(params, DURATION)
    return found[1], found[2]


def check_range(params: Params, allowed: range) -> None:
    value = params.get("DurationSeconds", "3600")
    seconds = int(value) if value.isdecimal() else 0
    if seconds < allowed.start:
        raise _violation(value, "DurationSeconds", f"have value greater than or equal to {allowed.start}")
    if seconds not in allowed:
        raise _violation(value, "DurationSeconds", f"have value less than or equal to {allowed.stop - 1}")


def _violation(value: str, parameter: str, constraint: str) -> Refused:
    member = parameter[0].lower() + parameter[1:]
    return Refused(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must "
        + constraint,
    )


def session_seconds(asked: Asked, role: dict[str, Any]) -> int:
    seconds = int(asked.params.get("DurationSeconds", "3600"))
    if asked.chained and seconds > CHAINED_SECONDS:
        raise Refused("ValidationError", OVER_THE_CHAIN)
    if seconds > role.get("MaxSessionDuration", 3600):
        raise Refused("ValidationError", OVER_THE_ROLE)
    return seconds


def session_tags(params: Params) -> list[dict[str, str]]:
    keys = numbered(params, "Tags.member.{}.Key")
    if len({key.lower() for key in keys}) != len(keys):
        message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise Refused("InvalidParameterValue", message)
    return [{"Key": key, "Value": params.get(f"Tags.member.{n}.Value", "")} for n, key in enumerate(keys, 1)]


def check_inheritance(asked: Asked) -> None:
    """A session that carries a source identity or transitive tags passes them on and cannot change them."""
    wanted, held = asked.params.get("SourceIdentity"), asked.session.get("SourceIdentity")
    if wanted and held and wanted != held:
        raise not_authorized(asked, "sts:SetSourceIdentity")
    if {t["Key"].lower() for t in asked.tags} & {t["Key"].lower() for t in asked.inherited_tags}:
        raise Refused(
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session.",
        )
