"""Anything may happen in any order: people ask, decide and end, AWS fails, processes die, others edit, time passes.

Whatever happened, nobody gets in outside an approved window by a statement of ours, statements of others stay, and when
everything is quiet again AWS says what the database says, and nothing more is written.
"""

import contextlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from access import actions, aws, ledger, reconcile
from access.ledger import Conflict
from access.lifecycle import GrantState, RequestState
from access.models import Grant, Request, Role, User
from access.rules import Refused
from tests import factories
from tests.factories import NOON
from tests.fakes.iam import FakeIam, Killed
from tests.faults import judge

# The sequences are the same on both databases; PostgreSQL gets a slice.
SEQUENCES = 500 if connection.vendor == "sqlite" else 60
STEPS = 14
ARNS = tuple(f"arn:aws:iam::222222222222:user/{name}" for name in ("Richard", "Rosa"))
FOREIGN = (
    {
        "Sid": "Ops",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
        "Action": "sts:AssumeRole",
    },
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
)
CLOSED = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
TROUBLES = (
    aws.Throttled("Rate exceeded"),
    aws.Unavailable("AWS did not answer."),
    aws.Denied("not allowed"),
    Killed(),
)
minutes = st.integers(min_value=1, max_value=90)
which = st.integers(min_value=0, max_value=7)


