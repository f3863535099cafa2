"""Permissions: ministack's policy evaluation, with AWS's resources, condition keys and messages."""

import dataclasses
from functools import lru_cache
from typing import Any

from localaws.calls import CURRENT
from localaws.inside import (
    MODULES,
    POLICIES,
    ROLES,
    SESSIONS,
    TAGGING,
    USERS,
    AuthError,
    EvalContext,
    evaluate,
    get_account_id,
    managed_document,
    parse_statements,
    replace,
)
from localaws.propagation import Propagation
from localaws.resources import iam_context, iam_resource
from localaws.world import World

AUTHENTICATE_ONLY = "sts:GetCallerIdentity"  # an action that needs no permission
# A principal calls AWS itself, and only over TLS, which plain HTTP replaces here. [UG:condition-keys]
ALWAYS_SENT = {"aws:securetransport": "true", "aws:viaawsservice": "false", "aws:principalisawsservice": "false"}
_parse = lru_cache(maxsize=8192)(parse_statements)


class Authorizer:
    """Replaces the parts of ministack's evaluator where AWS answers otherwise."""

    def __init__(self, world: World, propagation: Propagation) -> None:
        self._clock = world.clock
        self._propagation = propagation

    def install(self) -> None:
        evaluator = MODULES["evaluator"]
        self._condition_key = replace(evaluator, "_resolve_condition_key", self.condition_key)
        self._principal_keys = replace(evaluator, "_principal_keys", self.principal_keys)
        self._resolve_principal = replace(evaluator, "resolve_principal", self.resolve_principal)
        self._enforce = replace(evaluator, "enforce", self.enforce)
        self._denied_response = replace(MODULES["actions"], "access_denied_response", self.denied_response)
        self._resource_tags = replace(TAGGING, "resource_tags", self.resource_tags)
        replace(evaluator, "_principal_matches", names_caller)
        replace(evaluator, "_gather_role_policies", self.role_policies)

    def condition_key(self, key: str, context: Any) -> Any:
        """Return a condition key's value: what AWS always has, the moved clock, the role's ARN as PrincipalArn."""
        name = key.lower()
        if name in ALWAYS_SENT:
            return ALWAYS_SENT[name]
        if name == "aws:useragent":
            return CURRENT.get().user_agent or None
        if name == "aws:currenttime":
            return self._clock.now().isoformat()
        if name == "aws:epochtime":
            return str(int(self._clock.time()))
        if name == "aws:principalarn" and context.principal_type == "AssumedRole":
            return role_arn_of_session(context.principal_arn)
        return self._condition_key(key, context)

    def principal_keys(self, credential: Any) -> dict[str, Any]:
        """Return the keys that describe the caller, with the second factor and source identity of its session."""
        keys: dict[str, Any] = self._principal_keys(credential)
        session = SESSIONS.get(credential.access_key_id, {})
        if "MfaAt" in session:
            keys["aws:multifactorauthpresent"] = "true"
            keys["aws:multifactorauthage"] = str(int(self._clock.time() - session["MfaAt"]))
        if session.get("SourceIdentity"):
            keys["aws:sourceidentity"] = session["SourceIdentity"]
        return keys

    def resolve_principal(self, access_key: str, account: str, credential: Any = None) -> Any:
        """Return the principal; a session of a role that was deleted (and made again) may do nothing."""
        found = self._resolve_principal(access_key, account, credential)
        if isinstance(found, AuthError) or found.type != "AssumedRole":
            return found
        role = ROLES.get_scoped(found.account, None, found.arn.split("/")[1])
        same = role is not None and found.keys["aws:userid"].split(":")[0] == role["RoleId"]
        return found if same else dataclasses.replace(found, policies=[])

    def role_policies(self, name: str, account: str) -> list[Any]:
        """Return the parsed policies of a role as the judge sees them now."""
        role = self._propagation.seen(account, name) or {}
        texts = list(role.get("InlinePolicies", {}).values())
        texts += [managed_document(arn, account) for arn in role.get("AttachedPolicies", [])]
        return [_parse(text) for text in texts if text]

    def resource_tags(self, arn: str) -> dict[str, str] | None:
        owner = record_of(arn) if ":iam:" in arn else None
        if owner is None:
            tags: dict[str, str] | None = self._resource_tags(arn)
            return tags
        return {tag["Key"]: tag["Value"] for tag in owner.get("Tags") or []}

    def enforce(
        self,
        access_key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        """Return None when allowed, else ministack's denial; AssumeRole is only authenticated here, STS judges it."""
        if action == "sts:AssumeRole":
            return self._enforce(access_key, AUTHENTICATE_ONLY, service, region)
        context = service_context or {}
        if service == "iam":
            params = CURRENT.get().params
            resource_arn = iam_resource(action.partition(":")[2], params, get_account_id(), CURRENT.get().caller)
            context = {**context, **iam_context(action.partition(":")[2], params, record_of(resource_arn))}
        denied = self._enforce(access_key, action, service, region, resource_arn, context)
        if denied is not None and not isinstance(denied, AuthError):
            self._explain(access_key, action, region, resource_arn, context, denied)
        return denied

    def _explain(self, key: str, action: str, region: str, arn: str, context: dict[str, Any], denied: Any) -> None:
        who = self.resolve_principal(key, get_account_id())
        tags = {f"aws:resourcetag/{k}".lower(): v for k, v in (self.resource_tags(arn) or {}).items()}
        asked = EvalContext(
            principal_arn=who.arn,
            principal_type=who.type,
            principal_account=who.account,
            action=action,
            resource_arn=arn,
            region=region,
            service_context={**tags, **{name.lower(): value for name, value in context.items()}},
            principal_keys=who.keys,
        )
        resource = f'"{arn}"' if action.startswith("s3:") else arn
        CURRENT.get().reason = (
            f"User: {who.arn} is not authorized to perform: {action} on resource: {resource} "
            f"{_reason(action, who, asked, bool(denied.resource_policy_arn))}"
        )

    def denied_response(self, service: str, action: str, principal: str, request_id: str, **rest: Any) -> Any:
        """Return ministack's denial with the sentence that names resource and policy type."""
        reason = CURRENT.get().reason
        if reason and not rest.get("error_code") and not rest.get("message"):
            rest["message"] = reason
        return self._denied_response(service, action, principal, request_id, **rest)


def _reason(action: str, who: Any, asked: Any, resource_policy: bool) -> str:
    """Return why, in AWS's grammar (IAM User Guide, troubleshoot_access-denied)."""
    if resource_policy:
        return "with an explicit deny in a resource-based policy"
    record = record_of(role_arn_of_session(who.arn) if who.type == "AssumedRole" else who.arn) or {}
    names = (["permissions boundary"] if record.get("PermissionsBoundary") else []) + ["session policy"]
    layers = list(zip(["identity-based policy", *names], [who.policies, *who.limits], strict=False))
    for name, layer in layers:
        if evaluate(asked, layer).decision == "Deny":
            return f"with an explicit deny in {'an' if name[0] in 'aeiou' else 'a'} {name}"
    blocking = next((name for name, layer in layers if evaluate(asked, layer).decision != "Allow"), layers[0][0])
    return f"because no {blocking} allows the {action} action"


def role_arn_of_session(session_arn: str) -> str:
    """Return the ARN, path included, of the role behind a session's ARN."""
    account, name = session_arn.split(":")[4], session_arn.split("/")[1]
    role = ROLES.get_scoped(account, None, name)
    return str(role["Arn"]) if role else f"arn:aws:iam::{account}:role/{name}"


def record_of(arn: str) -> dict[str, Any] | None:
    """Return the IAM user, role or policy with exactly this ARN, or None."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    account, kind, name = parts[4], parts[5].partition("/")[0], parts[5].rpartition("/")[2]
    store, key = {"user": (USERS, name), "role": (ROLES, name), "policy": (POLICIES, arn)}.get(kind, (ROLES, ""))
    found: dict[str, Any] | None = store.get_scoped(account, None, key)
    return found if found is not None and found["Arn"] == arn else None


def names_caller(principal: Any, caller_arn: str) -> bool:
    """Return whether a resource policy's Principal names the caller: exactly, by its role, or by its account."""
    parts = caller_arn.split(":")
    account = parts[4] if len(parts) > 5 else ""
    accepted = {"*", caller_arn, account, f"arn:aws:iam::{account}:root"}
    if ":assumed-role/" in caller_arn:
        accepted.add(role_arn_of_session(caller_arn))
    names = principal.get("AWS", []) if isinstance(principal, dict) else principal
    listed = [names] if isinstance(names, str) else names
    return any(name in accepted for name in listed)
