"""Every write of the worker to a role's documents: in its turn, while its lease lasts for it, noted before and, when
AWS does not answer, after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from access import aws, trust
from access.guarding import guarded
from access.lifecycle import GrantFacts
from access.models import Role
from access.reconcile import outcome, pace
from access.reconcile.denies import keep_denies
from access.reconcile.lease import Clock, Lease
from access.trust import Document

log = structlog.get_logger(__name__)


class EditedMeanwhile(Exception):
    """Somebody else changed the trust policy since we read it."""


@dataclass(slots=True)
class Writer:
    """The writes of one attempt at a role; each may raise NotOurTurn, LeaseLost, and what AWS answers.

    `first` is what the role was first read with, where its writes are recorded together at the end of the attempt.
    `seen` is what it was read with last, with the closing policy that was written since; None when it was not read.
    `grants` are what it was to hold when they were read. `room` is how many characters its closing policy may have.
    `is_put_off` says that a write of it failed with something that may pass by itself, `differ` which clocks differ.
    """

    row: Role
    held: Lease
    turns: pace.Turns
    now: Clock
    room: int
    first: aws.RoleRead | None = None
    seen: aws.RoleRead | None = None
    grants: tuple[GrantFacts, ...] | None = None
    is_noted: bool = False
    is_put_off: bool = False
    differ: str = ""

    @classmethod
    def of(cls, row: Role, held: Lease, *, now: Clock) -> "Writer":
        """Give the writer of a new attempt."""
        return cls(row, held, pace.Turns(row.account), now, room=trust.CLOSING_QUOTA - row.other_inline_size)

    def read(self) -> aws.RoleRead:
        """Read the role; raises what AWS answers."""
        self.seen = None
        name = trust.CLOSING_POLICY_NAME
        self.seen = aws.read_role(reach=self.row.account.reach(), arn=self.row.arn, closing_name=name)
        self.first = self.first or self.seen
        return self.seen

    def write_closing(self, policy: Document | None, *, urgent: bool, takes_away: bool = False) -> None:
        """Replace the closing policy. `takes_away` says that a session has to be denied that AWS may not deny yet.

        Where it is sent although what it replaces could not be noted, it drops no Deny and moves none later.
        """
        self.await_turn(urgent=urgent)
        self.held.renew(now=self.now)
        is_new = self.note(takes_away=takes_away)
        if self.seen is not None and not self.is_noted:
            policy = keep_denies(policy, self.seen.closing)
        self._send(partial(self._put_closing, policy), is_new=is_new)

    def write_trust(
        self, policy: Document, *, before: Mapping[str, Any], urgent: bool = False, takes_away: bool = False
    ) -> None:
        """Replace the trust policy; raises EditedMeanwhile when it is no longer as it was `before`.

        `takes_away` says that it admits nobody whom it did not admit before.

        IAM has no conditional write, and an edit that is overwritten leaves no trace there: so the policy is read again
        in the last moment, which leaves a gap of one call.
        """
        self.await_turn(urgent=urgent)
        reach, arn = self.row.account.reach(), self.row.arn
        if not trust.same(aws.read_trust(reach=reach, arn=arn), before):
            raise EditedMeanwhile(arn)
        self.held.renew(now=self.now)
        write = partial(aws.write_trust, reach=reach, arn=arn, policy=policy)
        self._send(write, is_new=self.note(takes_away=takes_away))

    def await_turn(self, *, urgent: bool) -> None:
        """Return when a write may be sent; raises NotOurTurn."""
        if pace.is_throttled(self.turns.account, at=self.now()):
            self.turns.await_next(urgent=urgent, now=self.now)

    def _put_closing(self, policy: Document | None) -> None:
        """Send it, and keep in mind what came of it: what an attempt knows of AWS is all that a fallback has."""
        try:
            aws.write_closing(
                reach=self.row.account.reach(), arn=self.row.arn, name=trust.CLOSING_POLICY_NAME, policy=policy
            )
        except aws.PolicyFull:
            self.room = min(self.room, trust.size(policy)) // 2
            raise
        except aws.Retryable:
            self.is_put_off = True
            raise
        if self.seen is not None:
            self.seen = replace(self.seen, closing=policy)

    def _send(self, write: Callable[[], None], *, is_new: bool) -> None:
        """Send a write. `is_new` says that it is noted, and nothing was noted before it."""
        try:
            write()
        except aws.Unavailable:
            self.held.await_late_write(now=self.now)
            raise
        except aws.AwsError:
            if is_new:
                outcome.forget_unrecorded(self.row)
                self.is_noted = False
            raise

    def note(self, *, takes_away: bool = False) -> bool:
        """Note what is written over, once in an attempt; return whether nothing was noted before this write.

        Where the write only takes away, a note that fails is logged and the write is sent all the same.
        """
        if self.first is None or self.is_noted:
            return False
        noted = guarded(partial(outcome.note_unrecorded, self.row, self.first))
        if isinstance(noted, Exception):
            if not takes_away:
                raise noted
            log.error("role.write_not_noted", role=self.row.arn, exc_info=noted)
            return False
        self.is_noted = True
        return noted
