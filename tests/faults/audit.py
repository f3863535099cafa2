"""The judgement over everything that was ever in force, against the approvals that the test itself made.

Each function gives sentences, one for each violation, and none when all is well.
"""

import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta

from django.utils import timezone

from access.ledger.walks import broken_links
from access.models import AuditEvent
from tests.faults.approvals import Approval
from tests.faults.counts import FULL
from tests.faults.environment import Environment
from tests.faults.history import Change
from tests.faults.odd import ODD
from tests.faults.oracle import Caller, Document, admits, denies, statements
from tests.faults.portal import at_home
from tests.faults.tenant import Tenant
from tests.faults.workload import workload

AROUND = tuple(timedelta(seconds=offset) for offset in (-1, -0.2, 0, 0.2, 1))
AFTER = (*AROUND[2:], timedelta(hours=13, minutes=9))
STRANGER = "arn:aws:iam::222222222222:user/Mallory"
NO_GRANT = "dpaaaaaaaaaaaaaa"


@contextmanager
def audited_tenant(env: Environment, *, is_busy: bool = False) -> Iterator[Tenant]:
    """Yield a company in an environment without faults; at the end of the block all that happened is judged.

    When it `is_busy`, others work and edit aside for the length of the block.
    """
    env.heal()
    with at_home(env):
        tenant = Tenant.found(env, contractors=4 if is_busy else 2)
        if not FULL:
            # Reading daily what a role may do takes the worker longer than all the rest. Here it has just done so.
            tenant.known["permissions_read_at"] = timezone.now()
        with workload(tenant) if is_busy else nullcontext():
            yield tenant
        env.heal()
        tenant.settle(everybody=True)
        found = violations(tenant)
        assert not found, "\n".join(found)


def violations(tenant: Tenant) -> list[str]:
    """Judge everything that has happened in the company so far."""
    # What Daypass has recorded is read first: the worker continues, and AWS has what was recorded before.
    applied, ended = _first("grant.applied", tenant), _first("grant.removed", tenant)
    changes = tenant.changes()
    return [
        *trespasses(changes, tenant),
        *unclosed(changes, tenant),
        *open_after_ended(changes, tenant, ended),
        *active_too_early(changes, tenant, applied),
        *wrong_sessions(tenant),
        *wrong_uploads(tenant),
        *lost_statements(changes, tenant),
        *backward_moves(tenant),
    ]


def trespasses(changes: list[Change], tenant: Tenant) -> Iterator[str]:
    """I1: everybody whom a trust policy in force ever admits, at any edge, had been approved for that moment before.

    Each document is judged for itself at every edge, not only while it was in force: it has to be right even when no
    process of ours ever replaces it.
    """
    for change in changes:
        approvals = [approval for approval in tenant.approvals.values() if approval.role == change.role]
        for caller in _callers(change, approvals):
            own = [approval for approval in approvals if approval.caller == caller]
            for at in _edges(change, approvals):
                if admits(change.trust, caller, at) and not any(a.covers(at, known_by=change.since) for a in own):
                    yield f"I1 {change.role} #{change.n} admits {caller} at {at}, which nobody approved"


def unclosed(changes: list[Change], tenant: Tenant) -> Iterator[str]:
    """I1 for live sessions: each that the worker's trust policy lets begin is denied from its approved end on.

    While somebody has deleted the expiry policy by hand, or a write of it that was given up came late after all, the
    worker's next write of it is waited for.
    """
    disturbed: set[str] = set()
    for change in changes:
        if change.action in {"PutRolePolicy", "DeleteRolePolicy"}:
            (disturbed.discard if change.by_worker and not change.late else disturbed.add)(change.role)
        if not change.by_worker or change.role in disturbed:
            continue
        for statement in _ours(change.trust, tenant.approvals):
            user_id = f"{tenant.unique_id(change.role)}:{statement['Sid']}"
            end = tenant.approvals[statement["Sid"]].end_known_by(change.since)
            if not all(denies(change.expiry_policy, user_id, end + later) for later in AFTER):
                yield f"I1 {change.role} #{change.n}: a session of {statement['Sid']} would outlive its end {end}"


def open_after_ended(changes: list[Change], tenant: Tenant, ended: dict[str, datetime]) -> Iterator[str]:
    """*Ended* was recorded only after the worker had removed access; what others write is found and undone later."""
    for change in changes:
        for statement in _ours(change.trust, tenant.approvals):
            name = statement["Sid"]
            is_open = change.since < _end_of(statement)
            if change.by_worker and is_open and name in ended and change.until > ended[name]:
                yield f"{change.role} #{change.n} holds {name} until {change.until}, called ended at {ended[name]}"


def active_too_early(changes: list[Change], tenant: Tenant, applied: dict[str, datetime]) -> Iterator[str]:
    """Yield each grant that was called active before AWS had its statement."""
    for name, at in applied.items():
        role = tenant.approvals[name].role
        held = [c for c in changes if c.role == role and any(s["Sid"] == name for s in _ours(c.trust, [name]))]
        if not any(change.since <= at for change in held):
            yield f"{name} was called applied at {at}, before AWS had it"


def wrong_sessions(tenant: Tenant) -> Iterator[str]:
    """Yield each session that AWS gave without an approval for that moment, or after its grant was called ended."""
    ended = _first("grant.removed", tenant)
    for call, at in tenant.book.sessions():
        approval = tenant.approvals.get(call["params"]["RoleSessionName"])
        if approval is None:
            continue
        fits = approval.covers(at, known_by=at) and approval.role in call["params"]["RoleArn"]
        if not fits or at > ended.get(approval.session_name, at):
            yield f"AWS let {call['caller']} in as {approval.session_name} at {at}"


