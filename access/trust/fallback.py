"""Compile the fallback expiry policy, which the worker writes after an attempt to update a role failed.

It is compiled only from facts and no check can stop it. It shares no function with the rest of this package, so that an
error there cannot be an error here. It adds Denies and makes them earlier; it never removes one or makes it later.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from access.lifecycle import OAUTH_SESSION_PATTERN, SESSION_NAME_PATTERN, GrantFacts, RoleFacts
from access.trust.capacity import INLINE_QUOTA
from access.trust.expiry import OAUTH_ACTIONS
from access.trust.expiry_policy import KEEP_AFTER_END

_ALWAYS = datetime.min.replace(tzinfo=UTC)  # the date of an undated Deny
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_FORM = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@dataclass(frozen=True, slots=True)
class HeldDenies:
    """The Denies that AWS holds: `since` maps an `aws:userid` to its date, `others` are kept word for word.

    `head` is the rest of the policy. Its version says how the others are read, so it is kept where there are any.
    """

    since: Mapping[str, datetime]
    others: tuple[Mapping[str, Any], ...]
    head: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NoRoomPolicy:
    """An expiry policy that has no room for all Denies added by hand: `lost` are those that it leaves out."""

    document: dict[str, Any]
    lost: tuple[Mapping[str, Any], ...]
    keeps_some: bool


def compile_fallback_policy(
    role: RoleFacts,
    grants: Sequence[GrantFacts],
    *,
    held: Mapping[str, Any] | None,
    now: datetime,
    max_size: int = INLINE_QUOTA,
) -> dict[str, Any] | None:
    """Return the complete expiry policy of the role, or None when there is nothing to deny.

    Each grant that is over has an undated Deny while a session of it can be alive, each other one a Deny from its end.
    What `held` denies is denied as before. A policy of more than `max_size` characters is made shorter: Denies are
    merged under the earlier of their dates, the nearest first; in the end one Deny names all sessions of Daypass on the
    role.
    """
    denies = _read(held, role.unique_id)
    since = _earliest(_wanted(role.unique_id, grants, now=now), denies.since)
    if not since and not denies.others:
        return None
    denies = _with_token_deny(denies, role)
    groups = _one_by_one(since)
    while _size(document := _document(denies, groups)) > max_size and len(groups) > 1:
        groups = _with_nearest_merged(groups)
    if _size(document) > max_size and since:
        return _document(denies, [], everybody=f"{role.unique_id}:{SESSION_NAME_PATTERN}")
    return document


def compile_no_room_policy(
    role: RoleFacts,
    grants: Sequence[GrantFacts],
    *,
    held: Mapping[str, Any] | None,
    now: datetime,
    max_size: int = INLINE_QUOTA,
) -> NoRoomPolicy | None:
    """Return the policy for where Denies in `held` that somebody added by hand leave no room for one of ours.

    One Deny of everything for all sessions of Daypass takes their place, and sessions of others are not touched: of the
    Denies added by hand, as many are kept as fit into `max_size` characters beside ours. None where `held` has none, or
    no grant is over.
    """
    denies, everybody = _read(held, role.unique_id), _no_room_deny(role)
    by_hand = [one for one in denies.others if one != everybody and one.get("Action") != list(OAUTH_ACTIONS)]
    wanted = _wanted(role.unique_id, grants, now=now)
    if not by_hand or not any(at == _ALWAYS for at in wanted.values()):
        return None
    groups = _one_by_one(_earliest(wanted, denies.since))
    ours = _with_token_deny(replace(denies, others=(everybody,)), role)
    while groups and _size(_document(ours, groups)) > max_size:
        groups = _with_nearest_merged(groups) if len(groups) > 1 else []
    kept = ours.others
    for one in sorted(by_hand, key=_size):
        if _size(_document(replace(ours, others=(*kept, one)), groups)) <= max_size:
            kept = (*kept, one)
    lost = tuple(one for one in by_hand if one not in kept)
    return NoRoomPolicy(_document(replace(ours, others=kept), groups), lost, keeps_some=len(lost) < len(by_hand))


def _earliest(wanted: Mapping[str, datetime], held: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return from when on each session is denied by either."""
    return {**held, **{user_id: min(at, held.get(user_id, at)) for user_id, at in wanted.items()}}


def _no_room_deny(role: RoleFacts) -> dict[str, Any]:
    ours = {"StringLike": {"aws:userid": f"{role.unique_id}:{SESSION_NAME_PATTERN}"}}
    return {"Sid": "DaypassNoRoom", **_FORM, "Condition": ours}


def is_denied(role: RoleFacts, grants: Sequence[GrantFacts], *, held: Mapping[str, Any] | None, now: datetime) -> bool:
    """Return whether `held` denies every session of these grants as early as the fallback policy would."""
    since = _read(held, role.unique_id).since
    wanted = _wanted(role.unique_id, grants, now=now)
    return all(user_id in since and since[user_id] <= at for user_id, at in wanted.items())


