"""Every write of the worker to a role's documents: in its turn, while its lease lasts for it, noted before and, when
AWS does not answer, after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from access import aws, trust
from access.models import Role
from access.reconcile import outcome, pace
from access.reconcile.lease import Clock, Lease
from access.trust import Document


class EditedMeanwhile(Exception):
    """Somebody else changed the trust policy since we read it."""


@dataclass(slots=True)
class Writer:
    """The writes of one attempt at a role; each may raise NotOurTurn, LeaseLost, and what AWS answers.

    `first` is what the role was first read with, where its writes are recorded together at the end of the attempt.
    """

    row: Role
    held: Lease
    first: aws.RoleRead | None
    turns: pace.Turns
    now: Clock
    is_noted: bool = False

    @classmethod
    def of(cls, row: Role, held: Lease, *, first: aws.RoleRead | None = None, now: Clock) -> "Writer":
        """Give the writer of a new attempt."""
        return cls(row, held, first, pace.Turns(row.account), now)

    def write_closing(self, policy: Document | None, *, urgent: bool) -> None:
        """Replace the closing policy."""
        self._await_turn(urgent=urgent)
        reach, arn, name = self.row.account.reach(), self.row.arn, trust.CLOSING_POLICY_NAME
        self._send(partial(aws.write_closing, reach=reach, arn=arn, name=name, policy=policy))

    def write_trust(self, policy: Document, *, before: Mapping[str, Any], urgent: bool = False) -> None:
        """Replace the trust policy; raises EditedMeanwhile when it is no longer as it was `before`.

        IAM has no conditional write, and an edit that is overwritten leaves no trace there: so the policy is read again
        in the last moment, which leaves a gap of one call.
        """
        self._await_turn(urgent=urgent)
        reach, arn = self.row.account.reach(), self.row.arn
        if not trust.same(aws.read_trust(reach=reach, arn=arn), before):
            raise EditedMeanwhile(arn)
        self._send(partial(aws.write_trust, reach=reach, arn=arn, policy=policy))

    def _await_turn(self, *, urgent: bool) -> None:
        if pace.is_throttled(self.turns.account, at=self.now()):
            self.turns.await_next(urgent=urgent, now=self.now)

    def _send(self, write: Callable[[], None]) -> None:
        self.held.renew(now=self.now)
        is_new = self._note()
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

    def _note(self) -> bool:
        """Note what is written over, once in an attempt; say whether nothing was noted before this write."""
        if self.first is None or self.is_noted:
            return False
        self.is_noted = True
        return outcome.note_unrecorded(self.row, self.first)
