"""The facts about people, roles, identities and requests that rules need, and how rules refuse."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from access.lifecycle import RequestState
from access.rules.hours import OfficeHours
from access.rules.windows import AnyWindow, Window
from access.texts.text import CodedError, Text

REASON_MAX_LENGTH = 2000
LONGEST_WAIT_FOR_START = timedelta(days=90)
LONGEST_WAIT_FOR_DECISION = timedelta(days=90)
USUAL_WAIT_FOR_DECISION = timedelta(days=1)
LONGEST_BREAK_GLASS = timedelta(hours=1)
LONGEST_CONTRACT = timedelta(days=2 * 366)
MOST_INVITATIONS = 20  # that one form sends
MAX_PENDING_PER_CONTRACTOR = 5


class Refused(CodedError):
    """The rules do not allow it."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person at this moment. `contractor_id` is None for internal users.

    `decides_again_at` is None unless their second factor was reset: until then they decide nothing.
    """

    user_id: int
    is_active: bool
    is_administrator: bool = False
    is_sponsor: bool = False
    contractor_id: int | None = None
    contractor_is_active: bool = False
    contract_ends_at: datetime | None = None
    decides_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One stage of a decision: so many of these people must approve."""

    needed: int
    approver_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class DelegationFacts:
    """Who decides in whose place, and from when until when; the end itself is outside."""

    approver_id: int
    delegate_id: int
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """A person's right to decide: in which stage, and for which approver when they are a delegate."""

    stage: int
    delegate_of: int | None


@dataclass(frozen=True, slots=True)
class CastVote:
    """An approval: by whom, for which approver, in which stage, and whether that person is still enabled."""

    approver_id: int
    stage: int = 1
    delegate_of: int | None = None
    is_active: bool = True

    @property
    def voter_id(self) -> int:
        """Return whose vote it is: a delegate and their approver share one."""
        return self.approver_id if self.delegate_of is None else self.delegate_of


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """What a role asks of those who ask for it and of those who decide.

    `approver_ids` are the approvers of all stages. `factor_age` is how old the second factor of an approver can be,
    None when the role asks for no fresher one than everything does.
    """

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
    external_id: str = ""
    allows_vouched: bool = False
    ticket_pattern: str = ""
    ticket_example: str = ""
    source_rule: str = "optional"  # or "never", "always"
    source_networks: tuple[str, ...] = ()
    stages: tuple[StageFacts, ...] = ()
    delegations: tuple[DelegationFacts, ...] = ()
    latest_start: timedelta = LONGEST_WAIT_FOR_START
    office_hours: OfficeHours | None = None
    factor_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class IssueLimits:
    """How many sessions of one grant can be opened in an hour, and how many can be live at the same time."""

    per_hour: int
    live: int


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """A contractor's AWS identity, and how we know that it is theirs. It must be proven or vouched for."""

    contractor_id: int
    kind: Literal["user", "role", "session"]
    partition: str
    is_proven: bool
    voucher_id: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for or given: a window, and the conditions beside those that the role itself asks for."""

    window: AnyWindow
    asks_mfa: bool = False
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One request as the rules see it. The window and the conditions are the current ones: what was requested, or what
    an approver made of it; `votes` are the approvals of exactly these. `requested` is the window as it was requested.
    """

    requester_id: int
    contractor_id: int | None
    contractor_is_active: bool
    contract_ends_at: datetime | None
    role: RoleSettings
    state: RequestState
    window: AnyWindow
    requested: AnyWindow
    expires_at: datetime
    content_hash: str
    votes: tuple[CastVote, ...] = ()
    identity: IdentityFacts | None = None
    sponsor_id: int | None = None
    asks_mfa: bool = False
    sources: tuple[str, ...] = ()
    extends: bool = False

    @property
    def terms(self) -> Terms:
        return Terms(self.window, self.asks_mfa, self.sources)

    def with_terms(self, terms: Terms) -> "RequestFacts":
        """Return the request as it would be with other terms."""
        return replace(self, window=terms.window, asks_mfa=terms.asks_mfa, sources=terms.sources)

    def window_now(self, *, now: datetime) -> Window:
        """Return the window of the grant that an approval at `now` would make."""
        return self.window.if_approved(now=now)

    @property
    def is_break_glass(self) -> bool:
        """Return whether it is a break-glass grant."""
        return self.contractor_id is None

    def is_overdue(self, *, now: datetime) -> bool:
        """Return whether it waits in vain, because the time in which it had to be decided is over."""
        return self.state is RequestState.PENDING and now >= self.expires_at


def passes(check: Callable[[], object]) -> bool:
    """Return whether a check lets it be: how every `can_x` asks its `check_x`."""
    return not refusal_of(check)


def refusal_of(check: Callable[[], object]) -> Text | None:
    """Return the text with which a check refuses, to show on a page; None when it allows."""
    try:
        check()
    except Refused as error:
        return error.text
    return None
