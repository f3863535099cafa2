"""IAM's calls: what the layer checks before ministack stores something, and what it corrects afterwards."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from localaws import documents, principals, quotas
from localaws.answers import Refused, Response
from localaws.inside import ACCESS_KEYS, GROUP_POLICIES, IAM_HANDLERS, ROLES, USER_POLICIES, get_account_id
from localaws.propagation import Propagation
from localaws.world import World
from localaws.written import dump, load

Params = dict[str, Any]
Handler = Callable[[Params], Response]
NAMES = {
    "RoleName": ("roleName", re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}\Z")),
    "UserName": ("userName", re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}\Z")),
    "GroupName": ("groupName", re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}\Z")),
    "PolicyName": ("policyName", re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}\Z")),
    "Path": ("path", re.compile(r"/(?:[!-~]{0,510}/)?\Z")),
}
CHANGES_A_ROLE = (
    "CreateRole", "UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy",
    "DetachRolePolicy", "DeleteRole", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary",
)  # fmt: skip


def text(params: Params, name: str) -> str:
    """Return a parameter's first value, or nothing."""
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


class Iam:
    """The layer around ministack's IAM handlers."""

    def __init__(self, world: World, propagation: Propagation) -> None:
        self._world = world
        self._propagation = propagation

    def install(self) -> None:
        """Put the layer's handlers into ministack's table."""
        own: dict[str, Handler] = {
            "CreateRole": self._with_trust("CreateRole", "AssumeRolePolicyDocument"),
            "UpdateAssumeRolePolicy": self._with_trust("UpdateAssumeRolePolicy", "PolicyDocument"),
            "UpdateRole": self._update_role(IAM_HANDLERS["UpdateRole"]),
            "PutRolePolicy": self._inline("role", "RoleName", IAM_HANDLERS["PutRolePolicy"]),
            "PutUserPolicy": self._inline("user", "UserName", IAM_HANDLERS["PutUserPolicy"]),
            "PutGroupPolicy": self._inline("group", "GroupName", IAM_HANDLERS["PutGroupPolicy"]),
            "CreatePolicy": self._managed(IAM_HANDLERS["CreatePolicy"]),
            "CreatePolicyVersion": self._managed(IAM_HANDLERS["CreatePolicyVersion"]),
            "AttachRolePolicy": _attached(IAM_HANDLERS["AttachRolePolicy"], IAM_HANDLERS["GetPolicy"]),
            "CreateAccessKey": self._create_access_key(IAM_HANDLERS["CreateAccessKey"]),
            "GetAccountSummary": self._account_summary(IAM_HANDLERS["GetAccountSummary"]),
        }
        for action, handler in {**IAM_HANDLERS, **own}.items():
            IAM_HANDLERS[action] = self._guarded(action, handler)

    def _guarded(self, action: str, handler: Handler) -> Handler:
        """Return the handler with names checked, refusals put into XML and role changes propagated."""

        def guarded(params: Params) -> Response:
            try:
                if action.startswith(("Create", "Put")):
                    _check_names(params)
                if "RoleName" in params and action != "CreateRole":
                    role_named(text(params, "RoleName"))
                if action not in CHANGES_A_ROLE:
                    return handler(params)
                return self._propagated(handler, params)
            except Refused as refusal:
                return refusal.response("iam")

        return guarded

    def _propagated(self, handler: Handler, params: Params) -> Response:
        account, name = get_account_id(), text(params, "RoleName")
        before = self._propagation.before(account, name)
        response = handler(params)
        if response[0] < 300:
            self._propagation.changed(account, name, before)
        return response

    def _with_trust(self, action: str, parameter: str) -> Handler:
        handler: Handler = IAM_HANDLERS[action]

        def with_trust(params: Params) -> Response:
            stored, bindings = self._checked_trust(text(params, parameter))
            response = handler({**params, parameter: [stored]})
            if response[0] < 300:
                ROLES[text(params, "RoleName")]["Bindings"] = bindings
            return response

        def create(params: Params) -> Response:
            quotas.check_session_duration(text(params, "MaxSessionDuration") or "3600")
            return with_trust(params)

        return create if action == "CreateRole" else with_trust

    def _checked_trust(self, written: str) -> tuple[str, principals.Bindings]:
        """Return the trust policy as IAM stores it, with the unique ids behind its principals."""
        settings = self._world.settings
        document = documents.trust_document(written)
        quotas.check_trust_size(written, settings.trust_quota)
        bindings = principals.bind(document, self._world.accounts)
        return dump(document), bindings

    def _inline(self, kind: str, parameter: str, handler: Handler) -> Handler:
        def inline(params: Params) -> Response:
            name, written = text(params, parameter), text(params, "PolicyDocument")
            documents.permission_document(written)
            quotas.check_inline_size(kind, name, _inline_policies(kind, name), text(params, "PolicyName"), written)
            return handler(params)

        return inline

    def _managed(self, handler: Handler) -> Handler:
        def managed(params: Params) -> Response:
            documents.permission_document(text(params, "PolicyDocument"))
            quotas.check_managed_size(text(params, "PolicyDocument"))
            return handler(params)

        return managed

    def _update_role(self, handler: Handler) -> Handler:
        """UpdateRole without MaxSessionDuration puts it back to one hour (UpdateRole, API reference)."""

        def update_role(params: Params) -> Response:
            duration = text(params, "MaxSessionDuration") or "3600"
            quotas.check_session_duration(duration)
            return handler({**params, "MaxSessionDuration": [duration]})

        return update_role

    def _create_access_key(self, handler: Handler) -> Handler:
        def create_access_key(params: Params) -> Response:
            before = set(ACCESS_KEYS.keys())
            response = handler(params)
            for key in set(ACCESS_KEYS.keys()) - before:
                self._world.remember_secrets(ACCESS_KEYS[key]["SecretAccessKey"])
            return response

        return create_access_key

    def _account_summary(self, handler: Handler) -> Handler:
        def account_summary(params: Params) -> Response:
            status, headers, body = handler(params)
            known = b"<key>AssumeRolePolicySizeQuota</key><value>2048</value>"
            quota = f"<key>AssumeRolePolicySizeQuota</key><value>{self._world.settings.trust_quota}</value>"
            role_quota = f"</entry><entry><key>RolePolicySizeQuota</key><value>{quotas.INLINE['role']}</value>"
            return status, headers, body.replace(known, (quota + role_quota).encode())

        return account_summary


