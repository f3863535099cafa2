"""Check compiled documents against the grants before they are written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from access.lifecycle import GrantFacts, RoleFacts, is_over
from access.texts.text import Text
from access.verify.callers import Caller
from access.verify.evaluator import (
    Said,
    admits,
    admitted,
    bodies,
    could_admit,
    denied,
    read,
    read_denials,
    statement_list,
    surely_admits,
)
from access.verify.expiry import check_kept, split
from access.verify.networks import inside, outside
from access.verify.shape import check_trust_form
from access.verify.unmanaged import check_unmanaged

_SECOND = timedelta(seconds=1)
_LONG = timedelta(days=3650)
_LONGEST_TAIL = timedelta(hours=13, minutes=10)  # 12 h of refreshed tokens, the last one's hour, ten minutes to spare


def check(
    role: RoleFacts,
    grants: Sequence[GrantFacts],
    *,
    trust: Mapping[str, Any],
    expiry_policy: Mapping[str, Any] | None,
    left_out: frozenset[str],
    before: Mapping[str, Any] | None,
    expiry_policy_before: Mapping[str, Any] | None,
    now: datetime,
    accepted: Collection[str] = (),
    former: Collection[str] = (),
) -> list[Text]:
    """Return every finding against the two documents; none means that they can be written.

    `left_out` names the grants that were not written on purpose; `before` is the trust policy that is being replaced,
    `expiry_policy_before` the expiry policy. A principal never admitted needs no Deny. `accepted` holds the hashes of
    unmanaged statements that an administrator has accepted beside the default-deny statement. `former` names sessions
    of grants that the role had before `grants`.
    """
    known = {grant.session_name for grant in grants}
    ours = read(_only(trust, [s for s in statement_list(trust) if s.get("Sid") in known and s.get("Effect") != "Deny"]))
    written = [g for g in grants if not is_over(g, now=now) and g.session_name not in left_out]
    closed = [g for g in grants if g not in written]
    let_in = {s.get("Sid") for s in statement_list(before)} | _denied_in(expiry_policy_before, role, grants)
    admitted_once = [g for g in grants if not _was_never_admitted(g, left_out - let_in)]
    return [
        *check_trust_form(trust, written, known=known),
        *_check_windows(ours, written),
        *_check_strangers(ours, written),
        *_check_closed(ours, closed, now=now),
        *check_unmanaged(trust, before, known=known, role=role, accepted=accepted),
        *check_expiry_policy(
            role, expiry_policy, admitted_once, now=now, before=expiry_policy_before, known=known | {*former}
        ),
    ]


def _was_never_admitted(grant: GrantFacts, outside: Collection[Any]) -> bool:
    """Return whether the grant is named in `outside` and was never written: no session can be its own."""
    return grant.session_name in outside and not (grant.written_at or grant.applied_at)


def unmanaged_admits(document: Any, grant: GrantFacts, *, known: frozenset[str], at: datetime) -> bool:
    """Return whether unmanaged statements could admit the grant's principal, at `at` or later, whatever session name,
    external id, second factor or address they come with.
    """
    caller = replace(_caller(grant), user_id=grant.unique_id)
    mine = {*known, "dpclosed"}
    others = [s for s in bodies(document) if not isinstance(s, Mapping) or str(s.get("Sid")) not in mine]
    return could_admit({"Statement": others}, caller, at=at)


def explain_admission(document: Mapping[str, Any] | None, grant: GrantFacts, *, at: datetime) -> Text:
    """Return whether the document lets the grant's principal assume the role at `at`."""
    caller = _caller(grant)
    principal, session = grant.principal_arn, grant.session_name
    if surely_admits(document, caller, at=at):
        return Text("trust_policy_admits", {"principal": principal, "session": session})
    if admits(document, caller, at=at):
        return Text("trust_policy_could_admit", {"principal": principal, "session": session})
    return Text("trust_policy_refuses", {"principal": principal, "session": session})


def _caller(grant: GrantFacts) -> Caller:
    return Caller(
        arn=grant.principal_arn,
        session_name=grant.session_name,
        user_id=grant.unique_id or "AIDAUNKNOWNUNKNOWN000",
        external_id=grant.external_id,
        mfa=grant.requires_mfa and not grant.portal_issued,
        source_ip=next(inside(grant.source_cidrs), "203.0.113.7"),
    )


