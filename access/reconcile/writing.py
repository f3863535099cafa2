"""Make every write of the worker to a role's documents.

A write waits for its slot, and is sent only while the lease lasts long enough. The worker stores a write intent before
the write, and records afterwards if AWS did not answer.
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
    """Somebody else changed the trust policy after the worker read it."""


@dataclass(slots=True)
class Writer:
    """The writes of one attempt to update a role. Each can raise RateLimited, LeaseLost and errors from AWS.

    `first` is the role as it was first read, if the attempt records its writes together at the end. `observed` is the
    role as it was last read, with the expiry policy that was written since; it is None if the role was not read.
    `grants` are the grants as they were read from the database. `max_size` is the largest size of the expiry policy in
    characters. `is_put_off` is true if the expiry policy could not be written because of a temporary error. `differ`
    says which clocks differ.
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
        """Return the writer for a new attempt."""
        return cls(
            row, held, rate_limit.Slots(row.account), now, max_size=trust.INLINE_QUOTA - row.state.other_inline_size
        )

    def read(self) -> aws.RoleSnapshot:
        """Read the role; raises errors from AWS. If AWS has not answered recently, no call is repeated."""
        self.observed = None
        name = trust.EXPIRY_POLICY_NAME
        once = guarded(partial(outage.has_silent_roles, self.row)) is True
        target = self.row.account.aws_target()
        self.observed = aws.read_role(target=target, arn=self.row.arn, expiry_policy_name=name, once=once)
        self.first = self.first or self.observed
        return self.observed

    def write_expiry_policy(self, policy: Document | None, *, urgent: bool, takes_away: bool = False) -> None:
        """Replace the expiry policy. `takes_away` says that a session must be denied that AWS might not deny yet.

        If the overwritten statements could not be recorded, the new policy removes no Deny and makes none later.
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
        """Replace the trust policy; raises EditedMeanwhile if it has changed since it was `before`.

        `takes_away` says that the new policy admits nobody whom the old one did not admit.

        IAM has no conditional write, and does not record an overwritten change. So the worker reads the policy again
        immediately before the write. This leaves a gap of one call.
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
        """Send the expiry policy and remember the result.

        The fallback expiry policy is based on what the attempt knows about AWS.
        """
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
        """Send a write. `is_new` says that this attempt stored the write intent, and that there was none before."""
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
        """Store a write intent, once in an attempt; return whether there was none before this write.

        Nothing is stored if another worker has taken over the role. If the write only removes access, a failure to
        store the intent is logged, and the write is sent anyway.
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
