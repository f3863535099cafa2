"""Checks for requesting, deciding, using and ending access."""

from dataclasses import replace
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts, GrantState, RequestState, can_be_ended, grant_state
from access.rules.deciding import check_quorum_still_possible, decides_about, find_vote
from access.rules.facts import (
    MAX_PENDING_PER_CONTRACTOR,
    REASON_MAX_LENGTH,
    IdentityFacts,
    PersonFacts,
    Refused,
    RequestFacts,
    RoleSettings,
    Terms,
    Vote,
    passes,
)
from access.rules.identities import check_identity, check_is_not_voucher
from access.rules.people import check_can_decide_again
from access.rules.terms import check_conditions, check_has_all
from access.rules.tickets import check_ticket
from access.rules.windows import AnyWindow, Window, WindowOnApproval, up_to_second
from access.texts.text import Text


def check_can_ask(person: PersonFacts, role: RoleSettings) -> None:
    """Raise Refused unless this contractor can request this role at all."""
    if not person.is_active or person.contractor_id is None:
        raise Refused("contractor_only")
    if not person.contractor_is_active:
        raise Refused("contractor_disabled")
    if not role.is_active or person.contractor_id not in role.contractor_ids:
        raise Refused("role_not_yours", field="role")


def check_window(person: PersonFacts, role: RoleSettings, window: AnyWindow, *, now: datetime) -> None:
    """Raise Refused unless the window lies ahead, runs forward, and fits the role and the contract.

    Of a length it is asked whether there is still a moment at which an approval could start it.
    """
    if window.length <= timedelta(0):
        raise Refused("end_before_start", field="ends_at")
    if isinstance(window, Window):
        check_start(role, window, now=now)
        check_fits(role, window)
    else:
        check_length(role, window.length)
        if role.office_hours and not _last_start_in_hours(role, window, now=now):
            raise Refused("outside_hours", field="starts_at", hours=role.office_hours.text)
    if person.contract_ends_at is None:
        raise Refused("contract_ended")
    if window.if_approved(now=now).ends_at > person.contract_ends_at:
        raise Refused("end_after_contract", field="ends_at", contract_ends_at=person.contract_ends_at)


def check_start(role: RoleSettings, window: Window, *, now: datetime) -> None:
    """Raise Refused unless a chosen window starts neither in the past nor too far ahead."""
    if window.starts_at < now:
        raise Refused("start_in_past", field="starts_at")
    if window.starts_at > now + role.latest_start:
        raise Refused("start_too_far", field="starts_at", longest=role.latest_start)


def check_fits(role: RoleSettings, window: Window) -> None:
    """Raise Refused unless the window is within what the role allows: its longest one, and its office hours."""
    check_length(role, window.length)
    if role.office_hours is not None and not role.office_hours.hold(window.starts_at, window.ends_at):
        raise Refused("outside_hours", field="starts_at", hours=role.office_hours.text)


def check_length(role: RoleSettings, length: timedelta) -> None:
    """Raise Refused unless the role allows windows of this length."""
    if length > role.longest_window:
        raise Refused("window_too_long", field="ends_at", longest=role.longest_window)


def check_reason(reason: str) -> None:
    """Raise Refused unless there is a reason that a person can read."""
    if not reason.strip():
        raise Refused("reason_missing", field="reason")
    if len(reason) > REASON_MAX_LENGTH:
        raise Refused("reason_too_long", field="reason", most=REASON_MAX_LENGTH)
    if any(ord(char) < 32 and char not in "\n\r\t" for char in reason):
        raise Refused("reason_control_characters", field="reason")


