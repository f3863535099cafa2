"""Check what happens to the unmanaged statements of a trust policy."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from access import policy_text
from access.lifecycle import GrantFacts, RoleFacts
from access.texts.text import Text
from access.verify.callers import Caller, names_of
from access.verify.conditions import dates
from access.verify.evaluator import read, statement_list
from access.verify.matching import like
from access.verify.networks import inside
from access.verify.shape import actions_of, closes

_DEFAULT_DENY_SID = "dpclosed"
_Statement = Mapping[str, Any]


def check_unmanaged(
    trust: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    *,
    known: Collection[str],
    role: RoleFacts,
    accepted: Collection[str],
) -> Iterator[Text]:
    """Yield a finding for each statement that is added, lost or admits somebody, and for a lock that is lost.

    A managed role keeps the unmanaged Denies and no Allow; an imported role keeps everything. `accepted` holds the
    hashes of what an administrator has accepted beside the default-deny statement.
    """
    kept, was = _unmanaged(trust, known), _unmanaged(before, known)
    for statement in kept:
        if statement not in was and not any(_is_trimmed(statement, old) for old in was):
            yield Text("finding_allow_added")
        if role.managed and not _is_deny(statement):
            yield Text("finding_allow_stays")
    for statement in was:
        is_dropped = statement not in kept and not any(_is_trimmed(new, statement) for new in kept)
        if is_dropped and _living_names(statement) and (_is_deny(statement) or not role.managed):
            yield Text("finding_unmanaged_lost")
    yield from _check_default_deny(trust, before, kept, was, known=known, role=role, accepted=accepted)


def _check_default_deny(
    trust: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    kept: list[_Statement],
    was: list[_Statement],
    *,
    known: Collection[str],
    role: RoleFacts,
    accepted: Collection[str],
) -> Iterator[Text]:
    """Yield a finding when the default-deny statement goes although it has to stay."""
    has_grants = any(str(one.get("Sid")) in known and not _is_deny(one) for one in statement_list(trust))
    was_locked = any(map(_is_any_default_deny, statement_list(before)))
    allows = [one for one in was if not _is_deny(one) and _living_names(one)]
    is_held = not role.managed and was_locked and any(_hash(one, before) not in accepted for one in allows)
    if is_held and has_grants:
        yield Text("finding_allow_not_accepted")
    admits_nobody = not has_grants and all(map(_is_deny, kept))
    has_to_stay = is_held or (admits_nobody and (role.managed or was_locked))
    locks = [one for one in statement_list(trust) if str(one.get("Sid")) == _DEFAULT_DENY_SID and closes(one)]
    if has_to_stay and not locks:
        yield Text("finding_default_deny_missing")
    if has_to_stay and any(
        _lacks(lock, old) for lock in locks for old in statement_list(before) if _is_any_default_deny(old)
    ):
        yield Text("finding_default_deny_weaker")


def blocking_deny(document: Any, grant: GrantFacts, *, known: Collection[str], at: datetime) -> str | None:
    """Return the Sid ("" without one) of an unmanaged Deny that refuses the grant's principal at `at`, or None.

    Only what holds for every session of the grant counts: whatever its holder can still choose is left open.
    """
    caller = _caller(grant)
    pinned: dict[str, tuple[str | None, ...]] = {"sts:rolesessionname": (grant.session_name,)}
    if grant.external_id:
        pinned["sts:externalid"] = (grant.external_id,)
    if grant.requires_mfa and not grant.portal_issued:
        pinned["aws:multifactorauthpresent"] = ("true",)
    if grant.source_cidrs and not grant.portal_issued:
        pinned["aws:sourceip"] = tuple(inside(grant.source_cidrs))
    names, context = names_of(caller), {**caller.open_context(at), **pinned}
    for statement in filter(_is_deny, _unmanaged(document, known)):
        if any(not one.allows and one.applies(names, context) for one in read({"Statement": [statement]})):
            return str(statement.get("Sid", ""))
    return None


def next_date(document: Any, *, known: Collection[str], at: datetime) -> datetime | None:
    """Return the next instant after `at` that an unmanaged Deny names: what it refuses can change then."""
    denies = list(filter(_is_deny, _unmanaged(document, known)))
    later = (moment for one in read({"Statement": denies}) for moment in dates(one.asks) if moment > at)
    return min(later, default=None)


def _caller(grant: GrantFacts) -> Caller:
    return Caller(arn=grant.principal_arn, session_name=grant.session_name, user_id=grant.unique_id)


def _unmanaged(document: Any, known: Collection[str]) -> list[_Statement]:
    return [statement for statement in statement_list(document) if not _is_ours(statement, known)]


def _is_ours(statement: _Statement, known: Collection[str]) -> bool:
    """Return whether a statement bears a name of ours; no grant has a Deny, so one under its name is not ours."""
    sid = str(statement.get("Sid"))
    return sid == _DEFAULT_DENY_SID or (sid in known and not _is_deny(statement))


def _is_deny(statement: _Statement) -> bool:
    return statement.get("Effect") == "Deny"


def _is_any_default_deny(statement: _Statement) -> bool:
    """Return whether a statement is a Deny under the Sid of the default-deny statement, in whatever form."""
    return str(statement.get("Sid")) == _DEFAULT_DENY_SID and _is_deny(statement)


def _lacks(lock: _Statement, old: _Statement) -> bool:
    """Return whether `old` names an action or a kind of principal that `lock` does not."""
    principal, was = lock["Principal"], old.get("Principal")
    kinds = set(was) - set(principal) if isinstance(was, Mapping) and isinstance(principal, Mapping) else set()
    patterns = actions_of(lock)
    return bool(kinds) or any(all(like(one, pattern) is not True for pattern in patterns) for one in actions_of(old))


def _hash(statement: _Statement, document: Mapping[str, Any] | None) -> str:
    """Return the hash that an acceptance names: of the statement, with the document's Version where it is not usual."""
    return policy_text.statement_hash(statement, version=(document or {}).get("Version", "2008-10-17"))


def _is_trimmed(new: _Statement, old: _Statement) -> bool:
    """Return whether `new` is `old` without the ids of deleted principals."""
    rest = {key: value for key, value in new.items() if key != "Principal"}
    return rest == {key: value for key, value in old.items() if key != "Principal"} and _living_names(
        new
    ) == _living_names(old)


def _living_names(statement: _Statement) -> list[str]:
    principal = statement.get("Principal", statement.get("NotPrincipal", {}))
    if not isinstance(principal, Mapping):
        return [str(principal)]
    pairs = [
        (kind, name) for kind, names in principal.items() for name in (names if isinstance(names, list) else [names])
    ]
    return sorted(f"{kind} {name}" for kind, name in pairs if not str(name).startswith(("AIDA", "AROA")))
