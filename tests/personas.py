"""One person of each kind, and a request and a grant in each state: for tests of the rules and the page of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from access.lifecycle import GrantFacts, RequestState
from access.rules.auto_approvals import AutoApprovalPolicyFacts
from access.rules.break_glass import BreakGlassPolicyFacts
from access.rules.facts import DelegationFacts, IdentityFacts, PersonFacts, RequestFacts, RoleSettings
from access.rules.windows import Window

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)

CONTRACTOR = PersonFacts(1, True, contractor_id=1, contractor_is_active=True, contract_ends_at=NOON + YEAR)
PEOPLE: dict[str, PersonFacts] = {
    "the contractor": CONTRACTOR,
    "another contractor": replace(CONTRACTOR, user_id=2, contractor_id=2),
    "an approver": PersonFacts(3, True),
    "an approver's delegate": PersonFacts(8, True),
    "the contractor's sponsor, who vouched and is an approver": PersonFacts(4, True, is_sponsor=True),
    "another sponsor": PersonFacts(5, True, is_sponsor=True),
    "an administrator": PersonFacts(6, True, is_administrator=True),
    "another internal user": PersonFacts(7, True),
}
PROPOSER = PersonFacts(99, True, is_administrator=True)
ROLE = RoleSettings(
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
AUTO_APPROVAL_POLICY = AutoApprovalPolicyFacts(
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
WAITING = RequestFacts(
    requester_id=1,
    contractor_id=1,
    contractor_is_active=True,
    contract_ends_at=NOON + YEAR,
    role=ROLE,
    state=RequestState.PENDING,
    window=Window(NOON, NOON + HOUR),
    requested=Window(NOON, NOON + HOUR),
    expires_at=NOON + HOUR,
    content_hash="",
    identity=IdentityFacts(1, "user", "aws", is_proven=False, voucher_id=4),
    sponsor_id=4,
)
APPROVED = replace(WAITING, state=RequestState.APPROVED)
DENIED = replace(WAITING, state=RequestState.DENIED)
GRANT = GrantFacts("dpaaaaaaaaaaaaaa", "", NOON, NOON + HOUR, portal_issued=True, applied_at=NOON)
THROUGH_THE_PORTAL = GRANT
BREAK_GLASS_POLICY = BreakGlassPolicyFacts(
    role=ROLE,
    person_ids=frozenset({7}),
    longest=HOUR,
    expires_at=NOON + 30 * DAY,
    made_by_id=6,
    is_confirmed=True,
    is_withdrawn=False,
)
BREAK_GLASS_REQUEST = replace(
    WAITING,
    requester_id=7,
    contractor_id=None,
    contractor_is_active=False,
    contract_ends_at=None,
    state=RequestState.APPROVED,
    identity=None,
    sponsor_id=None,
)
GRANTS = {
    "scheduled": replace(GRANT, starts_at=NOON + HOUR / 2),
    "active": GRANT,
    "ended": replace(GRANT, ends_at=NOON, removed_at=NOON),
}
REQUESTS = {"pending": WAITING, "denied": DENIED}