def check_can_submit(
    person: PersonFacts,
    role: RoleSettings,
    terms: Terms,
    *,
    reason: str,
    ticket: str,
    identity: IdentityFacts | None,
    pending: int,
    now: datetime,
) -> None:
    """Raise Refused unless this person can request this role in this window, on these conditions, for this reason."""
    check_can_ask(person, role)
    check_window(person, role, terms.window, now=now)
    check_reason(reason)
    check_ticket(role, ticket)
    check_conditions(role, identity, terms)
    if identity is not None:
        check_identity(person, role, identity)
    elif not (role.allows_portal_issued or role.allows_console):
        raise Refused("identity_required", field="principal")
    check_pending(pending)


def check_is_live(grant: GrantFacts, *, now: datetime) -> None:
    """Raise Refused unless the grant is in force or will be: neither over nor kept out of AWS."""
    if grant_state(grant, now=now) in {GrantState.BLOCKED, GrantState.ENDING, GrantState.ENDED}:
        raise Refused("grant_not_extendable")


def check_can_be_extended(grant: GrantFacts, *, now: datetime) -> None:
    """Raise Refused, with a sentence for approvers, unless the grant that a request extends is in force or will be."""
    if grant_state(grant, now=now) in {GrantState.BLOCKED, GrantState.ENDING, GrantState.ENDED}:
        raise Refused("extended_grant_over")


def check_can_extend(
    person: PersonFacts,
    request: RequestFacts,
    grant: GrantFacts,
    *,
    ends_at: datetime,
    reason: str,
    pending: int,
    now: datetime,
    ticket: str = "",
) -> None:
    """Raise Refused unless this person can request an extension of their live grant."""
    if person.user_id != request.requester_id:
        raise Refused("not_grant_holder_extend")
    if request.is_break_glass:
        raise Refused("break_glass_not_extendable")
    check_can_ask(person, request.role)
    check_is_live(grant, now=now)
    check_has_all(request.role, grant)
    if request.identity is not None:
        check_identity(person, request.role, request.identity)
    check_window(person, request.role, Window(grant.ends_at, ends_at), now=now)
    check_reason(reason)
    check_ticket(request.role, ticket)
    check_pending(pending)


def check_pending(pending: int) -> None:
    """Raise Refused when too many requests of one person wait already."""
    if pending >= MAX_PENDING_PER_CONTRACTOR:
        raise Refused("too_many_pending", count=pending)


def check_can_see(person: PersonFacts, request: RequestFacts, *, now: datetime) -> None:
    """Raise Refused unless this is the person's own request, one that they decide, or one of a contractor whom they
    sponsor. Administrators see all.
    """
    if not person.is_active:
        raise Refused("account_disabled")
    if person.contractor_id is not None:
        may = person.contractor_id == request.contractor_id
    else:
        own = request.is_break_glass and person.user_id == request.requester_id
        decides = decides_about(person.user_id, request.role, now=now)
        may = own or decides or person.user_id == request.sponsor_id or person.is_administrator
    if not may:
        raise Refused("request_unknown")


def check_can_decide(person: PersonFacts, request: RequestFacts, *, now: datetime) -> Vote:
    """Return the vote with which this person can decide now; raises Refused when they cannot."""
    if person.user_id == request.requester_id or person.contractor_id is not None:
        raise Refused("own_request")
    check_is_not_voucher(person, request)
    if not person.is_active or not decides_about(person.user_id, request.role, now=now):
        raise Refused("not_an_approver")
    if request.state is not RequestState.PENDING:
        raise Refused("request_not_pending", state=Text(f"state_{request.state}"))
    if request.is_overdue(now=now):
        raise Refused("request_expired")
    check_can_decide_again(person, now=now)
    return find_vote(person, request, now=now)


def check_can_approve(person: PersonFacts, request: RequestFacts, *, now: datetime) -> Vote:
    """Return the vote with which this person can approve now. Raises Refused when they cannot, or when the request is
    no longer possible as it was made.
    """
    vote = check_can_decide(person, request, now=now)
    check_quorum_still_possible(person, request, vote)
    check_is_possible(request, now=now)
    return vote


