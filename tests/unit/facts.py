"""The cast as plain facts: who is who when no database is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from access.lifecycle import GrantFacts, RequestState, RoleFacts
from access.rules.facts import IdentityFacts, PersonFacts, RequestFacts, RoleSettings
from access.rules.windows import Window, WindowOnApproval

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)

RICHARD_ARN = "arn:aws:iam::222222222222:user/Richard"
EVE_ARN = "arn:aws:iam::222222222222:user/Eve"
ISSUER_ARN = "arn:aws:iam::111111111111:user/daypass/daypass-issuer"
ROLE = RoleFacts(
    arn="arn:aws:iam::111111111111:role/daypass/importantproject-contractorA-bucket-put",
    unique_id="AROAROLEROLEROLEROLE1",
    managed=True,
    issuer_arn=ISSUER_ARN,
)
IMPORTED = replace(ROLE, managed=False)


def grant(name: str = "dprichardrichard", **different: Any) -> GrantFacts:
    """Return Richard's grant from noon to one o'clock, with whatever is different."""
    facts: dict[str, Any] = {
        "session_name": name,
        "principal_arn": RICHARD_ARN,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "contractor": "1",
    }
    return GrantFacts(**facts | different)


def numbered(number: int, **different: Any) -> GrantFacts:
    """Return one of many grants, each with a session name of its own."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    name = "dp" + "".join(letters[(number >> (5 * place)) % 32] for place in range(14))
    return grant(name, **different)


RICHARD = PersonFacts(
    user_id=1, is_active=True, contractor_id=11, contractor_is_active=True, contract_ends_at=NOON + 365 * DAY
)
RITA = replace(RICHARD, user_id=2, contractor_id=12)
ALICE = PersonFacts(user_id=3, is_active=True)
BOB = PersonFacts(user_id=4, is_active=True)
ADA = PersonFacts(user_id=5, is_active=True, is_administrator=True)
MALLORY = PersonFacts(user_id=6, is_active=True)

PROVEN = IdentityFacts(contractor_id=11, kind="user", partition="aws", is_proven=True)

RULES = RoleSettings(
    role_id=21,
    account_id="111111111111",
    is_active=True,
    longest_window=8 * HOUR,
    allows_own_identity=True,
    allows_portal_issued=False,
    quorum=1,
    approver_ids=frozenset({ALICE.user_id, BOB.user_id}),
    contractor_ids=frozenset({11}),
)
REQUEST = RequestFacts(
    requester_id=RICHARD.user_id,
    contractor_id=11,
    contractor_is_active=True,
    contract_ends_at=NOON + 365 * DAY,
    role=RULES,
    state=RequestState.PENDING,
    window=Window(NOON, NOON + HOUR),
    requested=Window(NOON, NOON + HOUR),
    expires_at=NOON + HOUR,
    content_hash="0" * 64,
    identity=PROVEN,
)
ON_APPROVAL = WindowOnApproval(HOUR, latest_start=NOON + DAY, latest_end=NOON + DAY + HOUR)
# Richard asks for an hour from the approval, which is possible for a day.
FLOATING = replace(REQUEST, window=ON_APPROVAL, requested=ON_APPROVAL, expires_at=NOON + DAY)


def between(request: RequestFacts, starts_at: datetime = NOON, ends_at: datetime = NOON + HOUR) -> RequestFacts:
    """Return the request with another chosen window."""
    window = Window(starts_at, ends_at)
    return replace(request, window=window, requested=window, expires_at=ends_at)
