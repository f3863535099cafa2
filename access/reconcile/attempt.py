"""One attempt to update a role that exists in AWS: recover, plan, write, record."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from access import aws, skew
from access.lifecycle import RoleFacts
from access.models import Grant, Role
from access.reconcile import degraded, outcome, unmanaged
from access.reconcile.lease import Clock, LeaseLost
from access.reconcile.plan import LeftOut, Plan, check_decided, facts_of, kept_out, to_leave_out
from access.reconcile.write_order import write_documents
from access.reconcile.writing import EditedMeanwhile, Writer

log = structlog.get_logger(__name__)


def converge(writer: Writer, *, now: Clock) -> None:
    """Make AWS match the grants, and record how it was read back; raises whatever keeps it from that."""
    attempt = Attempt.begin(writer, now=now)
    attempt.recover()
    plan = attempt.plan()
    while not attempt.write(plan):
        plan = attempt.plan()
    attempt.record(plan)


@dataclass(slots=True)
class Attempt:
    """What one attempt knows: `at` is the time by which it plans, `observed` the role as it was read last, and `first`
    as it was before all writes. `left_out` says which grants are not written, and why.

    With `ends_first`, what is urgently ended is written before anybody is admitted.
    """

    writer: Writer
    now: Clock
    at: datetime
    role: RoleFacts
    first: aws.RoleSnapshot
    observed: aws.RoleSnapshot
    rows: list[Grant] = field(default_factory=list)
    accepted: frozenset[str] = frozenset()
    left_out: LeftOut = field(default_factory=dict)
    ends_first: bool = True
    wrote: bool = False

    @classmethod
    def begin(cls, writer: Writer, *, now: Clock) -> "Attempt":
        """Read the role from AWS."""
        row, observed = writer.row, writer.read()
        writer.differ = skew.found(now=now(), needs_aws=True)
        at = skew.earliest(now()) if writer.differ else now()
        return cls(writer, now, at, replace(row.facts(), unique_id=observed.unique_id), observed, observed)

    @property
    def row(self) -> Role:
        return self.writer.row

    def recover(self) -> None:
        """Record what an earlier attempt wrote and did not come to record; then read the grants, which that changes."""
        if self.row.state.write_intent is not None:
            outcome.count_as_written(self.row, at=self.at)
        outcome.recover(self.row, self.first, at=self.at)
        self.rows = list(self.row.grants.in_documents(now=self.at))
        self.writer.grants = facts_of(self.rows)
        self.accepted = unmanaged.accepted(self.row)

    def plan(self) -> Plan:
        """Return what the role should have now, without the grants that cannot be written."""
        grants, row = self.writer.grants or (), self.row
        self.left_out = self.left_out | kept_out(grants, self.observed, managed=row.is_managed, at=self.at)
        return degraded.make_plan(
            self.role,
            grants,
            self.observed,
            self.left_out,
            differ=self.writer.differ,
            at=self.at,
            accepted=self.accepted,
            former=row.grants.former(self.observed.expiry_policy, role=self.role, beside=grants),
            ends_first=self.ends_first,
        )

    def write(self, plan: Plan) -> bool:
        """Write what differs from the plan, and return whether AWS has taken a whole plan.

        Otherwise the role was read again: a grant that IAM refuses is left out of the next plan, somebody edited the
        role meanwhile, or the plan held only what ends.
        """
        try:
            self.wrote = write_documents(plan, self.observed, self.writer) or self.wrote
            if not plan.is_partial:
                return True
            self.ends_first = False
        except (aws.PrincipalMissing, aws.PolicyFull) as error:
            self.left_out = self.left_out | to_leave_out(plan, self.observed, error)
        except EditedMeanwhile:
            log.warning("role.edited_meanwhile", role=self.row.arn)
        self.observed = self.writer.read()
        return False

    def record(self, plan: Plan) -> None:
        """Read the role back, and record on it, on its grants and in the audit log what it has now.

        Raises LeaseLost when somebody else has the role by now, and Undecided when the verifier could not judge it.
        """
        is_changed = self.wrote or self.observed is not self.first
        if is_changed:
            self.observed = self.writer.read()
        self._keep_lease(is_changed=is_changed)
        changes = [outcome.write_event(self.row, self.first, self.observed)] if is_changed else []
        outcome.converged(self.row, self.rows, plan, self.observed, changes=changes, at=self.now())
        self.writer.has_intent = False
        unmanaged.record_settled(self.row, self.writer.grants or (), plan.unmanaged, self.observed, at=self.now())
        if is_changed:
            log.info("role.written", role=self.row.arn)
        check_decided(plan)

    def _keep_lease(self, *, is_changed: bool) -> None:
        """Raise LeaseLost when the role was lost while AWS was waited for, and record only what was written."""
        try:
            self.writer.held.renew(now=self.now)
        except LeaseLost:
            # Then another worker holds the lease, and only that worker can record the state.
            if is_changed:
                outcome.superseded(self.row, self.first, self.observed, at=self.now())
            raise