def check_is_possible(request: RequestFacts, *, now: datetime) -> None:
    """Raise Refused unless the window that an approval at `now` gives can be granted, no matter who approves it.

    A window that does not fit any more is refused and never shortened.
    """
    window = request.window_now(now=now)
    if window.length <= timedelta(0):
        raise Refused("window_over")
    if isinstance(request.requested, WindowOnApproval) and not request.requested.contains(window):
        raise Refused("approval_too_late", latest_start=request.requested.last_start)
    contract_ends_at = request.contract_ends_at
    if contract_ends_at is None or not request.contractor_is_active or window.ends_at > contract_ends_at:
        raise Refused("contractor_cannot_hold")
    if not request.role.is_active or request.contractor_id not in request.role.contractor_ids:
        raise Refused("contractor_not_eligible")
    check_fits(request.role, window)
    if request.identity is not None:
        check_identity(None, request.role, request.identity)
    elif not (request.role.allows_portal_issued or request.role.allows_console):
        raise Refused("portal_issued_disabled")


def last_approval(request: RequestFacts, *, now: datetime) -> datetime | None:
    """Return the last moment at which the request can be approved by its window, its deadline, the contract and the
    office hours; None when there is none any more.
    """
    window, latest = request.window, request.expires_at
    if isinstance(window, Window):
        return latest if now < latest else None
    if request.contract_ends_at is not None:
        latest = min(latest, request.contract_ends_at - window.length)
    window = replace(window, latest_start=min(window.last_start, latest))
    if request.role.office_hours is not None:
        return _last_start_in_hours(request.role, window, now=now)
    return window.last_start if now <= window.last_start else None


def _last_start_in_hours(role: RoleSettings, window: WindowOnApproval, *, now: datetime) -> datetime | None:
    if role.office_hours is None:
        return window.last_start
    return role.office_hours.last_start(window.length, earliest=up_to_second(now), latest=window.last_start)


def check_can_withdraw(person: PersonFacts, request: RequestFacts) -> None:
    """Raise Refused unless the request is this person's own and still waits."""
    if person.user_id != request.requester_id:
        raise Refused("not_requester")
    if request.state is not RequestState.PENDING:
        raise Refused("request_not_pending", state=Text(f"state_{request.state}"))


def check_can_revoke(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> None:
    """Raise Refused unless this person can end this grant: its holder, an approver of the role, the sponsor, or an
    administrator. A grant whose end is past can still be ended, because the clock may be wrong.
    """
    check_can_see(person, request, now=now)
    if not can_be_ended(grant, now=now):
        raise Refused("grant_over")


def check_can_take_evidence(person: PersonFacts, request: RequestFacts, *, now: datetime) -> None:
    """Raise Refused unless this person answers for it: an approver of the role, the sponsor, or an administrator."""
    check_can_see(person, request, now=now)
    if person.contractor_id is not None or person.user_id == request.requester_id:
        raise Refused("evidence_not_allowed")


def can_ask(person: PersonFacts, role: RoleSettings) -> bool:
    return passes(lambda: check_can_ask(person, role))


def can_see(person: PersonFacts, request: RequestFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_see(person, request, now=now))


def can_decide(person: PersonFacts, request: RequestFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_decide(person, request, now=now))


def can_approve(person: PersonFacts, request: RequestFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_approve(person, request, now=now))


def can_withdraw(person: PersonFacts, request: RequestFacts) -> bool:
    return passes(lambda: check_can_withdraw(person, request))


def can_revoke(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_revoke(person, request, grant, now=now))


def can_take_evidence(person: PersonFacts, request: RequestFacts, *, now: datetime) -> bool:
    return passes(lambda: check_can_take_evidence(person, request, now=now))


def can_extend(person: PersonFacts, request: RequestFacts, grant: GrantFacts, *, now: datetime) -> bool:
    own = person.user_id == request.requester_id and not request.is_break_glass
    return own and passes(lambda: check_is_live(grant, now=now))
