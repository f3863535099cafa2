"""STS: AssumeRole, evaluated for both sides, and the sessions that it issues."""

import re
from typing import Any
from xml.sax.saxutils import unescape

from localaws import callers, documents, quotas
from localaws.answers import Refused, Response, as_json, result
from localaws.assume import (
    Asked,
    Params,
    check_allowed,
    check_inheritance,
    check_parameters,
    check_range,
    not_authorized,
    numbered,
    session_seconds,
    session_tags,
)
from localaws.calls import CURRENT
from localaws.clock import stamp
from localaws.inside import (
    MODULES,
    SESSIONS,
    AuthError,
    get_account_id,
    new_secret,
    new_session_key,
    new_session_token,
    policy_known,
    replace,
)
from localaws.mfa import Mfa
from localaws.propagation import Propagation
from localaws.world import World

USER_SESSION_DURATION = range(900, 129_601)
SESSIONS_KEPT = 20_000
IDENTITY = re.compile(r"<(Arn|UserId|Account)>([^<]*)</")


class Sts:
    """The layer around ministack's STS."""

    def __init__(self, world: World, propagation: Propagation, mfa: Mfa) -> None:
        self._world = world
        self._propagation = propagation
        self._mfa = mfa
        self._latest: dict[str, Any] = {}

    def install(self) -> None:
        self._ministack = replace(MODULES["sts"], "handle_request", self.handle)
        replace(MODULES["sts"], "register_session", self.register)

    async def handle(self, method: str, path: str, headers: Any, body: bytes, query: Any) -> Response:
        """Answer an STS call; ministack answers those that the layer does not judge itself."""
        params = CURRENT.get().params
        try:
            if params.get("Action") == "AssumeRole":
                return self.assume_role(params, headers)
            mfa = params.get("Action") == "GetSessionToken" and self._before_session_token(params, headers)
            answered: Response = await self._ministack(method, path, headers, body, query)
        except Refused as refusal:
            return refusal.response("sts")
        if mfa and answered[0] == 200:
            self._latest["MfaAt"] = self._world.clock.time()
        if params.get("Action") == "GetCallerIdentity" and "application/json" in headers.get("accept", ""):
            return identity_as_json(answered)
        return answered

    def register(self, access_key: str, session: dict[str, Any]) -> None:
        """Keep a session; expired ones stay for a while, so that their owner hears that they expired."""
        now = self._world.clock.time()
        session.setdefault("IssuedAt", now)
        SESSIONS[access_key] = self._latest = session
        self._world.remember_secrets(session["SecretAccessKey"], session["SessionToken"])
        self._world.dirty = True
        if len(SESSIONS) > SESSIONS_KEPT and len(SESSIONS) % 1000 == 0:
            for key in [key for key, old in SESSIONS.items() if old["Expiration"] < now]:
                del SESSIONS[key]

    def assume_role(self, params: Params, headers: Any) -> Response:
        """Return credentials for the role, or refuse as STS does (AssumeRole, API reference)."""
        account, name = check_parameters(params)
        asked = self._asked(params, headers)
        role = self._propagation.seen(account, name)
        if role is None or role["Arn"] != params["RoleArn"]:
            raise not_authorized(asked, "sts:AssumeRole")
        check_allowed(asked, role, account)
        seconds = session_seconds(asked, role)
        policies = self._session_policies(params, account)
        return self._issue(asked, role, seconds, policies)

    def _asked(self, params: Params, headers: Any) -> Asked:
        access_key = callers.from_authorization(headers.get("authorization", "")).access_key
        principal = MODULES["evaluator"].resolve_principal(access_key, get_account_id())
        if isinstance(principal, AuthError):
            raise Refused("InvalidClientTokenId", principal.message, 403)
        if principal.policies is None:
            raise Refused("AccessDenied", "Roles may not be assumed by root accounts.", 403)
        session = SESSIONS.get(access_key, {})
        user = principal.arn.rsplit("/", 1)[-1] if principal.type == "User" and not session else ""
        asked = Asked(
            params, principal, session, session_tags(params), self._mfa.check(params, user, principal.account)
        )
        check_inheritance(asked)
        return asked

    def _session_policies(self, params: Params, account: str) -> dict[str, Any] | None:
        """Return the session policies of a call, checked; None when it has none."""
        written = params.get("Policy", "")
        if written:
            documents.permission_document(written)
            if documents.size(written) > quotas.SESSION_POLICY:
                raise Refused(
                    "PackedPolicyTooLarge",
                    "Packed policy consumes "
                    f"{100 * documents.size(written) // quotas.SESSION_POLICY}% of allotted space, please use smaller "
                    "policy.",
                )
        arns = numbered(params, "PolicyArns.member.{}.arn")
        if len(arns) > 10 or not all(policy_known(arn, account) for arn in arns):
            raise Refused(
                "ValidationError",
                "At least one Policy ARN in the PolicyArns parameter "
                "does not match an existing IAM Managed Policy ARN.",
            )
        return {"Policy": written, "PolicyArns": arns} if written or arns else None

    def _issue(self, asked: Asked, role: dict[str, Any], seconds: int, policies: dict[str, Any] | None) -> Response:
        key, session = new_session_key(), self._session(asked, role, seconds, policies)
        self.register(key, session)
        packed = 100 * documents.size((policies or {}).get("Policy", "")) // quotas.SESSION_POLICY
        source = f"<SourceIdentity>{asked.source_identity}</SourceIdentity>" if asked.source_identity else ""
        return result(
            "sts",
            "AssumeRole",
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{session['SecretAccessKey']}</SecretAccessKey>"
            f"<SessionToken>{session['SessionToken']}</SessionToken>"
            f"<Expiration>{stamp(session['Expiration'])}</Expiration></Credentials>"
            f"<AssumedRoleUser><AssumedRoleId>{session['UserId']}</AssumedRoleId><Arn>{session['Arn']}</Arn>"
            f"</AssumedRoleUser><PackedPolicySize>{packed}</PackedPolicySize>{source}",
        )

    def _session(
        self, asked: Asked, role: dict[str, Any], seconds: int, policies: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Return the record of a new session, in ministack's fields and the layer's own."""
        name, account = asked.params["RoleSessionName"], role["Arn"].split(":")[4]
        transitive = numbered(asked.params, "TransitiveTagKeys.member.{}")
        return {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{name}",
            "UserId": f"{role['RoleId']}:{name}",
            "SecretAccessKey": new_secret(),
            "SessionToken": new_session_token(),
            "Expiration": self._world.clock.time() + seconds,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            "SourcePrincipalArn": asked.principal.arn,
            "Chained": asked.chained,
            "SourceIdentity": asked.source_identity,
            "SessionTags": asked.tags + asked.inherited_tags,
            "TransitiveTagKeys": transitive + [tag["Key"] for tag in asked.inherited_tags],
            "SessionPolicies": policies,
            **({"MfaAt": self._world.clock.time()} if asked.mfa else {}),
        }

    def _before_session_token(self, params: Params, headers: Any) -> bool:
        """Return whether GetSessionToken proved a second factor; refuse a wrong code or duration."""
        check_range(params, USER_SESSION_DURATION)
        who = callers.from_authorization(headers.get("authorization", ""))
        user = who.arn.rsplit("/", 1)[-1] if ":user/" in who.arn else ""
        return self._mfa.check(params, user, who.account)


def identity_as_json(answered: Response) -> Response:
    """Return the answer to GetCallerIdentity as STS gives it to who accepts JSON."""
    status, _, body = answered
    if status != 200:
        return answered
    found = {name: unescape(value) for name, value in IDENTITY.findall(body.decode())}
    return as_json({"GetCallerIdentityResponse": {"GetCallerIdentityResult": found}})
