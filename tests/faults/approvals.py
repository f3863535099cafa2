"""What was approved for whom, as the tests note it for themselves."""

from dataclasses import dataclass
from datetime import datetime

from access.models import Grant, User
from tests.faults.oracle import Caller
from tests.localaws.server import Credentials


@dataclass(frozen=True)
class ContractorUser:
    """A contractor: their account in the portal, their user in AWS, and the keys of that user."""

    user: User
    arn: str
    keys: Credentials


@dataclass
class Approval:
    """What was approved in the test: this principal, this role, this session name, from `starts_at` to `ends_at`."""

    grant: Grant
    contractor: ContractorUser
    role: str
    starts_at: datetime
    ends: list[tuple[datetime, datetime]]  # when it was approved, until when
    revoked_at: datetime | None = None
    session: Credentials | None = None
    is_aside: bool = False  # nothing that the test itself is about

    @property
    def session_name(self) -> str:
        return self.grant.session_name

    @property
    def ends_at(self) -> datetime:
        return self.ends[-1][1]

    @property
    def caller(self) -> Caller:
        return Caller(self.contractor.arn, self.session_name)

    def covers(self, at: datetime, *, known_by: datetime) -> bool:
        """Return whether what had been approved by `known_by` admits the contractor at `at`."""
        return any(approved_at <= known_by and self.starts_at <= at < end for approved_at, end in self.ends)

    def end_known_by(self, at: datetime) -> datetime:
        """Return the end that had been approved by then."""
        return max(end for approved_at, end in self.ends if approved_at <= at)

    def is_over(self, at: datetime) -> bool:
        return self.revoked_at is not None or at >= self.ends_at
