"""Compile the trust policy of a role: one statement per grant, beside unmanaged statements."""

import ipaddress
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access import arns
from access.lifecycle import FINAL_PROBLEMS, GrantFacts, Problem, RoleFacts, is_over
from access.policy_text import VERSION
from access.texts.text import CodedError, Text
from access.trust.documents import OLDEST_VERSION, Document, entries, iam_time
from access.trust.unmanaged import (
    DEFAULT_DENY_SID,
    Fate,
    Unmanaged,
    aws_names,
    closed_statement_for,
    is_default_deny_statement,
    is_deny,
    unmanaged,
)

_OUR_SID = re.compile(r"dp[a-z2-7]{14}\Z")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}\Z")


class NotWritable(CodedError):
    """Nothing can be written to this role's trust policy; the code says why. Grants end by the expiry policy."""


@dataclass(frozen=True, slots=True)
class CompiledTrust:
    """A trust policy, and what did not get into it.

    `left_out` maps the session name of a grant to the problem and its text. `unmanaged` are the statements that no
    grant explains. `deleted_principal_ids` are ids of deleted principals that those of them that are kept named.
    """

    document: Document
    left_out: Mapping[str, tuple[Problem, Text]]
    unmanaged: tuple[Unmanaged, ...]
    deleted_principal_ids: tuple[str, ...]

    @property
    def orphaned(self) -> tuple[Document, ...]:
        """The statements that bear our kind of Sid with no grant behind them."""
        listed = [one.statement for one in self.unmanaged if one.sid == DEFAULT_DENY_SID or _OUR_SID.match(one.sid)]
        return tuple(statement for statement in listed if not is_deny(statement))


def compile_trust_policy(
    role: RoleFacts,
    grants: Sequence[GrantFacts],
    *,
    present: Mapping[str, Any] | None,
    now: datetime,
    leave_out: Mapping[str, tuple[Problem, Text]] | None = None,
    accepted: Collection[str] = (),
) -> CompiledTrust:
    """Return the trust policy that `role` should have at `now`, with the unmanaged statements of `present` that stay.

    A managed role keeps only their Denies, an imported role all of them. Grants in `leave_out` are not written, with
    the reason given there; no grant is while an Allow waits beside the default-deny statement whose hash is not in
    `accepted`. Raises NotWritable when a NotPrincipal that stays names a deleted principal: IAM would refuse any
    document with it, and without it the statement would admit more.
    """
    found = unmanaged(present, grants, managed=role.managed, accepted=accepted)
    live = [grant for grant in sorted(grants, key=lambda grant: grant.session_name) if not is_over(grant, now=now)]
    left_out = dict(leave_out or {}) | _not_written(role, live, found, leave_out or {})
    ours = [_statement(grant) for grant in live if grant.session_name not in left_out]
    unmanaged_kept, deleted_principal_ids = _without_deleted_principals(
        [one.statement for one in found if one.fate is not Fate.REMOVED]
    )
    head = {key: value for key, value in (present or {}).items() if key not in {"Statement", "Version"}}
    body = unmanaged_kept + ours + _lock(role, present, found, unmanaged_kept, ours)
    # In the old version "${…}" is plain text, in the new one a variable: unmanaged statements keep the one they have.
    version = (present or {}).get("Version", OLDEST_VERSION) if unmanaged_kept else VERSION
    return CompiledTrust({"Version": version, **head, "Statement": body}, left_out, found, tuple(deleted_principal_ids))


def _not_written(
    role: RoleFacts,
    live: Sequence[GrantFacts],
    found: Sequence[Unmanaged],
    leave_out: Mapping[str, tuple[Problem, Text]],
) -> dict[str, tuple[Problem, Text]]:
    """Return why a live grant is not written, where `leave_out` says nothing that comes first."""
    is_held = any(one.fate is Fate.HELD for one in found)
    taken = {one.sid for one in found if one.fate is Fate.DENY}
    reasons: dict[str, tuple[Problem, Text]] = {}
    for grant in live:
        name = grant.session_name
        before = leave_out[name][0] if name in leave_out else None
        if grant.problem in FINAL_PROBLEMS:
            reasons[name] = (Problem(grant.problem), Text("approval_needed_again"))
        elif is_held and before in {None, Problem.ADMITTED_BY_UNMANAGED}:
            reasons[name] = (Problem.UNMANAGED_STATEMENT, Text("unmanaged_beside_default_deny"))
        elif before is None and name in taken:
            reasons[name] = (Problem.BLOCKED_BY_DENY, Text("deny_has_grant_name"))
        elif before is None and (text := why_not_written(role, grant)):
            reasons[name] = (Problem.POLICY_REFUSED, text)
    return reasons


