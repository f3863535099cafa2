"""Who may do what in which state, asked of the rules themselves: the source of docs/reference/permissions.md."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from access import rules
from access.lifecycle import GrantFacts, RequestState
from access.rules import (
    AutoApprovalPolicyFacts,
    BreakGlassPolicyFacts,
    DelegationFacts,
    IdentityFacts,
    PersonFacts,
    RequestFacts,
    RoleSettings,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)

_CONTRACTOR = PersonFacts(1, True, contractor_id=1, contractor_is_active=True, contract_ends_at=NOON + YEAR)
PEOPLE: dict[str, PersonFacts] = {
    "the contractor": _CONTRACTOR,
    "another contractor": replace(_CONTRACTOR, user_id=2, contractor_id=2),
    "an approver": PersonFacts(3, True),
    "an approver's delegate": PersonFacts(8, True),
    "his sponsor, who vouched and approves": PersonFacts(4, True, is_sponsor=True),
    "another sponsor": PersonFacts(5, True, is_sponsor=True),
    "an administrator": PersonFacts(6, True, is_administrator=True),
    "a colleague": PersonFacts(7, True),
}
_PROPOSER = PersonFacts(99, True, is_administrator=True)
_ROLE = RoleSettings(
    role_id=1,
    account_id="111111111111",
    is_active=True,
    longest_window=8 * HOUR,
    allows_own_identity=True,
    allows_portal_issued=True,
    quorum=1,
    approver_ids=frozenset({3, 4}),
    contractor_ids=frozenset({1}),
    allows_vouched=True,
    delegations=(DelegationFacts(3, 8, NOON - HOUR, NOON + YEAR),),
)
_AUTO_APPROVAL_POLICY = AutoApprovalPolicyFacts(
    role_id=1,
    company_id=1,
    longest_window=HOUR,
    hours=None,
    per_week=5,
    hours_per_week=None,
    expires_at=NOON + YEAR,
    made_by=98,
    confirmed_by=None,
    is_ended=False,
)
_WAITING = RequestFacts(
    requester_id=1,
    contractor_id=1,
    contractor_is_active=True,
    contract_ends_at=NOON + YEAR,
    role=_ROLE,
    state=RequestState.PENDING,
    starts_at=NOON,
    ends_at=NOON + HOUR,
    content_hash="",
    identity=IdentityFacts(1, "user", "aws", is_proven=False, voucher_id=4),
    sponsor_id=4,
)
_APPROVED = replace(_WAITING, state=RequestState.APPROVED)
_DENIED = replace(_WAITING, state=RequestState.DENIED)
_GRANT = GrantFacts("dpaaaaaaaaaaaaaa", "", NOON, NOON + HOUR, portal_issued=True, applied_at=NOON)
THROUGH_THE_PORTAL = _GRANT
BREAK_GLASS_POLICY = BreakGlassPolicyFacts(
    role=_ROLE,
    person_ids=frozenset({7}),
    longest=HOUR,
    expires_at=NOON + 30 * DAY,
    made_by_id=6,
    is_confirmed=True,
    is_withdrawn=False,
)
BREAK_GLASS_REQUEST = replace(
    _WAITING,
    requester_id=7,
    contractor_id=None,
    contractor_is_active=False,
    contract_ends_at=None,
    state=RequestState.APPROVED,
    identity=None,
    sponsor_id=None,
)
_GRANTS = {
    "scheduled": replace(_GRANT, starts_at=NOON + HOUR / 2),
    "active": _GRANT,
    "ended": replace(_GRANT, ends_at=NOON, removed_at=NOON),
}
_REQUESTS = {"waiting": _WAITING, "denied": _DENIED}

May = Callable[[PersonFacts], bool]


def table() -> Iterator[tuple[str, str, list[bool]]]:
    """Yield the rows: what, in which state, and for each of PEOPLE whether he may."""
    for (what, state), may in _everything().items():
        yield what, state, [may(person) for person in PEOPLE.values()]


def _everything() -> dict[tuple[str, str], May]:
    found: dict[tuple[str, str], May] = {("ask for the role", ""): lambda person: rules.can_ask(person, _ROLE)}
    for state, request in _REQUESTS.items():
        found |= _of_request(state, request)
    for state, grant in _GRANTS.items():
        found |= _of_grant(state, grant)
    found |= _of_break_glass()
    return found | {
        ("prove an AWS identity", ""): lambda person: rules.passes(lambda: rules.check_can_prove(person, lately=0)),
        ("vouch for his AWS identity", ""): lambda p: rules.passes(lambda: rules.check_can_vouch(p, sponsor_id=4)),
        ("invite a contractor", ""): rules.can_sponsor,
        ("change his terms, disable them", ""): lambda person: rules.can_manage(person, 4),
        ("disable companies and colleagues", ""): rules.can_administer,
        ("connect, change and test accounts", ""): rules.can_administer,
        ("change the rules of a role", ""): rules.can_administer,
        ("confirm an auto-approval policy", ""): lambda person: rules.can_confirm_auto_approval_policy(
            person, _AUTO_APPROVAL_POLICY, proposer=_PROPOSER, now=NOON
        ),
        ("name a delegate", ""): _may_delegate,
        ("make a role", ""): rules.can_administer,
        ("change what a role permits", ""): rules.can_administer,
        ("change its limits, disable it", ""): rules.can_administer,
        ("import a role, harden its trust policy", ""): rules.can_administer,
        ("accept an unmanaged statement", ""): rules.can_administer,
        ("withdraw a change of a role", ""): rules.can_administer,
        ("confirm what another one proposed", ""): lambda p: rules.can_confirm(p, proposer=_PROPOSER),
        ("confirm what he proposed himself", ""): lambda p: rules.can_confirm(p, proposer=p),
        ("look through the reviews", ""): _may_review,
        ("say that the role may stay", ""): lambda person: rules.can_certify_role(person, _ROLE),
        ("say that his terms may stay", ""): lambda person: rules.can_manage(person, 4),
        ("see mutual approvals", ""): rules.can_administer,
    }


def _may_delegate(person: PersonFacts) -> bool:
    colleague, until = PersonFacts(99, is_active=True), NOON + HOUR
    return person.user_id in _ROLE.approver_ids and rules.passes(
        lambda: rules.check_can_delegate(person, colleague, from_at=NOON, until_at=until, now=NOON)
    )


def _may_review(person: PersonFacts) -> bool:
    decides = rules.decides_about(person.user_id, _ROLE, now=NOON)
    return rules.can_review(person, decides=decides, is_sponsoring=person.user_id == _WAITING.sponsor_id)


def _of_break_glass() -> dict[tuple[str, str], May]:
    """Return what a rule of the administrator's lets the colleague do, which another administrator confirmed."""
    over = replace(_GRANT, ends_at=NOON)
    waiting = replace(BREAK_GLASS_POLICY, is_confirmed=False)

    def may_use(person: PersonFacts) -> bool:
        own = person.user_id == BREAK_GLASS_REQUEST.requester_id
        facts = {"is_own": own, "is_offered": True, "is_break_glass": True}
        return rules.passes(lambda: rules.check_can_use(person, _GRANT, **facts, now=NOON))

    return {
        ("make a break-glass policy for the colleague", ""): rules.can_administer,
        ("confirm it, who made it", ""): lambda p: rules.can_confirm_break_glass_policy(
            p, waiting, proposer=_PROPOSER, now=NOON
        ),
        ("confirm it, who did not make it", ""): lambda p: rules.can_confirm_break_glass_policy(
            p, replace(waiting, made_by_id=99), proposer=_PROPOSER, now=NOON
        ),
        ("withdraw it, which is in force", "in force"): lambda p: rules.can_withdraw_break_glass_policy(
            p, BREAK_GLASS_POLICY
        ),
        ("use break-glass", "in force"): lambda p: rules.can_use_break_glass(
            p, BREAK_GLASS_POLICY, unreviewed=False, now=NOON
        ),
        ("use break-glass", "unreviewed"): lambda p: rules.can_use_break_glass(
            p, BREAK_GLASS_POLICY, unreviewed=True, now=NOON
        ),
        ("see the use", "open"): lambda p: rules.can_see(p, BREAK_GLASS_REQUEST, now=NOON),
        ("use break-glass access", "open"): may_use,
        ("stop it", "open"): lambda p: rules.can_revoke(p, BREAK_GLASS_REQUEST, _GRANT, now=NOON),
        ("review it", "open"): lambda p: rules.can_review_break_glass(p, BREAK_GLASS_REQUEST, _GRANT, now=NOON),
        ("review it", "over"): lambda p: rules.can_review_break_glass(p, BREAK_GLASS_REQUEST, over, now=NOON),
    }