def joined(*policies: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return one policy with the statements of several readings of it, in the version of the first that has one."""
    known = [policy for policy in policies if isinstance(policy, Mapping)]
    heads = [{key: value for key, value in policy.items() if key != "Statement"} for policy in known]
    head = next((head for head in heads if head), {})
    return {**head, "Statement": [statement for policy in known for statement in _statements(policy)]}


def _statements(policy: Any) -> list[Any]:
    body = policy.get("Statement", []) if isinstance(policy, Mapping) else []
    return body if isinstance(body, list) else [body]


def _with_token_deny(denies: HeldDenies, role: RoleFacts) -> HeldDenies:
    """Return the Denies with the one that every imported role has: our sessions do not become longer ones."""
    ours = {"StringLike": {"aws:userid": f"{role.unique_id}:{OAUTH_SESSION_PATTERN}"}}
    statement = {**_FORM, "Action": list(OAUTH_ACTIONS), "Condition": ours}
    if role.managed or statement in denies.others:
        return denies
    return replace(denies, others=(statement, *denies.others))


def _wanted(unique_id: str, grants: Sequence[GrantFacts], *, now: datetime) -> dict[str, datetime]:
    """Return from when on each session has to be denied; those that can no longer be alive are left out."""
    wanted: dict[str, datetime] = {}
    for grant in grants:
        is_over = grant.revoked_at is not None or now >= grant.ends_at
        tail = max(grant.ends_at, grant.removed_at) + KEEP_AFTER_END if grant.removed_at else None
        if not is_over or tail is None or now < tail:
            wanted[f"{unique_id}:{grant.session_name}"] = _ALWAYS if is_over else grant.ends_at
    return wanted


def _read(held: Mapping[str, Any] | None, unique_id: str) -> HeldDenies:
    """Read what can be read of a policy; every other Deny is kept word for word, and what allows is not."""
    since: dict[str, datetime] = {}
    others: list[Mapping[str, Any]] = []
    for statement in _statements(held):
        if not isinstance(statement, Mapping) or statement.get("Effect") != "Deny":
            continue
        read = _read_statement(statement, f"{unique_id}:dp")
        if read is None and statement not in others:
            others.append(statement)
        for user_id, at in (read or {}).items():
            since[user_id] = min(at, since.get(user_id, at))
    head = {key: value for key, value in held.items() if key != "Statement"} if others and held else {}
    return HeldDenies(since, tuple(others), {"Version": "2008-10-17" if others else "2012-10-17", **head})


def _read_statement(statement: Mapping[str, Any], prefix: str) -> dict[str, datetime] | None:
    """Return from when on a Deny denies whom, or None when it is not exactly of the form that Daypass writes."""
    rest = {key: value for key, value in statement.items() if key != "Condition"}
    condition = statement.get("Condition")
    if rest != _FORM or not isinstance(condition, Mapping):
        return None
    if set(condition) - {"StringEquals", "DateGreaterThanEquals"} or "StringEquals" not in condition:
        return None
    user_ids = _values(condition["StringEquals"], "aws:userid")
    dates = _values(condition["DateGreaterThanEquals"], "aws:CurrentTime") if len(condition) > 1 else None
    at = _ALWAYS if len(condition) == 1 else _instant(dates)
    if at is None or not user_ids or not all(user_id.startswith(prefix) for user_id in user_ids):
        return None
    return dict.fromkeys(user_ids, at)


def _values(tests: Any, key: str) -> list[str] | None:
    """Return the values of the only test, which has to be on `key`; None when it is not, or a value is no text."""
    if not isinstance(tests, Mapping) or set(tests) != {key}:
        return None
    values = tests[key] if isinstance(tests[key], list) else [tests[key]]
    return values if all(isinstance(value, str) for value in values) else None


def _instant(dates: list[str] | None) -> datetime | None:
    if dates is None or len(dates) != 1 or not _DATE.match(dates[0]):
        return None
    try:
        return datetime.strptime(dates[0], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


_Group = tuple[datetime, list[str]]


def _one_by_one(since: Mapping[str, datetime]) -> list[_Group]:
    """Return the Denies by date: the undated ones together, as they always are, every other one by itself."""
    undated = sorted(user_id for user_id, at in since.items() if at == _ALWAYS)
    dated = sorted((at, user_id) for user_id, at in since.items() if at != _ALWAYS)
    return [*([(_ALWAYS, undated)] if undated else []), *((at, [user_id]) for at, user_id in dated)]


def _with_nearest_merged(groups: Sequence[_Group]) -> list[_Group]:
    """Return the groups with the two of the nearest dates as one, from the earlier date on."""
    index = min(range(len(groups) - 1), key=lambda i: groups[i + 1][0] - groups[i][0])
    (at, first), (_, second) = groups[index : index + 2]
    return [*groups[:index], (at, sorted([*first, *second])), *groups[index + 2 :]]


def _document(denies: HeldDenies, groups: Sequence[_Group], *, everybody: str = "") -> dict[str, Any]:
    body = [*denies.others, *(_deny({"StringEquals": {"aws:userid": _one_or_all(ids)}}, at) for at, ids in groups)]
    if everybody:
        body.append(_deny({"StringLike": {"aws:userid": everybody}}, _ALWAYS))
    return {**denies.head, "Statement": body}


def _deny(condition: dict[str, Any], at: datetime) -> dict[str, Any]:
    if at != _ALWAYS:
        condition["DateGreaterThanEquals"] = {"aws:CurrentTime": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return {**_FORM, "Condition": condition}


def _one_or_all(user_ids: Sequence[str]) -> str | list[str]:
    return user_ids[0] if len(user_ids) == 1 else list(user_ids)


def _size(document: Mapping[str, Any]) -> int:
    """Return the characters of a policy as it is sent, without white space between its parts."""
    return len(json.dumps(document, separators=(",", ":")))