def _attached(attach: Handler, get_policy: Handler) -> Handler:
    """Only a policy that is there can be attached (AttachRolePolicy, API reference)."""

    def attached(params: Params) -> Response:
        if get_policy(params)[0] >= 300:
            sentence = f"Policy {text(params, 'PolicyArn')} does not exist or is not attachable."
            raise Refused("NoSuchEntity", sentence, 404)
        return attach(params)

    return attached


def _check_names(params: Params) -> None:
    for parameter, (member, pattern) in NAMES.items():
        value = text(params, parameter)
        if value and pattern.match(value) is None:
            raise Refused(
                "ValidationError",
                f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
                f"Member must satisfy regular expression pattern: {pattern.pattern.removesuffix(chr(92) + 'Z')}",
            )


def role_named(name: str) -> dict[str, Any]:
    """Return the caller's account's role of this name, or refuse as IAM does."""
    role: dict[str, Any] | None = ROLES.get(name)
    if role is None:
        raise Refused("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    return role


def _inline_policies(kind: str, name: str) -> dict[str, str]:
    if kind == "role":
        return dict((ROLES.get(name) or {}).get("InlinePolicies", {}))
    return dict((USER_POLICIES if kind == "user" else GROUP_POLICIES).get(name) or {})


def trust_shown(role: dict[str, Any]) -> str:
    """Return a role's trust policy as a reader sees it now."""
    stored, bindings = str(role["AssumeRolePolicyDocument"]), role.get("Bindings", {})
    if principals.all_alive(bindings):
        return stored
    return dump(principals.shown(load(stored), bindings))


def role_xml(name: str, boundary: bool = True) -> str:
    """Return a role's XML; lists show neither tags nor boundary (GetRole does)."""
    role = ROLES[name]
    parts = {
        "RoleName": role["RoleName"],
        "RoleId": role["RoleId"],
        "Arn": role["Arn"],
        "Path": role["Path"],
        "CreateDate": role["CreateDate"],
        "AssumeRolePolicyDocument": quote(trust_shown(role), safe=""),
        "Description": role.get("Description") or "",
        "MaxSessionDuration": str(role.get("MaxSessionDuration", 3600)),
    }
    listed = "".join(f"<{tag}>{escape(value)}</{tag}>" for tag, value in parts.items() if value)
    return listed + (boundary_xml(role) + tags_xml(role) + last_used_xml(role) if boundary else "")


def last_used_xml(role: dict[str, Any]) -> str:
    """Return when a session of the role last made a call, as GetRole shows it; empty when none ever did."""
    used = role.get("LastUsedAt", "")
    date = f"<LastUsedDate>{used}</LastUsedDate><Region>us-east-1</Region>" if used else ""
    return f"<RoleLastUsed>{date}</RoleLastUsed>"


def mark_used(caller: str, at: str) -> None:
    """Note on the role behind a session that the session was used."""
    parts = caller.split(":", 5)
    if len(parts) == 6 and parts[5].startswith("assumed-role/"):
        role = ROLES.get_scoped(parts[4], None, parts[5].split("/")[1])
        if role is not None:
            role["LastUsedAt"] = at


def boundary_xml(owner: dict[str, Any]) -> str:
    if not owner.get("PermissionsBoundary"):
        return ""
    return (
        "<PermissionsBoundary><PermissionsBoundaryType>PermissionsBoundaryPolicy</PermissionsBoundaryType>"
        f"<PermissionsBoundaryArn>{owner['PermissionsBoundary']}</PermissionsBoundaryArn></PermissionsBoundary>"
    )


def tags_xml(owner: dict[str, Any]) -> str:
    tags = owner.get("Tags") or []
    members = "".join(
        f"<member><Key>{escape(t['Key'])}</Key><Value>{escape(t['Value'])}</Value></member>" for t in tags
    )
    return f"<Tags>{members}</Tags>" if members else ""
