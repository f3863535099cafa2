"""What the rules need to know of people, roles, identities and requests; and how they say no."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from access.lifecycle import RequestState

REASON_MAX_LENGTH = 2000
LONGEST_WAIT_FOR_START = timedelta(days=90)
LONGEST_CONTRACT = timedelta(days=2 * 366)
MAX_PENDING_PER_CONTRACTOR = 5


class Refused(Exception):
    """The rules say no; the message is a sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Who somebody is at this moment. `contractor_id` is None for inside people."""

    user_id: int
    is_active: bool
    is_administrator: bool = False
    is_sponsor: bool = False
    contractor_id: int | None = None
    contractor_is_active: bool = False
    contract_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoleRules:
    """What a role asks of those who ask for it and of those who decide."""

    role_id: int
    account_id: str
    is_active: bool
    longest_window: timedelta
    allows_own_identity: bool
    allows_portal_issued: bool
    quorum: int
    approver_ids: frozenset[int]
    contractor_ids: frozenset[int]
    allows_console: bool = False
    partition: str = "aws"
    requires_mfa: bool = False
    allows_vouched: bool = False


@dataclass(frozen=True, slots=True)
class IssueLimits:
    """How many sessions one grant may open in an hour, and how many of them may live at once."""

    per_hour: int
    live: int


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """An AWS identity of a contractor's, and how we know that it is his; neither proven nor vouched for counts not."""

    contractor_id: int
    kind: Literal["user", "role", "session"]
    partition: str
    is_proven: bool
    voucher_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One request as the rules see it."""

    requester_id: int
    contractor_id: int
    contractor_is_active: bool
    contract_ends_at: datetime
    role: RoleRules
    state: RequestState
    starts_at: datetime
    ends_at: datetime
    content_hash: str
    decided_by: frozenset[int]
    identity: IdentityFacts | None = None
    sponsor_id: int | None = None


def passes(check: Callable[[], None]) -> bool:
    """Say whether a check lets it be: how every `can_x` asks its `check_x`."""
    try:
        check()
    except Refused:
        return False
    return True
