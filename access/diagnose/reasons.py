"""The reasons for one grant, in order of likelihood: what we know of it is checked, AWS's sentence is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from access.diagnose.parsing import Refusal, is_denial, parse
from access.diagnose.policies import of_the_policies
from access.diagnose.reason import Reason, Weight
from access.diagnose.sentences import of_the_own_side, of_the_words
from access.lifecycle import GrantFacts, GrantState, grant_state
from access.networks import is_inside
from access.texts.template import N_
from access.uploads import OWNER_HAS_ALL, asks_for_ownership

# A session that carries tags or a source identity needs these to assume a role, and is refused with their names.
_TO_ASSUME = frozenset({"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"})
_ORDER: dict[Weight, int] = {"certain": 0, "likely": 1, "possible": 2}

SYMPTOMS = {
    "assume": N_("I cannot assume the role"),
    "upload": N_("I have a session, but the upload is denied"),
    "other": N_("I have a session, but something else is denied"),
    "expired": N_("It worked before, but no longer does"),
}


@dataclass(frozen=True, slots=True)
class KnownRole:
    """What is known of the role: its permissions, and the trust policy as the worker last read it in AWS.

    `has_others` says that it has policies whose content is not known here.
    """

    arn: str
    permissions: Mapping[str, Any]
    has_others: bool = False
    observed_trust: Mapping[str, Any] | None = None
    observed_at: datetime | None = None


def reasons(
    text: str, symptom: str, grant: GrantFacts, role: KnownRole, *, now: datetime, address: str = ""
) -> list[Reason]:
    """Return the reasons in order of likelihood for this grant; `symptom` is a key of SYMPTOMS, or empty.

    `address` is the client address that the portal sees, or empty; the person's programs usually have the same one.
    """
    refusal = parse(text)
    found = [
        *of_the_own_side(refusal),
        *_of_the_grant(grant, now=now),
        *_of_what_was_read(grant, role, now=now),
        *_of_the_address(refusal, symptom, grant, address, now=now),
        *_of_the_caller(refusal, grant, role),
        *of_the_policies(refusal),
        *of_the_words(refusal),
        *_of_the_upload(refusal, symptom, role.permissions),
        *_of_the_copy(refusal, role),
        *_of_the_action(refusal, role),
    ]
    if not any(reason.weight == "certain" for reason in found):
        found += _of_the_symptom(symptom or _symptom_of(refusal), grant)
    return sorted(dict.fromkeys(found), key=lambda reason: _ORDER[reason.weight])


def _of_the_grant(grant: GrantFacts, *, now: datetime) -> Iterator[Reason]:
    state = grant_state(grant, now=now)
    start, end = (f"{at:%d %b %Y, %H:%M:%S} UTC" for at in (grant.starts_at, grant.ends_at))
    if state is GrantState.SCHEDULED:
        yield Reason("certain", f"The grant has not started: it starts on {start}.", "Try again then.")
    elif state is GrantState.ACTIVATING:
        yield Reason(
            "certain", "The grant is not in AWS yet.", "The request's page shows when it is ready; try again then."
        )
    elif state is GrantState.BLOCKED:
        yield Reason(
            "certain",
            "A problem prevents the grant from being written to AWS.",
            "The request's page shows the problem; ask an approver.",
        )
    elif grant.revoked_at is not None:
        yield Reason(
            "certain",
            "The grant was ended early.",
            "The request's page shows why. Request access again if you need it.",
        )
    elif state in {GrantState.ENDING, GrantState.ENDED}:
        yield Reason("certain", f"The window is over: it ended on {end}.", "Request access again.")
    elif grant.applied_at is not None and (now - grant.applied_at).total_seconds() < 60:
        yield Reason("likely", "The grant might not have reached all of AWS yet.", "Wait a minute and try again.")


def _of_what_was_read(grant: GrantFacts, role: KnownRole, *, now: datetime) -> Iterator[Reason]:
    """Hold what AWS should have against what the worker last read there."""
    if grant_state(grant, now=now) is not GrantState.ACTIVE or role.observed_trust is None or role.observed_at is None:
        return
    sids = {statement.get("Sid") for statement in _as_list(role.observed_trust.get("Statement", []))}
    if grant.session_name not in sids:
        at = f"{role.observed_at:%d %b %Y, %H:%M:%S} UTC"
        yield Reason(
            "certain",
            f"When AWS was last read, at {at}, the grant was not in it.",
            "Daypass writes it again automatically; try again in a minute.",
        )


def _of_the_address(
    refusal: Refusal, symptom: str, grant: GrantFacts, address: str, *, now: datetime
) -> Iterator[Reason]:
    """Compare the client address with those of the grant, where AWS compares them."""
    assumes = symptom == "assume" or refusal.action in _TO_ASSUME
    if not grant.source_cidrs or now >= grant.ends_at or assumes == grant.portal_issued:
        return
    only = f"The grant can only be used from {', '.join(grant.source_cidrs)}"
    if address and not is_inside(address, grant.source_cidrs):
        yield Reason("likely", f"{only}, and your address is {address}.", "Connect from an approved network.")
    elif address:
        why = f"{only}. Your address {address} is allowed, but your program may use another one (a proxy or VPN)."
        yield Reason(
            "possible",
            why,
            "Run it on the machine where this page is open, or request access for the address that it uses.",
        )
    else:
        yield Reason("possible", f"{only}.", "Connect from an approved network.")


def _of_the_caller(refusal: Refusal, grant: GrantFacts, role: KnownRole) -> Iterator[Reason]:
    if refusal.action in _TO_ASSUME and refusal.resource not in {"", role.arn}:
        why = f"You tried to assume {refusal.resource}, but the grant is for {role.arn}."
        yield Reason("certain", why, "Use the role's ARN from the request's page.")
    if not refusal.caller:
        return
    session = f":assumed-role/{role.arn.rsplit('/', 1)[1]}/{grant.session_name}"
    if refusal.action in _TO_ASSUME:
        yield from _of_who_assumes(refusal, grant)
    elif not refusal.caller.endswith(session):
        yield Reason(
            "certain",
            f"You called as {refusal.caller}, not with the session of this grant.",
            "Use the profile or the credentials of this access; `aws sts get-caller-identity` shows which are in use.",
        )


def _of_who_assumes(refusal: Refusal, grant: GrantFacts) -> Iterator[Reason]:
    if grant.portal_issued:
        yield Reason("certain", *_PORTAL_OPENS)
    elif not _is_same(refusal.caller, grant.principal_arn):
        yield Reason(
            "certain",
            f"You called as {refusal.caller}, but the grant is for {grant.principal_arn}.",
            "`aws sts get-caller-identity` must show the approved identity; check AWS_PROFILE and source_profile.",
        )


_PORTAL_OPENS = (
    "You do not assume this role with your own keys: Daypass opens the session for you.",
    "Use “Get credentials” or “Open the AWS console” on the request's page.",
)


def _is_same(caller: str, principal: str) -> bool:
    """Return whether a caller is the principal, or a session of it when it is a role."""
    kind, _, name = principal.partition(":iam::")[2].partition(":")[2].partition("/")
    account = principal.split(":")[4]
    return caller == principal or (kind == "role" and f"::{account}:assumed-role/{name.rsplit('/', 1)[-1]}/" in caller)


def _of_the_upload(refusal: Refusal, symptom: str, permissions: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield that the upload must set the bucket owner ACL, when the role requires it or the bucket may."""
    uploads = refusal.action in {"s3:PutObject", "s3:PutObjectAcl"} or (symptom == "upload" and not refusal.action)
    if uploads and asks_for_ownership(permissions):
        why = "The role uploads only objects that belong to the bucket's owner, and this upload does not say so."
        yield Reason("likely", why, f"Add --acl {OWNER_HAS_ALL}.")
    elif uploads and "resource-based" in refusal.denied_in:
        why = "The bucket policy may require that objects belong to the bucket's owner."
        yield Reason("possible", why, f"Add --acl {OWNER_HAS_ALL}.")


