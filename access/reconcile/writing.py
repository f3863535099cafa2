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
from access.ledger.role_states import discard_write_intent
from access.lifecycle import GrantFacts
from access.models import Role
from access.reconcile import outage, outcome, rate_limit
from access.reconcile.denies import keep_denies
from access.reconcile.lease import Clock, Lease
from access.texts.text import Text
from access.trust import Document

log = structlog.get_logger(__name__)


class EditedMeanwhile(Exception):
    """Somebody else changed the trust policy since we read it."""


@dataclass(slots=True)
class Writer:
    """The writes of one attempt at a role; each can raise RateLimited, LeaseLost, and what AWS answers.

    `first` is what the role was first read with, where its writes are recorded together at the end of the attempt.
    `observed` is what it was read with last, with the expiry policy that was written since; None when it was not read.
    `grants` are what it was to hold when they were read. `max_size` is how many characters its expiry policy can have.
    `is_put_off` says that a write of it failed with something that may pass by itself, `differ` which clocks differ.
    """

    row: Role
    held: Lease
    slots: rate_limit.Slots
    now: Clock
    max_size: int
    first: aws.RoleSnapshot | None = None
    observed: aws.RoleSnapshot | None = None
    grants: tuple[GrantFacts, ...] | None = None
    has_intent: bool = False
    is_put_off: bool = False
    differ: Text | None = None

    @classmethod
    def of(cls, row: Role, held: Lease, *, now: Clock) -> "Writer":
        """Return the writer of a new attempt."""
        return cls(
            row, held, rate_limit.Slots(row.account), now, max_size=trust.INLINE_QUOTA - row.state.other_inline_size
        )

    def read(self) -> aws.RoleSnapshot:
        """Read the role; raises what AWS answers. Where it gives no answer lately, no call is repeated."""
        self.observed = None
        name = trust.EXPIRY_POLICY_NAME
        once = guarded(partial(outage.has_silent_roles, self.row)) is True
        target = self.row.account.aws_target()
        self.observed = aws.read_role(target=target, arn=self.row.arn, expiry_policy_name=name, once=once)
        self.first = self.first or self.observed
        return self.observed

    def write_expiry_policy(self, policy: Document | None, *, urgent: bool, takes_away: bool = False) -> None:
        """Replace the expiry policy. `takes_away` says that a session has to be denied that AWS might not deny yet.

        Where it is sent although what it replaces could not be recorded, it drops no Deny and moves none later.
        """
        self.await_slot(urgent=urgent)
        # Do this before renewing the lease: a thread can wait long for credentials that another thread gets, or for a
        # row.
        aws.prepare_write(target=self.row.account.aws_target())
        is_new = self.record_intent(takes_away=takes_away)
        if self.observed is not None and not self.has_intent:
            policy = keep_denies(policy, self.observed.expiry_policy)
        self.held.renew(now=self.now)
        self._send(partial(self._put_expiry_policy, policy), is_new=is_new)

    def write_trust(
        self, policy: Document, *, before: Mapping[str, Any], urgent: bool = False, takes_away: bool = False
    ) -> None:
        """Replace the trust policy; raises EditedMeanwhile when it is no longer as it was `before`.

        `takes_away` says that it admits nobody whom it did not admit before.

        IAM has no conditional write, and an edit that is overwritten leaves no trace there: so the policy is read again
        in the last moment, which leaves a gap of one call.
        """
        self.await_slot(urgent=urgent)
        target, arn = self.row.account.aws_target(), self.row.arn
        if not trust.same(aws.read_trust(target=target, arn=arn), before):
            raise EditedMeanwhile(arn)
        is_new = self.record_intent(takes_away=takes_away)
        self.held.renew(now=self.now)
        self._send(partial(aws.write_trust, target=target, arn=arn, policy=policy), is_new=is_new)

    def await_slot(self, *, urgent: bool) -> None:
        """Return when a write can be sent; raises RateLimited."""
        if rate_limit.is_throttled(self.slots.account, at=self.now()):
            self.slots.await_next(urgent=urgent, now=self.now)

    def _put_expiry_policy(self, policy: Document | None) -> None:
        """Send it, and keep in mind what came of it: what an attempt knows of AWS is all that a fallback has."""
        try:
            aws.write_expiry_policy(
                target=self.row.account.aws_target(), arn=self.row.arn, name=trust.EXPIRY_POLICY_NAME, policy=policy
            )
        except aws.PolicyFull:
            self.max_size = min(self.max_size, trust.size(policy)) // 2
            raise
        except aws.Retryable:
            self.is_put_off = True
            raise
        if self.observed is not None:
            self.observed = replace(self.observed, expiry_policy=policy)

    def _send(self, write: Callable[[], None], *, is_new: bool) -> None:
        """Send a write. `is_new` says that it is recorded, and nothing was noted before it."""
        try:
            write()
        except aws.Unavailable:
            self.held.await_late_write(now=self.now)
            raise
        except aws.AwsError:
            if is_new:
                discard_write_intent(self.row)
                self.has_intent = False
            raise

    def record_intent(self, *, takes_away: bool = False) -> bool:
        """Note what is written over, once in an attempt; return whether nothing was noted before this write.

        Nothing is noted for a role that somebody else has by now.

        Where the write only removes, a failed record is logged and the write is sent all the same.
        """
        if self.first is None or self.has_intent:
            return False
        recorded = guarded(partial(outcome.record_write_intent, self.row, self.first, holder=self.held.holder))
        if isinstance(recorded, Exception):
            if not takes_away:
                raise recorded
            log.error("role.write_intent_unrecorded", role=self.row.arn, exc_info=recorded)
            return False
        self.has_intent = True
        return recorded