def _of_request(state: str, request: RequestFacts) -> dict[tuple[str, str], May]:
    return {
        ("see the request", state): lambda person: rules.can_see(person, request, now=NOON),
        ("withdraw it", state): lambda person: rules.can_withdraw(person, request),
        ("approve it", state): lambda person: rules.can_approve(person, request, now=NOON),
        ("approve with changes", state): lambda person: rules.can_approve(person, request, now=NOON),
        ("deny it", state): lambda person: rules.can_decide(person, request, now=NOON),
        ("ask for information about it", state): lambda person: rules.can_ask_for_information(
            person, request, now=NOON
        ),
        ("answer what was asked", state): lambda person: rules.can_answer(person, request, was_asked=True),
    }


def _of_grant(state: str, grant: GrantFacts) -> dict[tuple[str, str], May]:
    def may_use(person: PersonFacts) -> bool:
        own = person.user_id == _APPROVED.requester_id
        return rules.passes(lambda: rules.check_can_use(person, grant, is_own=own, is_offered=True, now=NOON))

    return {
        ("see the access", state): lambda person: rules.can_see(person, _APPROVED, now=NOON),
        ("use it through the portal", state): may_use,
        ("ask for an extension", state): lambda person: rules.can_extend(person, _APPROVED, grant, now=NOON),
        ("revoke it, return it", state): lambda person: rules.can_revoke(person, _APPROVED, grant, now=NOON),
        ("take its evidence", state): lambda person: rules.can_take_evidence(person, _APPROVED, now=NOON),
        ("say that it may stay", state): lambda person: rules.can_certify_grant(person, _APPROVED, grant, now=NOON),
    }
