"""The reasons for one grant, the most likely first: from the facts of the grant and from AWS's message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from access.diagnose.parsing import Refusal, is_denial, parse
from access.diagnose.policies import of_the_policies
from access.diagnose.reason import Reason, Weight, fix, why
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
    if state is GrantState.SCHEDULED:
        yield Reason("certain", why("not_started", start=grant.starts_at), fix("try_then"))
    elif state is GrantState.ACTIVATING:
        yield Reason("certain", why("not_written"), fix("page_shows_ready"))
    elif state is GrantState.BLOCKED:
        yield Reason(
            "certain",
            why("blocked"),
            fix("page_shows_problem"),
        )
    elif grant.revoked_at is not None:
        yield Reason(
            "certain",
            why("ended_early"),
            fix("page_shows_why"),
        )
    elif state in {GrantState.ENDING, GrantState.ENDED}:
        yield Reason("certain", why("window_over", end=grant.ends_at), fix("request_again"))
    elif grant.applied_at is not None and (now - grant.applied_at).total_seconds() < 60:
        yield Reason("likely", why("just_written"), fix("wait_a_minute"))


def _of_what_was_read(grant: GrantFacts, role: KnownRole, *, now: datetime) -> Iterator[Reason]:
    """Hold what AWS should have against what the worker last read there."""
    if grant_state(grant, now=now) is not GrantState.ACTIVE or role.observed_trust is None or role.observed_at is None:
        return
    sids = {statement.get("Sid") for statement in _as_list(role.observed_trust.get("Statement", []))}
    if grant.session_name not in sids:
        yield Reason(
            "certain",
            why("missing_when_read", at=role.observed_at),
            fix("written_again"),
        )


def _of_the_address(
    refusal: Refusal, symptom: str, grant: GrantFacts, address: str, *, now: datetime
) -> Iterator[Reason]:
    """Compare the client address with those of the grant, where AWS compares them."""
    assumes = symptom == "assume" or refusal.action in _TO_ASSUME
    if not grant.source_cidrs or now >= grant.ends_at or assumes == grant.portal_issued:
        return
    networks = grant.source_cidrs
    if address and not is_inside(address, grant.source_cidrs):
        yield Reason("likely", why("address_differs", networks=networks, address=address), fix("approved_network"))
    elif address:
        yield Reason(
            "possible",
            why("address_may_differ", networks=networks, address=address),
            fix("this_machine"),
        )
    else:
        yield Reason("possible", why("address_limited", networks=networks), fix("approved_network"))


def _of_the_caller(refusal: Refusal, grant: GrantFacts, role: KnownRole) -> Iterator[Reason]:
    if refusal.action in _TO_ASSUME and refusal.resource not in {"", role.arn}:
        meant = why("other_role", resource=refusal.resource, role=role.arn)
        yield Reason("certain", meant, fix("arn_from_page"))
    if not refusal.caller:
        return
    session = f":assumed-role/{role.arn.rsplit('/', 1)[1]}/{grant.session_name}"
    if refusal.action in _TO_ASSUME:
        yield from _of_who_assumes(refusal, grant)
    elif not refusal.caller.endswith(session):
        yield Reason(
            "certain",
            why("other_session", caller=refusal.caller),
            fix("use_this_access"),
        )


def _of_who_assumes(refusal: Refusal, grant: GrantFacts) -> Iterator[Reason]:
    if grant.portal_issued:
        yield Reason("certain", *_PORTAL_OPENS)
    elif not _is_same(refusal.caller, grant.principal_arn):
        yield Reason(
            "certain",
            why("other_caller", caller=refusal.caller, principal=grant.principal_arn),
            fix("show_approved"),
        )


_PORTAL_OPENS = (
    why("portal_opens"),
    fix("get_credentials"),
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
        yield Reason("likely", why("must_hand_over"), fix("add_acl", acl=OWNER_HAS_ALL))
    elif uploads and "resource-based" in refusal.denied_in:
        yield Reason("possible", why("may_have_to_hand_over"), fix("add_acl", acl=OWNER_HAS_ALL))


def _of_the_copy(refusal: Refusal, role: KnownRole) -> Iterator[Reason]:
    """Yield that a copy reads its source too, which AWS's message does not mention."""
    if refusal.operation not in {"CopyObject", "UploadPartCopy"} or not is_denial(refusal.text) or refusal.missing_in:
        return
    remedy = fix("download_first")
    if _allows(role.permissions, "s3:GetObject"):
        yield Reason("possible", why("copy_reads_too"), remedy)
    else:
        yield Reason("likely", why("copy_cannot_read"), remedy)


def _of_the_action(refusal: Refusal, role: KnownRole) -> Iterator[Reason]:
    action = refusal.action
    if not action or action.startswith(("sts:", "kms:")):
        return
    remedy = fix("more_permissions")
    if _allows(role.permissions, action):
        if "identity-based" in refusal.missing_in:
            meant = why("not_on_this_resource", action=action)
            if refusal.resource:
                meant = why("not_on_resource", action=action, resource=refusal.resource)
            yield Reason("likely", meant, fix("compare_call"))
        elif "Insufficient permissions" in refusal.text:
            yield Reason("likely", why("not_there", action=action), remedy)
    elif role.has_others:
        yield Reason("likely", why("not_in_known_permissions", action=action), remedy)
    else:
        yield Reason("certain", why("not_permitted", action=action), remedy)


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
        yield Reason("likely", why("session_over"), fix("open_session"))
    else:
        yield Reason("possible", why("maybe_not_permitted"), fix("compare_permissions"))


def _cannot_upload() -> Iterator[Reason]:
    yield Reason("likely", why("bucket_may_require_ownership"), fix("add_acl", acl=OWNER_HAS_ALL))
    yield Reason("possible", why("bucket_policy_refuses"), fix("send_message"))
    yield Reason(
        "possible",
        why("bucket_encrypted"),
        fix("generate_data_key"),
    )


def _cannot_assume(grant: GrantFacts) -> Iterator[Reason]:
    name = grant.session_name
    yield Reason("likely", why("session_name_wrong"), fix("session_name", name=name))
    if grant.external_id:
        yield Reason("likely", why("external_id_missing"), fix("external_id"))
    if grant.requires_mfa:
        yield Reason("likely", why("mfa_missing"), fix("mfa"))
    yield Reason(
        "likely",
        why("not_the_principal", principal=grant.principal_arn),
        fix("show_that"),
    )
    yield Reason(
        "possible",
        why("own_account_refuses"),
        fix("send_policy"),
    )
    yield Reason("possible", why("switch_role"), fix("only_snippets"))