def wrong_uploads(tenant: Tenant) -> Iterator[str]:
    """Yield each upload after its grant's end, or after the grant was called ended."""
    ended = _first("grant.removed", tenant)
    for call, at in tenant.book.uploads():
        approval = tenant.approvals.get(call["caller"].rsplit("/", 1)[-1])
        if approval and not (at < approval.ends_at and at <= ended.get(approval.session_name, at)):
            yield f"{approval.session_name} put a file at {at}, after its end {approval.ends_at}"


def lost_statements(changes: list[Change], tenant: Tenant) -> Iterator[str]:
    """I3: no write of the worker removes an unmanaged statement, unless it is in the audit chain with its text.

    An edit that lands in the flight of one call, after the worker's last look and before its write, leaves no trace in
    IAM; those are counted apart, in `overwritten_in_flight`. What stale reads do not show yet is in flight as well.
    """
    for change, sids in _overwritten(changes):
        if not _edited_in_flight(change, changes, tenant) and not _recorded(sids, change.role, tenant):
            yield f"I3 {change.role} #{change.n} took away {sorted(sids)}"


def overwritten_in_flight(tenant: Tenant) -> int:
    """Count the edits by hand that landed within one call of the worker."""
    changes = tenant.changes()
    return sum(_edited_in_flight(change, changes, tenant) for change, _ in _overwritten(changes))


def backward_moves(tenant: Tenant) -> Iterator[str]:
    """I8 and I4: what was called ended stays so, and the audit chain holds."""
    subjects = {f"request:{a.grant.request.public_id}": name for name, a in tenant.approvals.items()}
    removed: set[str] = set()
    # In the order in which it happened: what was spooled is chained later.
    for event in AuditEvent.objects.filter(subject__in=subjects).order_by("at", "sequence"):
        if event.verb == "grant.removed":
            removed.add(event.subject)
        elif event.subject in removed:
            yield f"I8 {event.verb} after {subjects[event.subject]} was ended"
    for sequence in broken_links():
        yield f"I4 the audit chain is broken at {sequence}"


def _callers(change: Change, approvals: Iterable[Approval]) -> set[Caller]:
    """Return everybody who could try: each principal, and one who was never approved, under each session name."""
    names = {str(statement.get("Sid")) for statement in statements(change.trust)} | {NO_GRANT}
    return {Caller(arn, name) for arn in {STRANGER, *(a.contractor.arn for a in approvals)} for name in names}


def _edges(change: Change, approvals: Iterable[Approval]) -> set[datetime]:
    named = {str(statement.get("Sid")) for statement in statements(change.trust)}
    moments = {change.since}
    for approval in approvals:
        if approval.session_name in named:
            moments |= {approval.starts_at, *(end for _, end in approval.ends)}
    for statement in statements(change.trust):
        if statement.get("Sid") != ODD:  # its date is no date, and it admits nobody at any time
            moments |= {datetime.fromisoformat(date) for date in _dates(statement.get("Condition", {}))}
    return {moment + around for moment in moments for around in AROUND}


def _dates(condition: Document) -> Iterator[str]:
    for tests in condition.values():
        if "aws:CurrentTime" in tests:
            yield tests["aws:CurrentTime"]


def _ours(trust: Document, names: Container[str]) -> list[Document]:
    return [statement for statement in statements(trust) if statement.get("Sid") in names]


def _end_of(statement: Document) -> datetime:
    return datetime.fromisoformat(statement["Condition"]["DateLessThan"]["aws:CurrentTime"])


def _first(verb: str, tenant: Tenant) -> dict[str, datetime]:
    """Return when the audit chain first says so of each grant."""
    names = {f"request:{a.grant.request.public_id}": name for name, a in tenant.approvals.items()}
    events = AuditEvent.objects.filter(verb=verb, subject__in=names).order_by("-sequence")
    return {names[event.subject]: event.at for event in events}


def _humans(trust: Document) -> Counter[str]:
    """Return the unmanaged statements, each in one form."""
    unmanaged = (s for s in statements(trust) if not str(s.get("Sid", "")).startswith("dp"))
    return Counter(json.dumps(statement, sort_keys=True) for statement in unmanaged)


def _overwritten(changes: list[Change]) -> Iterator[tuple[Change, set[str]]]:
    before: dict[str, Change] = {}
    for change in changes:
        last = before.get(change.role)
        lost = _humans(last.trust) - _humans(change.trust) if last else Counter[str]()
        if change.by_worker and lost:
            yield change, {json.loads(text)["Sid"] for text in lost}
        before[change.role] = change


def _edited_in_flight(change: Change, changes: list[Change], tenant: Tenant) -> bool:
    look = tenant.book.last_look(change.role, before=change.n, behind=tenant.reads_are_stale)
    return any(look < other.n < change.n and not other.by_worker for other in changes if other.role == change.role)


def _recorded(sids: set[str], role: str, tenant: Tenant) -> bool:
    """Return whether the audit chain holds the text of each of these statements as something that went away.

    The worker removes the Allows of others from managed roles; their text goes on record before it does.
    """
    if any(one.name == role and one.is_managed for one in tenant.roles):
        found = AuditEvent.objects.filter(verb="role.unmanaged_statement", subject__endswith=f"/{role}")
        return sids <= {json.loads(text)["Sid"] for text in found.values_list("details__statement", flat=True)}
    drift = AuditEvent.objects.filter(verb="role.drift").values_list("details__trust_left", flat=True)
    known = {statement.get("Sid") for trust in drift for statement in statements(trust)}
    return sids <= known