class Daypass(RuleBasedStateMachine):
    """One role, two contractors with an identity each, and everybody else."""

    iam: FakeIam

    @initialize()
    def begin(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.now = NOON
        self.cast = factories.cast()
        self.role = self.cast.role
        type(self).iam = self.iam = FakeIam()
        PATCHES.attach(self.iam)
        for arn in ARNS:
            self.iam.make_principal(arn)
        self.iam.make_role(self.role.arn, {"Version": "2012-10-17", "Statement": [CLOSED]})
        self.foreign: list[dict[str, Any]] = []
        self.ended: set[str] = set()
        self.windows: dict[str, tuple[str, datetime, datetime]] = {}
        self.asks(who=True, arn=ARNS[0], length=30, later=False, at_once=True)

    def teardown(self) -> None:
        if not hasattr(self, "outer"):
            return
        try:
            self._settle()
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=7)
        return self.now

    # --- people ---

    @rule(who=st.booleans(), arn=st.sampled_from(ARNS), length=minutes, later=st.booleans(), at_once=st.booleans())
    def asks(self, who: bool, arn: str, length: int, later: bool, at_once: bool) -> None:
        by = self.cast.richard if who else self.cast.rita
        start = self.now + timedelta(minutes=5) if later else None
        end = (start or self.now) + timedelta(minutes=length)
        with contextlib.suppress(Refused):
            request = actions.submit(
                by=by, role=self.role, principal_arn=arn, starts_at=start, ends_at=end, reason="work", now=self.clock()
            )
            if at_once:
                self._approve(request, self.cast.alice)

    @precondition(lambda _: Request.objects.filter(state=RequestState.PENDING).exists())
    @rule(number=which, yes=st.booleans(), by_bob=st.booleans())
    def is_decided(self, number: int, yes: bool, by_bob: bool) -> None:
        request = self._pick(Request.objects.filter(state=RequestState.PENDING), number)
        by: User = self.cast.bob if by_bob else self.cast.alice
        if request is None:
            return
        with contextlib.suppress(Refused, Conflict):
            if yes:
                self._approve(request, by)
            else:
                actions.deny(by=by, request=request, content_hash=request.content_hash, reason="no", now=self.clock())

    @precondition(lambda _: Grant.objects.exists())
    @rule(number=which, back=st.booleans())
    def is_ended(self, number: int, back: bool) -> None:
        grant = self._pick(Grant.objects.select_related("request"), number)
        if grant is None:
            return
        with contextlib.suppress(Refused, Conflict):
            if back:
                actions.return_early(by=grant.request.requester, grant=grant, now=self.clock())
            else:
                actions.revoke(by=self.cast.bob, grant=grant, reason="enough", now=self.clock())

    @precondition(lambda _: Grant.objects.exists())
    @rule(number=which, length=minutes)
    def asks_for_longer(self, number: int, length: int) -> None:
        grant = self._pick(Grant.objects.select_related("request"), number)
        if grant is None:
            return
        end = grant.ends_at + timedelta(minutes=length)
        with contextlib.suppress(Refused, Conflict):
            actions.extend(by=grant.request.requester, grant=grant, ends_at=end, reason="more", now=self.clock())

    # --- time and work ---

    @rule(length=st.sampled_from([1, 30, 60, 600, 3600, 46_000]))
    def time_passes(self, length: int) -> None:
        self.now += timedelta(seconds=length)

    @rule(times=st.integers(min_value=1, max_value=3))
    def the_worker_runs(self, times: int) -> None:
        for _ in range(times):
            reconcile.role(self.role.pk, now=self.clock)

    @rule(trouble=st.sampled_from(TROUBLES), at=st.integers(min_value=0, max_value=2), applied=st.booleans())
    def the_worker_meets_trouble(self, trouble: BaseException, at: int, applied: bool) -> None:
        self.iam.troubles, self.iam.applied_first = [*[None] * at, trouble], applied
        with contextlib.suppress(Killed):
            reconcile.role(self.role.pk, now=self.clock)
        self.iam.troubles = []

    @rule()
    def a_sweep_runs(self) -> None:
        for role_id in [*reconcile.due(now=self.clock()), *reconcile.drifted(now=self.clock())]:
            reconcile.role(role_id, now=self.clock)

    # --- others ---

    @rule(number=st.integers(min_value=0, max_value=1))
    def somebody_adds_a_statement(self, number: int) -> None:
        if FOREIGN[number] not in self.foreign:
            self.foreign.append(dict(FOREIGN[number]))
            self._edit([*self._ours_in_aws(), *self.foreign])

    @rule()
    def somebody_removes_ours(self) -> None:
        self._edit(self.foreign or [CLOSED])

    @precondition(lambda self: len(self._ours_in_aws()) > 0)
    @rule()
    def somebody_widens_ours(self) -> None:
        wide = [{k: v for k, v in s.items() if k != "Condition"} for s in self._ours_in_aws() if s["Sid"] != "dpclosed"]
        if wide:
            self._edit([*wide, *self.foreign])
            # What somebody opens by hand is found and shut by the next sweep, once AWS is over its throttling.
            self.now += timedelta(minutes=2)
            self.a_sweep_runs()

    @rule(arn=st.sampled_from(ARNS))
    def a_principal_is_made_again(self, arn: str) -> None:
        self.iam.delete_principal(arn)
        self.iam.make_principal(arn)

    # --- what always holds ---

    @invariant()
    def nobody_gets_in_outside_an_approved_window(self) -> None:
        if not hasattr(self, "windows"):
            return
        trust = self._ours()
        lease_is_out = Role.objects.exclude(lease_holder="").filter(pk=self.role.pk).exists()
        for name, (arn, start, end) in self.windows.items():
            for at in (self.now, start - timedelta(seconds=1), end, end + timedelta(days=400)):
                inside = start <= at < end
                if not inside and not lease_is_out:
                    assert not judge.admits(trust, judge.Caller(arn, name), at), (name, at)
            for other in ARNS:
                if other != arn and not lease_is_out:
                    assert not judge.admits(trust, judge.Caller(other, name), self.now)

    @invariant()
    def statements_of_others_stay(self) -> None:
        if hasattr(self, "foreign"):
            there = [json.dumps(s, sort_keys=True) for s in self._shown()["Statement"]]
            assert all(json.dumps(statement, sort_keys=True) in there for statement in self.foreign)

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
            assert list(ledger.broken_links()) == []

    # --- help ---

    def _settle(self) -> None:
        """When nothing disturbs any more, AWS becomes what the database says, and then nothing is written."""
        self.iam.troubles = []
        for _ in range(6):
            self.now += timedelta(minutes=2)
            self.a_sweep_runs()
            reconcile.role(self.role.pk, now=self.clock)
        sids = {s.get("Sid") for s in self._shown()["Statement"]}
        closing = self.iam.roles[self.role.arn].closing
        unique_id = self.iam.roles[self.role.arn].unique_id
        for grant in Grant.objects.all():
            state = grant.state(now=self.now)
            assert state in {GrantState.SCHEDULED, GrantState.ACTIVE, GrantState.BLOCKED, GrantState.ENDED}, state
            assert (grant.session_name in sids) == (state in {GrantState.SCHEDULED, GrantState.ACTIVE}), state
            if grant.revoked_at and self.now < grant.revoked_at + timedelta(hours=12):
                assert judge.denies(closing, f"{unique_id}:{grant.session_name}", self.now)
        before = len(self.iam.writes)
        for _ in range(20):
            self.now += timedelta(seconds=1)
            self.a_sweep_runs()
        ends = [g.ends_at for g in Grant.objects.all()]
        if not any(self.now - timedelta(seconds=30) <= end <= self.now for end in ends):
            assert len(self.iam.writes) == before

    def _approve(self, request: Request, by: User) -> None:
        actions.approve(by=by, request=request, content_hash=request.content_hash, now=self.clock())
        for grant in Grant.objects.all():
            self.windows[grant.session_name] = (grant.principal_arn, grant.starts_at, grant.ends_at)

    def _shown(self) -> Any:
        return self.iam.read_trust(arn=self.role.arn)

    def _ours_in_aws(self) -> list[dict[str, Any]]:
        return [s for s in self._shown()["Statement"] if str(s.get("Sid", "")).startswith("dp")]

    def _ours(self) -> dict[str, Any]:
        return {"Statement": [s for s in self._ours_in_aws() if s["Sid"] != "dpclosed"]}

    def _edit(self, statements: list[dict[str, Any]]) -> None:
        with contextlib.suppress(aws.PrincipalMissing):
            self.iam.roles[self.role.arn].trust = self.iam._bound({"Version": "2012-10-17", "Statement": statements})
            return
        # A dead principal fails every write, also that of others: they leave our statements out.
        self.iam.roles[self.role.arn].trust = self.iam._bound(
            {"Version": "2012-10-17", "Statement": self.foreign or [CLOSED]}
        )

    @staticmethod
    def _pick(rows: Any, number: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None


class _Patches:
    """Puts the fake in the place of `access.aws`'s functions for the length of the test."""

    def __init__(self) -> None:
        self.monkeypatch: pytest.MonkeyPatch | None = None

    def attach(self, iam: FakeIam) -> None:
        assert self.monkeypatch is not None
        reads = ("read_role", "read_roles", "read_trust", "read_permissions", "analyze")
        for name in (*reads, "write_trust", "write_closing"):
            self.monkeypatch.setattr(aws, name, getattr(iam, name))


PATCHES = _Patches()


@pytest.mark.django_db
def test_whatever_happens_the_door_keeps_its_hours(monkeypatch: pytest.MonkeyPatch, hints: list[Any]) -> None:
    PATCHES.monkeypatch = monkeypatch
    run_state_machine_as_test(
        Daypass,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
