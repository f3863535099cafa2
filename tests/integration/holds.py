"""What holds whatever happens: the part of the stateful test that judges."""

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from access.ledger.walks import broken_links
from access.lifecycle import GrantState
from access.models import Decision, Grant, Role, RoleState
from access.reconcile import convergence, drift, due
from tests.fakes.iam import FakeIam
from tests.faults import oracle

ARNS = tuple(f"arn:aws:iam::222222222222:user/{name}" for name in ("Richard", "Rosa"))


class Holds(RuleBasedStateMachine):
    """Judges one role in a fake IAM by what was approved, and by nothing that the product computes."""

    iam: FakeIam
    role: Role
    now: datetime
    unmanaged: list[dict[str, Any]]
    ended: set[str]
    settled: ClassVar[int] = 0
    windows: dict[str, tuple[str, datetime, datetime]]

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=7)
        return self.now

    def a_sweep_runs(self) -> None:
        for role_id in [*due.due(now=self.clock()), *drift.drifted(now=self.clock())]:
            convergence.role(role_id, now=self.clock)

    @invariant()
    def nobody_is_admitted_outside_an_approved_window(self) -> None:
        if not hasattr(self, "windows"):
            return
        trust = self._ours()
        lease_is_out = Role.objects.exclude(state__lease_holder="").filter(pk=self.role.pk).exists()
        for name, (arn, start, end) in self.windows.items():
            for at in (self.now, start - timedelta(seconds=1), end, end + timedelta(days=400)):
                inside = start <= at < end
                if not inside and not lease_is_out:
                    assert not oracle.admits(trust, oracle.Caller(arn, name), at), (name, at)
            for other in ARNS:
                if other != arn and not lease_is_out:
                    assert not oracle.admits(trust, oracle.Caller(other, name), self.now)

    @invariant()
    def unmanaged_statements_stay(self) -> None:
        if hasattr(self, "unmanaged"):
            there = [json.dumps(s, sort_keys=True) for s in self._shown()["Statement"]]
            assert all(json.dumps(statement, sort_keys=True) in there for statement in self.unmanaged)

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        if not hasattr(self, "ended"):
            return
        ended = {g.session_name for g in Grant.objects.all() if g.state(now=self.now) is GrantState.ENDED}
        assert self.ended <= ended
        self.ended = ended

    @invariant()
    def the_audit_chain_holds(self) -> None:
        if hasattr(self, "outer"):
            assert list(broken_links()) == []

    @invariant()
    def what_was_called_ended_is_not_in_aws(self) -> None:
        if hasattr(self, "ended"):
            assert not self.ended & {str(s["Sid"]) for s in self._ours_in_aws()}

    @invariant()
    def every_grant_has_an_approval_to_its_content_by_somebody_else(self) -> None:
        if not hasattr(self, "windows"):
            return
        for grant in Grant.objects.select_related("request"):
            request = grant.request
            decisions = Decision.objects.filter(request=request, verdict="approve", content_hash=request.content_hash)
            assert decisions.exclude(approver=request.requester).exists()
            assert not decisions.filter(approver=request.requester).exists()

    def _settle(self) -> None:
        """When nothing disturbs any more, AWS becomes what the database says, and then nothing is written."""
        self.iam.troubles = []
        self._converge()
        allowing = {s.get("Sid") for s in self._shown()["Statement"] if s["Effect"] == "Allow"}
        assert allowing <= set(self.windows), "an Allow that belongs to no grant stayed"
        sids = {s.get("Sid") for s in self._shown()["Statement"]}
        expiry_policy = self.iam.roles[self.role.arn].expiry_policy
        unique_id = self.iam.roles[self.role.arn].unique_id
        for grant in Grant.objects.all():
            state = grant.state(now=self.now)
            assert state in {GrantState.SCHEDULED, GrantState.ACTIVE, GrantState.BLOCKED, GrantState.ENDED}, state
            assert (grant.session_name in sids) == (state in {GrantState.SCHEDULED, GrantState.ACTIVE}), state
            if grant.revoked_at and self.now < grant.revoked_at + timedelta(hours=13, minutes=9):
                assert oracle.denies(expiry_policy, f"{unique_id}:{grant.session_name}", self.now)
        before = len(self.iam.writes)
        type(self).settled += 1
        # One idle sweep is like the other: every tenth sequence sees all twenty.
        for _ in range(4 if self.settled % 10 else 20):
            self.now += timedelta(seconds=1)
            self.a_sweep_runs()
        ends = [g.ends_at for g in Grant.objects.all()]
        if not any(self.now - timedelta(seconds=30) <= end <= self.now for end in ends):
            assert len(self.iam.writes) == before

    def _converge(self) -> None:
        """Let time go by until the role is in sync and quiet, and once more."""
        for _ in range(6):
            self.now += timedelta(minutes=2)
            self.a_sweep_runs()
            convergence.role(self.role.pk, now=self.clock)
            state = RoleState.objects.get(pk=self.role.pk)
            if state.reconciled_generation == state.generation and not state.failures and state.settle_until is None:
                break
        self.now += timedelta(minutes=2)
        self.a_sweep_runs()

    def _shown(self) -> Any:
        return self.iam.read_trust(target=self.role.account.aws_target(), arn=self.role.arn)

    def _ours_in_aws(self) -> list[dict[str, Any]]:
        return [s for s in self._shown()["Statement"] if str(s.get("Sid", "")).startswith("dp")]

    def _ours(self) -> dict[str, Any]:
        return {"Statement": [s for s in self._ours_in_aws() if s["Sid"] != "dpclosed"]}