def _of_the_copy(refusal: Refusal, role: KnownRole) -> Iterator[Reason]:
    """Yield that a copy reads its source too, which AWS's message does not mention."""
    if refusal.operation not in {"CopyObject", "UploadPartCopy"} or not is_denial(refusal.text) or refusal.missing_in:
        return
    fix = "Download the object with your own keys and upload the file, or request a role that can read."
    if _allows(role.permissions, "s3:GetObject"):
        yield Reason("possible", "A copy also reads its source, so the role needs s3:GetObject there.", fix)
    else:
        yield Reason("likely", "A copy also reads its source, and the role does not permit s3:GetObject.", fix)


def _of_the_action(refusal: Refusal, role: KnownRole) -> Iterator[Reason]:
    action = refusal.action
    if not action or action.startswith(("sts:", "kms:")):
        return
    fix = "The request's page shows what it permits. Request a role that permits more."
    if _allows(role.permissions, action):
        if "identity-based" in refusal.missing_in:
            on = f" ({refusal.resource})" if refusal.resource else ""
            why = f"The role permits {action}, but not on this resource{on}, or only under conditions that are not met."
            yield Reason("likely", why, "Compare the call with the permissions and resources on the request's page.")
        elif "Insufficient permissions" in refusal.text:
            yield Reason("likely", f"The role does not permit {action} there.", fix)
    elif role.has_others:
        yield Reason("likely", f"The permissions of the role that Daypass knows do not permit {action}.", fix)
    else:
        yield Reason("certain", f"The role does not permit {action} at all.", fix)


