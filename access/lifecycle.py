"""The states of a request and of a grant, and the transitions between them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

# The pattern of Daypass's session names, for IAM's StringLike: dp and 14 characters. It is for a Deny of all actions: a
# shorter pattern would also match sessions of the owner of an imported role.
SESSION_NAME_PATTERN = "dp" + "?" * 14
# The pattern for the Deny of the two actions with which a session becomes a longer one. Nobody else's work depends on
# these actions, so it is the widest one.
OAUTH_SESSION_PATTERN = "dp*"


class RequestState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class GrantState(StrEnum):
    SCHEDULED = "scheduled"
    ACTIVATING = "activating"
    ACTIVE = "active"
    BLOCKED = "blocked"
    ENDING = "ending"
    ENDED = "ended"


class Problem(StrEnum):
    """The machine word of what keeps AWS from being as the database says; the sentence is stored beside it."""

    AWS_UNAVAILABLE = "aws_unavailable"
    AWS_THROTTLED = "aws_throttled"
    AWS_DENIED = "aws_denied"
    ROLE_MISSING = "role_missing"
    PRINCIPAL_MISSING = "principal_missing"
    PRINCIPAL_DELETED = "principal_deleted"
    ADMITTED_BY_UNMANAGED = "admitted_by_unmanaged"
    POLICY_FULL = "policy_full"
    POLICY_REFUSED = "policy_refused"
    VERIFIER_REFUSED = "verifier_refused"
    INTERNAL_ERROR = "internal_error"
    AUDIT_UNAVAILABLE = "audit_unavailable"
    UNMANAGED_STATEMENT = "unmanaged_statement"
    BLOCKED_BY_DENY = "blocked_by_deny"
    CLOCK_SKEW = "clock_skew"


# Problems that can disappear by themselves. A grant with one of these is activating or ending, not blocked.
PASSING_PROBLEMS = frozenset(
    {
        Problem.AWS_UNAVAILABLE,
        Problem.AWS_THROTTLED,
        Problem.AWS_DENIED,
        Problem.AUDIT_UNAVAILABLE,
        Problem.CLOCK_SKEW,
    }
)

# Problems after which the worker never writes the grant again. The requester needs a new approval.
FINAL_PROBLEMS = frozenset({Problem.PRINCIPAL_DELETED})

REQUEST_MOVES: dict[str, tuple[RequestState, RequestState]] = {
    "approve": (RequestState.PENDING, RequestState.APPROVED),
    "deny": (RequestState.PENDING, RequestState.DENIED),
    "withdraw": (RequestState.PENDING, RequestState.WITHDRAWN),
    "expire": (RequestState.PENDING, RequestState.EXPIRED),
}

# A grant stores facts, not a state: each row says which fact leads from one computed state to the next.
GRANT_MOVES: tuple[tuple[GrantState, str, GrantState], ...] = (
    (GrantState.SCHEDULED, "start reached, not yet in AWS", GrantState.ACTIVATING),
    (GrantState.SCHEDULED, "start reached, read back from AWS", GrantState.ACTIVE),
    (GrantState.SCHEDULED, "problem", GrantState.BLOCKED),
    (GrantState.SCHEDULED, "revoked", GrantState.ENDING),
    (GrantState.ACTIVATING, "read back from AWS", GrantState.ACTIVE),
    (GrantState.ACTIVATING, "problem", GrantState.BLOCKED),
    (GrantState.ACTIVATING, "end reached or revoked", GrantState.ENDING),
    (GrantState.BLOCKED, "problem gone before the start", GrantState.SCHEDULED),
    (GrantState.BLOCKED, "problem gone", GrantState.ACTIVATING),
    (GrantState.BLOCKED, "read back from AWS", GrantState.ACTIVE),
    (GrantState.BLOCKED, "end reached or revoked", GrantState.ENDING),
    (GrantState.ACTIVE, "no longer found in AWS", GrantState.ACTIVATING),
    (GrantState.ACTIVE, "problem", GrantState.BLOCKED),
    (GrantState.ACTIVE, "end reached or revoked", GrantState.ENDING),
    (GrantState.ENDING, "statement gone from AWS, Deny read back", GrantState.ENDED),
)


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What the pure floors need to know of one role of ours."""

    arn: str
    unique_id: str
    managed: bool
    issuer_arn: str = ""


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """What the pure floors need to know of one grant.

    `session_name` is also the Sid of its statement and is never used again. `unique_id` is the proven AIDA…/AROA… id of
    the principal, AROA…:<session> when only that session was proven, or empty. All times are aware and UTC.
    `contractor` is an opaque key for counting shares.
    """

    session_name: str
    principal_arn: str
    starts_at: datetime
    ends_at: datetime
    unique_id: str = ""
    external_id: str = ""
    requires_mfa: bool = False
    source_cidrs: tuple[str, ...] = field(default=())
    portal_issued: bool = False
    contractor: str = ""
    revoked_at: datetime | None = None
    written_at: datetime | None = None
    applied_at: datetime | None = None
    removed_at: datetime | None = None
    problem: Problem | Literal[""] = ""


def is_over(grant: GrantFacts, *, now: datetime) -> bool:
    """Return whether the grant gives nothing any more: revoked, or past its end (the end itself is outside the
    window).
    """
    return grant.revoked_at is not None or now >= grant.ends_at


def can_be_ended(grant: GrantFacts, *, now: datetime) -> bool:
    """Return whether there is something to end: not revoked, and not known to be out of AWS.

    Past its end it still counts until the worker has read AWS without it: this clock may be ahead of the one of AWS.
    """
    return grant.revoked_at is None and (grant.removed_at is None or now < grant.ends_at)


def grant_state(grant: GrantFacts, *, now: datetime) -> GrantState:
    """Return the state that the facts amount to at `now`; "ended" needs AWS to have been read back without the
    grant.
    """
    if is_over(grant, now=now):
        return GrantState.ENDING if grant.removed_at is None else GrantState.ENDED
    if grant.problem and grant.problem not in PASSING_PROBLEMS:
        return GrantState.BLOCKED
    if now < grant.starts_at:
        return GrantState.SCHEDULED
    return GrantState.ACTIVATING if grant.applied_at is None else GrantState.ACTIVE


def next_change(grant: GrantFacts, *, now: datetime) -> datetime | None:
    """Return the next instant at which what AWS should hold for this grant changes just by time, or None."""
    return None if is_over(grant, now=now) else grant.ends_at


def mermaid() -> str:
    """Return both state diagrams as Mermaid source, for docs/reference/lifecycle.md."""
    moves = [f"    {source} --> {target}: {name}" for name, (source, target) in REQUEST_MOVES.items()]
    facts = [f"    {source} --> {target}: {fact}" for source, fact, target in GRANT_MOVES]
    beginnings = [
        f"    [*] --> {GrantState.SCHEDULED}: approve",
        f"    [*] --> {GrantState.ACTIVATING}: approve after the start",
    ]
    request = _diagram("A request", [f"    [*] --> {RequestState.PENDING}: submit", *moves])
    return request + _diagram("A grant", [*beginnings, *facts, f"    {GrantState.ENDED} --> [*]"])


def _diagram(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", "", "```mermaid", "stateDiagram-v2", *lines, "```", "", ""])
