"""Unmanaged statements of a trust policy: those that belong to no grant, and what Daypass does with each.

Whatever is not clearly a Deny counts as an Allow: what cannot be decided counts as admitting.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from access import arns, policy_text
from access.lifecycle import GrantFacts
from access.policy_text import VERSION
from access.trust.documents import OLDEST_VERSION, Document, as_list, entries, iam_time, storable

DEFAULT_DENY_SID = "dpclosed"
_ASSUME = "sts:assumerole"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
TEXT_LIMIT = 8192  # characters of a statement's text that Daypass records


class Fate(StrEnum):
    """What becomes of an unmanaged statement."""

    REMOVED = "removed"  # an Allow of a managed role: it is not written any more
    DENY = "deny"  # a Deny: it is kept
    HELD = "held"  # an Allow of an imported role, beside the default-deny statement
    ACCEPTED = "accepted"  # the same, and an administrator has accepted it
    NO_ROOM = "no_room"  # a Deny of the expiry policy that leaves no space for ours: the worker removes it
    KEPT = "kept"  # any other Allow of an imported role: it is its owner's


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """One unmanaged statement as AWS shows it, and what becomes of it.

    `in_expiry` says that it is in the expiry policy, and not in the trust policy.
    """

    statement: Any
    fate: Fate
    version: Any = VERSION  # of the document
    in_expiry: bool = False

    @property
    def sha256(self) -> str:
        return policy_text.statement_hash(self.statement, version=self.version)

    @property
    def text(self) -> str:
        return policy_text.statement_text(self.statement, version=self.version)

    @property
    def sid(self) -> str:
        return str(storable(self.statement.get("Sid", ""))) if isinstance(self.statement, Mapping) else ""


def hashes(document: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the hash of every statement of a document."""
    version = _version_of(document)
    return frozenset(policy_text.statement_hash(statement, version=version) for statement in entries(document))


def _version_of(document: Mapping[str, Any] | None) -> Any:
    return (document or {}).get("Version", OLDEST_VERSION)