def _lock(
    role: RoleFacts,
    present: Mapping[str, Any] | None,
    found: Sequence[Unmanaged],
    unmanaged_kept: Sequence[Document],
    ours: Sequence[Document],
) -> list[Document]:
    """Return the default-deny statement where it is needed.

    It is written where there is no other statement, and stays while nothing beside it can admit anybody: then nobody is
    admitted whom somebody adds by hand meanwhile.
    """
    is_locked = role.managed or any(map(is_default_deny_statement, entries(present)))
    is_held = any(one.fate is Fate.HELD for one in found)
    is_needed = not unmanaged_kept or is_held or (is_locked and all(map(is_deny, unmanaged_kept)))
    return [closed_statement_for(present)] if is_needed and not ours else []


def why_not_written(role: RoleFacts, grant: GrantFacts) -> Text | None:
    """Return why this grant must not be in this role's trust policy, or None when it can.

    The form has checked the same; here it is checked again from the parsed fields, whatever came between.
    """
    if not _OUR_SID.match(grant.session_name):
        return Text("session_name_not_ours")
    if grant.ends_at <= grant.starts_at:
        return Text("window_empty")
    if grant.starts_at.microsecond or grant.ends_at.microsecond:
        return Text("window_not_whole_seconds")
    if grant.external_id and not _EXTERNAL_ID.match(grant.external_id):
        return Text("external_id_not_accepted")
    if not all(map(_is_network, grant.source_cidrs)):
        return Text("source_not_accepted")
    if grant.unique_id and not (arns.is_unique_id(grant.unique_id) or arns.is_session_id(grant.unique_id)):
        return Text("unique_id_not_accepted")
    return _why_not_trusted(role, grant)


def _is_network(text: str) -> bool:
    try:
        return str(ipaddress.ip_network(text)) == text
    except ValueError:
        return False


def _why_not_trusted(role: RoleFacts, grant: GrantFacts) -> Text | None:
    try:
        principal, ours = _principal(grant), arns.parse(role.arn)
    except arns.ArnError as error:
        return Text("principal_invalid", {"problem": error.text})
    if str(principal) == str(ours):
        return Text("role_trusts_itself")
    if grant.portal_issued:
        return None if str(principal) == role.issuer_arn else Text("issuer_is_another")
    if principal.partition != ours.partition:
        return Text("principal_in_other_partition", {"partition": principal.partition, "ours": ours.partition})
    if principal.account_id == ours.account_id:
        return Text("principal_in_own_account")
    return None


def _principal(grant: GrantFacts) -> arns.IamArn | arns.SessionArn:
    """Return the principal, rebuilt from its parts; a session only when its own id was proven."""
    return arns.parse_principal(grant.principal_arn, unique_id=grant.unique_id)


def _statement(grant: GrantFacts) -> Document:
    equals: Document = {"sts:RoleSessionName": grant.session_name}
    condition: Document = {"StringEquals": equals}
    if grant.unique_id.startswith("AIDA") or arns.is_session_id(grant.unique_id):
        equals["aws:userid"] = grant.unique_id
    elif grant.unique_id:
        condition["StringLike"] = {"aws:userid": f"{grant.unique_id}:*"}
    if grant.external_id:
        equals["sts:ExternalId"] = grant.external_id
    condition["DateGreaterThanEquals"] = {"aws:CurrentTime": iam_time(grant.starts_at)}
    condition["DateLessThan"] = {"aws:CurrentTime": iam_time(grant.ends_at)}
    # The portal's own recent second factor and address check replace these two when it issues the session.
    if grant.requires_mfa and not grant.portal_issued:
        condition["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    if grant.source_cidrs and not grant.portal_issued:
        condition["IpAddress"] = {"aws:SourceIp": sorted(grant.source_cidrs)}
    return {
        "Sid": grant.session_name,
        "Effect": "Allow",
        "Principal": {"AWS": str(_principal(grant))},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }


def _without_deleted_principals(unmanaged_kept: Sequence[Any]) -> tuple[list[Document], list[str]]:
    """Return the statements without the ids of deleted principals, which match nobody and fail every write.

    What is no object is left out: IAM holds no such statement, and takes no document with one.
    """
    kept: list[Document] = []
    dead: list[str] = []
    for statement in (dict(one) for one in unmanaged_kept if isinstance(one, Mapping)):
        if any(map(arns.is_unique_id, aws_names(statement.get("NotPrincipal")))):
            raise NotWritable("unmanaged_excepts_deleted_principal")
        names = aws_names(statement.get("Principal"))
        gone = [name for name in names if arns.is_unique_id(name)]
        dead += gone
        if not gone:
            kept.append(statement)
            continue
        rest = {**statement["Principal"], "AWS": [name for name in names if name not in gone]}
        if principal := {kind: value for kind, value in rest.items() if value}:
            kept.append({**statement, "Principal": principal})
    return kept, dead