def _only(document: Mapping[str, Any] | None, statements: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {**(document or {}), "Statement": list(statements)}


def _check_windows(ours: Sequence[Said], written: Sequence[GrantFacts]) -> Iterator[Text]:
    """Each grant opens at its start and closes at its end, to the second."""
    for grant in written:
        caller = _caller(grant)
        middle = grant.starts_at + (grant.ends_at - grant.starts_at) / 2
        within = (grant.starts_at, middle, grant.ends_at - _SECOND)
        beyond = (grant.starts_at - _SECOND, grant.ends_at, grant.ends_at + _SECOND, grant.ends_at + _LONG)
        if not all(admitted(ours, caller, at=at) for at in within):
            yield Text("finding_refused_inside_window", {"grant": grant.session_name})
        ways = () if grant.portal_issued else inside(grant.source_cidrs)
        if not all(admitted(ours, replace(caller, source_ip=address), at=middle) for address in ways):
            yield Text("finding_refused_from_source", {"grant": grant.session_name})
        if any(admitted(ours, caller, at=at) for at in beyond):
            yield Text("finding_outside_window", {"grant": grant.session_name})


def _check_strangers(ours: Sequence[Said], written: Sequence[GrantFacts]) -> Iterator[Text]:
    """Yield a finding for anybody admitted during a window except that grant's principal by its access method."""
    for grant in written:
        caller, at = _caller(grant), grant.starts_at + (grant.ends_at - grant.starts_at) / 2
        if any(admitted(ours, stranger, at=at) for stranger in _strangers(grant, caller)):
            yield Text("finding_access_by_strangers", {"grant": grant.session_name})
        for other in written:
            if other.session_name == grant.session_name:
                continue
            borrowed = replace(caller, session_name=other.session_name, external_id=other.external_id)
            if other.principal_arn != grant.principal_arn and admitted(ours, borrowed, at=at):
                yield Text("finding_other_session_name", {"grant": grant.session_name, "other": other.session_name})


def _strangers(grant: GrantFacts, caller: Caller) -> Iterator[Caller]:
    yield replace(caller, arn=f"{caller.arn}x")
    yield replace(caller, arn="arn:aws:iam::999999999999:user/somebody")
    if ":assumed-role/" in caller.arn:
        yield replace(caller, arn=caller.arn.rsplit("/", 1)[0] + "/somebody")
        yield replace(caller, user_id=caller.user_id.split(":")[0] + ":somebody")
    yield replace(caller, session_name="another-name")
    if grant.unique_id:
        yield replace(caller, user_id=f"{grant.unique_id[:4]}REMADEREMADEREMAD")
    if grant.external_id:
        yield replace(caller, external_id="")
        yield replace(caller, external_id=f"{grant.external_id}x")
    if grant.requires_mfa and not grant.portal_issued:
        yield replace(caller, mfa=False)
    if grant.source_cidrs and not grant.portal_issued:
        yield from (replace(caller, source_ip=address) for address in outside(grant.source_cidrs))


def _check_closed(ours: Sequence[Said], closed: Sequence[GrantFacts], *, now: datetime) -> Iterator[Text]:
    """A grant that is over, or was left out, is admitted at no time."""
    for grant in closed:
        times = (grant.starts_at, now, grant.ends_at - _SECOND, grant.ends_at, now + _LONG)
        if any(admitted(ours, _caller(grant), at=at) for at in times):
            yield Text("finding_access_left", {"grant": grant.session_name})


def check_expiry_policy(
    role: RoleFacts,
    expiry_policy: Mapping[str, Any] | None,
    grants: Sequence[GrantFacts],
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    known: Collection[str] = (),
) -> list[Text]:
    """Return every finding against only the expiry policy, which replaces `before`.

    `known` holds the session names of the other grants that the role has, or had. Denies that no grant explains have to
    stay, and count as no Deny of a grant.
    """
    names = {*known, *(grant.session_name for grant in grants)}
    ours, _ = split(role, expiry_policy, names)
    findings = check_kept(role, expiry_policy, before, known=names)
    return [*findings, *_check_denies(role, _only(expiry_policy, ours), grants, now=now)]


def _denied_in(expiry_policy: Mapping[str, Any] | None, role: RoleFacts, grants: Sequence[GrantFacts]) -> set[str]:
    """Return the session names that an expiry policy denies at the grant's end: they may have been admitted."""
    denials = read_denials(expiry_policy)
    return {
        grant.session_name
        for grant in grants
        if denied(denials, user_id=f"{role.unique_id}:{grant.session_name}", at=grant.ends_at)
    }


def _check_denies(
    role: RoleFacts, expiry_policy: Mapping[str, Any] | None, grants: Sequence[GrantFacts], *, now: datetime
) -> Iterator[Text]:
    """Sessions are denied from the end on, or immediately when the grant is over, and not a second earlier."""
    denials = read_denials(expiry_policy)
    for grant in grants:
        user_id = f"{role.unique_id}:{grant.session_name}"
        if is_over(grant, now=now):
            gone = grant.removed_at is not None and now >= max(grant.ends_at, grant.removed_at) + _LONGEST_TAIL
            if not gone and not denied(denials, user_id=user_id, at=now):
                yield Text("finding_not_denied_after_end", {"grant": grant.session_name})
            continue
        if not denied(denials, user_id=user_id, at=grant.ends_at):
            yield Text("finding_not_denied_at_end", {"grant": grant.session_name})
        if denied(denials, user_id=user_id, at=grant.ends_at - _SECOND):
            yield Text("finding_denied_early", {"grant": grant.session_name})