def default_deny_statement() -> Document:
    """Return the one statement of a role that nobody may assume; IAM accepts no empty document [aws.md §1]."""
    return {"Sid": DEFAULT_DENY_SID, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def closed_statement_for(present: Mapping[str, Any] | None) -> Document:
    """Return the default-deny statement that takes the place of the one in `present`, in whatever form that is.

    It denies everybody, and each action and kind of principal that the present one names: what somebody else's broader
    form holds back, such as AssumeRoleWithSAML, stays held back.
    """
    locks = [one for one in entries(present) if is_default_deny_statement(one)]
    named = [one for lock in locks for one in as_list(lock.get("Action", "sts:*")) if isinstance(one, str)]
    more = sorted({action for action in named if action.lower() != _ASSUME})
    kinds: Document = {}
    for principal in (lock.get("Principal") for lock in locks):
        kinds |= principal if isinstance(principal, Mapping) else {}
    standard = default_deny_statement()
    covers = any(fnmatchcase(_ASSUME, action.lower().replace("[", "[[]")) for action in more)
    actions = more if covers else [standard["Action"], *more]
    principal = kinds | standard["Principal"]
    return {**standard, "Principal": principal, "Action": actions if len(actions) > 1 else actions[0]}


def is_default_deny_statement(statement: Any) -> bool:
    """Return whether a statement is a Deny under the Sid of the default-deny statement, in whatever form.

    Its form is not judged: one that denies no less takes the place of a changed one, so what it holds back stays held
    back.
    """
    return is_deny(statement) and str(statement.get("Sid")) == DEFAULT_DENY_SID


def is_deny(statement: Any) -> bool:
    return isinstance(statement, Mapping) and statement.get("Effect") == "Deny"


def unmanaged(
    present: Mapping[str, Any] | None,
    grants: Sequence[GrantFacts],
    *,
    managed: bool,
    accepted: Collection[str] = (),
) -> tuple[Unmanaged, ...]:
    """Return the statements of `present` that none of `grants` explains, in their order.

    `accepted` holds the hashes of the statements that an administrator has accepted on an imported role.
    """
    by_sid = {grant.session_name: grant for grant in grants}
    listed = entries(present)
    is_locked, version = any(map(is_default_deny_statement, listed)), _version_of(present)
    unexplained = [statement for statement in listed if not _is_explained(statement, by_sid)]
    found = []
    for one in unexplained:
        is_accepted = policy_text.statement_hash(one, version=version) in accepted
        fate = _fate(one, by_sid, managed=managed, is_locked=is_locked, is_accepted=is_accepted)
        found.append(Unmanaged(one, fate, version))
    return tuple(found)


def _fate(
    statement: Any,
    by_sid: Mapping[str, GrantFacts],
    *,
    managed: bool,
    is_locked: bool,
    is_accepted: bool,
) -> Fate:
    if is_deny(statement):
        return Fate.DENY
    bears_our_name = isinstance(statement, Mapping) and str(statement.get("Sid")) in {*by_sid, DEFAULT_DENY_SID}
    if managed or bears_our_name:
        return Fate.REMOVED
    if not is_locked or names_only_deleted(statement):
        return Fate.KEPT
    return Fate.ACCEPTED if is_accepted else Fate.HELD


def _is_explained(statement: Any, by_sid: Mapping[str, GrantFacts]) -> bool:
    """Return whether a statement is ours: the default-deny statement, a former form of it, or a grant's.

    The Deny under our own Sid is replaced by ours, also when somebody restricted it. A grant whose statement was
    removed explains none: somebody has added it again.
    """
    if not isinstance(statement, Mapping):
        return False
    sid = str(statement.get("Sid"))
    if sid == DEFAULT_DENY_SID:
        return is_default_deny_statement(statement)
    if sid not in by_sid or by_sid[sid].removed_at is not None or is_deny(statement):
        return False
    return _is_of_grant(statement, by_sid[sid])


def _is_of_grant(statement: Mapping[str, Any], grant: GrantFacts) -> bool:
    """Return whether a statement under a grant's Sid admits nobody but its principal, under its session name, and
    nobody after the grant's end.

    An earlier end, and other conditions, can be those of before a change. A deleted principal is shown as a bare id.
    """
    principal, condition = statement.get("Principal"), statement.get("Condition")
    named = principal.get("AWS") if isinstance(principal, Mapping) and set(principal) == {"AWS"} else None
    equals = condition.get("StringEquals") if isinstance(condition, Mapping) else None
    pinned = equals.get("sts:RoleSessionName") if isinstance(equals, Mapping) else None
    return (
        isinstance(named, str)
        and (named in _names_of(grant) or arns.is_unique_id(named))
        and as_list(statement.get("Action")) == ["sts:AssumeRole"]
        and as_list(pinned) == [grant.session_name]
        and _ends_in_time(condition, grant)
        and not {"NotPrincipal", "NotAction"} & set(statement)
    )


def _ends_in_time(condition: Any, grant: GrantFacts) -> bool:
    """Return whether a condition ends at the grant's end or earlier, in the form that Daypass writes."""
    before = condition.get("DateLessThan") if isinstance(condition, Mapping) else None
    end = before.get("aws:CurrentTime") if isinstance(before, Mapping) else None
    # Texts in this format sort in the order of their times.
    return isinstance(end, str) and bool(_DATE.match(end)) and end <= iam_time(grant.ends_at)


def _names_of(grant: GrantFacts) -> set[str]:
    try:
        return {grant.principal_arn, str(arns.parse_principal(grant.principal_arn, unique_id=grant.unique_id))}
    except arns.ArnError:
        return {grant.principal_arn}


def aws_names(principal: Any) -> list[str]:
    """Return the AWS principals that an element names."""
    if isinstance(principal, Mapping) and "AWS" in principal:
        return [str(name) for name in as_list(principal["AWS"])]
    return []


def names_only_deleted(statement: Any) -> bool:
    """Return whether a statement names deleted principals and nobody else, so that it matches nobody."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    names = aws_names(principal)
    return bool(names) and all(map(arns.is_unique_id, names)) and list(principal or ()) == ["AWS"]