def _allows(permissions: Mapping[str, Any], action: str) -> bool:
    """Return whether some statement allows the action on something; one that names what it leaves out may."""
    allowing = [one for one in _as_list(permissions.get("Statement", [])) if one.get("Effect") == "Allow"]
    patterns = [str(pattern).lower() for one in allowing for pattern in _as_list(one.get("Action", []))]
    return any("NotAction" in one for one in allowing) or any(fnmatchcase(action.lower(), one) for one in patterns)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _symptom_of(refusal: Refusal) -> str:
    if refusal.action == "sts:AssumeRole" or "AssumeRole" in refusal.text:
        return "assume"
    return "upload" if refusal.action == "s3:PutObject" else "other"


def _of_the_symptom(symptom: str, grant: GrantFacts) -> Iterator[Reason]:
    if symptom == "assume" and grant.portal_issued:
        yield Reason("likely", *_PORTAL_OPENS)
    elif symptom == "assume":
        yield from _cannot_assume(grant)
    elif symptom == "upload":
        yield from _cannot_upload()
    elif symptom == "expired":
        yield Reason("likely", "The session has expired; the grant may still be live.", "Open a new session.")
    else:
        yield Reason(
            "possible", "The role does not permit it.", "Compare the call with the permissions on the request's page."
        )


def _cannot_upload() -> Iterator[Reason]:
    yield Reason("likely", "The bucket may require that objects belong to its owner.", f"Add --acl {OWNER_HAS_ALL}.")
    yield Reason("possible", "The bucket policy refuses the session.", "Send AWS's error message to an approver.")
    yield Reason(
        "possible",
        "The bucket's objects are encrypted with a key that the role has no permission to use.",
        "Its key policy must allow the role kms:GenerateDataKey.",
    )


def _cannot_assume(grant: GrantFacts) -> Iterator[Reason]:
    name = grant.session_name
    yield Reason("likely", "The session name is missing or wrong.", f"Use exactly role_session_name = {name}.")
    if grant.external_id:
        yield Reason("likely", "The external ID is missing.", "Use external_id from the snippet.")
    if grant.requires_mfa:
        yield Reason("likely", "The role requires MFA.", "Use mfa_serial from the snippet and enter a code.")
    yield Reason(
        "likely",
        f"You are not calling as {grant.principal_arn}.",
        "`aws sts get-caller-identity` must show that identity.",
    )
    yield Reason(
        "possible",
        "Your own account does not let you assume the role.",
        "Send your administrator the policy from the request's page.",
    )
    yield Reason("possible", "The console's own Switch Role sends another session name.", "Use the snippets instead.")
