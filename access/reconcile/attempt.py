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
    """Make the role in AWS match its grants, and record what was read back. Any error ends the attempt."""
    attempt = Attempt.begin(writer, now=now)
    attempt.recover()
    plan = attempt.plan()
    while not attempt.write(plan):
        plan = attempt.plan()
    attempt.record(plan)


@dataclass(slots=True)
class Attempt:
    """The data of one attempt to update a role.

    The plan is made for the time `at`. `first` is the role as it was before all writes of this attempt, and `observed`
    is the role as it was last read. `left_out` contains the grants that are not written, each with the reason.

    If `ends_first` is true, the attempt first denies the grants that must end, and only then admits anybody.
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
        """Read the role from AWS, and return a new attempt."""
        row, observed = writer.row, writer.read()
        writer.differ = skew.found(now=now(), needs_aws=True)
        at = skew.earliest(now()) if writer.differ else now()
        return cls(writer, now, at, replace(row.facts(), unique_id=observed.unique_id), observed, observed)

    @property
    def row(self) -> Role:
        return self.writer.row

    def recover(self) -> None:
        """Record what an earlier attempt wrote but did not record.

        Then read the grants, because recording changes them.
        """
        if self.row.state.write_intent is not None:
            outcome.count_as_written(self.row, at=self.at)
        outcome.recover(self.row, self.first, at=self.at)
        self.rows = list(self.row.grants.in_documents(now=self.at))
        self.writer.grants = facts_of(self.rows)
        self.accepted = unmanaged.accepted(self.row)

    def plan(self) -> Plan:
        """Return the plan for the role, without the grants that cannot be written."""
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
        """Write the documents that differ from the plan, and return whether AWS has accepted a complete plan.

        Otherwise, read the role again, so that the caller can make the next plan. There are three reasons: IAM refused
        a grant, which the next plan leaves out; somebody edited the role in the meantime; or the plan was partial.
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
        """Read the role back, and record its state on the role, on its grants and in the audit log.

        Raises LeaseLost if another worker has taken over the role, and Undecided if the verifier failed for a grant.
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
        """Renew the lease. If another worker has taken over the role, record only the write, and raise LeaseLost."""
        try:
            self.writer.held.renew(now=self.now)
        except LeaseLost:
            # Then another worker holds the lease, and only that worker can record the state.
            if is_changed:
                outcome.superseded(self.row, self.first, self.observed, at=self.now())
            raise
