"""Anything can happen in any order: people request, decide and end, AWS fails, processes die, others edit, time passes.

Whatever happened, nobody is admitted outside an approved window by a statement of ours, an unmanaged Deny stays, and
when everything is quiet again AWS says what the database says, and nothing more is written.
"""

import contextlib
import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from access import aws
from access.actions import contents, deciding, requests
from access.actions.contents import RequestDraft
from access.ledger.conflicts import Conflict
from access.lifecycle import RequestState
from access.models import Grant, Request, Role, User
from access.reconcile import convergence
from access.reconcile.lease import length
from access.rules.facts import Refused
from tests import factories
from tests.factories import NOON
from tests.fakes.iam import FakeIam, Killed
from tests.integration.holds import ARNS, Holds
from tests.slices import times

# The parts are apart so that several processes can share them. Each has a seed of its own.
PARTS = times(2, 5) if connection.vendor == "sqlite" else 1
SEQUENCES = int(os.environ.get("SEQUENCES") or times(15, 100) * PARTS)
STEPS = 14
# On a managed role an unmanaged Deny stays, and an Allow of others goes.
UNMANAGED = (
    {
        "Sid": "Ops",
        "Effect": "Deny",
        "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
        "Action": "sts:AssumeRole",
    },
    {"Effect": "Deny", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
)
WIDE = (
    {**UNMANAGED[0], "Sid": "Mallory", "Effect": "Allow"},
    {**UNMANAGED[1], "Effect": "Allow"},
)
DEFAULT_DENY = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
TROUBLES = (
    aws.Throttled("aws_throttled", error="Throttling", message="Rate exceeded"),
    aws.Unavailable("aws_silent", error="ReadTimeout"),
    aws.Denied("aws_denied", error="AccessDenied", message="not allowed"),
    Killed(),
)
minutes = st.integers(min_value=1, max_value=90)
which = st.integers(min_value=0, max_value=7)


class Daypass(Holds):
    """One role, two contractors with an identity each, and everybody else."""

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
        self.iam.make_role(self.role.arn, {"Version": "2012-10-17", "Statement": [DEFAULT_DENY]})
        self.unmanaged = []
        self.ended = set()
        self.windows = {}
        self.asks(who=True, arn=ARNS[0], length=30, later=False, at_once=True)

    def teardown(self) -> None:
        if not hasattr(self, "outer"):
            return
        try:
            self._settle()
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    # --- people ---

    @rule(who=st.booleans(), arn=st.sampled_from(ARNS), length=minutes, later=st.booleans(), at_once=st.booleans())
    def asks(self, who: bool, arn: str, length: int, later: bool, at_once: bool) -> None:
        by = self.cast.richard if who else self.cast.rita
        start = self.now + timedelta(minutes=5) if later else None
        with contextlib.suppress(Refused):
            identity = factories.proven(by, arn, now=self.now) if arn else None
            draft = RequestDraft(principal=identity, starts_at=start, length=timedelta(minutes=length), reason="work")
            request = requests.submit(by=by, role=self.role, draft=draft, now=self.clock())
            if at_once:
                self._approve(request, self.cast.bob)

    @precondition(lambda _: Request.objects.filter(state=RequestState.PENDING).exists())
    @rule(number=which, yes=st.booleans(), name=st.sampled_from(["alice", "bob", "bob", "richard", "mallory"]))
    def is_decided(self, number: int, yes: bool, name: str) -> None:
        request = self._pick(Request.objects.filter(state=RequestState.PENDING), number)
        by: User = getattr(self.cast, name)
        if request is None:
            return
        with contextlib.suppress(Refused, Conflict):
            if yes:
                self._approve(request, by)
            else:
                deciding.deny(by=by, request=request, content_hash=request.content_hash, reason="no", now=self.clock())

    @rule()
    def alice_goes_or_comes_back(self) -> None:
        approvers = self.role.approvers
        (approvers.remove if self.cast.alice in approvers.all() else approvers.add)(self.cast.alice)

    @rule(bucket=st.sampled_from(["one", "other"]))
    def the_role_is_given_other_permissions(self, bucket: str) -> None:
        Role.objects.filter(pk=self.role.pk).update(permissions={"Statement": [], "Id": bucket})

    @precondition(lambda _: Grant.objects.exists())
    @rule(number=which, back=st.booleans())
    def is_ended(self, number: int, back: bool) -> None:
        grant = self._pick(Grant.objects.select_related("request"), number)
        if grant is None:
            return
        with contextlib.suppress(Refused, Conflict):
            if back:
                requests.return_access(by=grant.request.requester, grant=grant, now=self.clock())
            else:
                requests.revoke(by=self.cast.bob, grant=grant, reason="enough", now=self.clock())

    @precondition(lambda _: Grant.objects.exists())
    @rule(number=which, length=minutes)
    def asks_for_longer(self, number: int, length: int) -> None:
        grant = self._pick(Grant.objects.select_related("request"), number)
        if grant is None:
            return
        end = grant.ends_at + timedelta(minutes=length)
        with contextlib.suppress(Refused, Conflict):
            requests.extend(by=grant.request.requester, grant=grant, ends_at=end, reason="more", now=self.clock())

    # --- time and work ---

    @rule(length=st.sampled_from([1, 30, 60, 600, 3600, 46_000]))
    def time_passes(self, length: int) -> None:
        self.now += timedelta(seconds=length)

    @rule(times=st.integers(min_value=1, max_value=3))
    def the_worker_runs(self, times: int) -> None:
        for _ in range(times):
            convergence.role(self.role.pk, now=self.clock)

    @rule(trouble=st.sampled_from(TROUBLES), at=st.integers(min_value=0, max_value=2), applied=st.booleans())
    def the_worker_meets_trouble(self, trouble: BaseException, at: int, applied: bool) -> None:
        self.iam.troubles, self.iam.applied_first = [*[None] * at, trouble], applied
        with contextlib.suppress(Killed):
            convergence.role(self.role.pk, now=self.clock)
        self.iam.troubles = []

    @rule(trouble=st.sampled_from(TROUBLES), at=st.integers(min_value=0, max_value=3))
    def the_worker_cannot_read(self, trouble: BaseException, at: int) -> None:
        self.iam.read_troubles = [*[None] * at, trouble]
        with contextlib.suppress(Killed):
            convergence.role(self.role.pk, now=self.clock)
        self.iam.read_troubles = []

    @rule(revoked=which, at=st.integers(min_value=0, max_value=1))
    def the_holder_stalls_before_a_write(self, revoked: int, at: int) -> None:
        """Somebody is revoked and somebody else takes the role over; then the write of the first one lands."""
        known: list[int] = []

        def is_taken_over() -> None:
            self.now += length() + timedelta(seconds=1)
            self.is_ended(revoked, back=False)
            convergence.role(self.role.pk, now=self.clock)
            known.append(len(self.iam.writes))

        self.iam.before_writes = [*[None] * at, is_taken_over]
        convergence.role(self.role.pk, now=self.clock)
        self.iam.before_writes = []
        if known:
            assert len(self.iam.writes) - known[0] <= 1, "a worker that lost the role continues writing"
            shut = set(Grant.objects.exclude(removed_at=None).values_list("session_name", flat=True))
            assert not shut & {s["Sid"] for s in self._ours_in_aws()}, "what may yet come back was called ended"
            self.now += timedelta(minutes=2)
            self.sweeps()

    @rule()
    def sweeps(self) -> None:
        self.a_sweep_runs()

    # --- others ---

    @rule(number=st.integers(min_value=0, max_value=1))
    def somebody_adds_a_statement(self, number: int) -> None:
        if UNMANAGED[number] not in self.unmanaged:
            self.unmanaged.append(dict(UNMANAGED[number]))
            self._edit([*self._ours_in_aws(), *self.unmanaged])

    @rule(number=st.integers(min_value=0, max_value=1))
    def somebody_lets_others_in(self, number: int) -> None:
        self._edit([*self._ours_in_aws(), *self.unmanaged, dict(WIDE[number])])

    @rule()
    def somebody_removes_ours(self) -> None:
        self._edit(self.unmanaged or [DEFAULT_DENY])

    @precondition(lambda self: len(self._ours_in_aws()) > 0)
    @rule()
    def somebody_widens_ours(self) -> None:
        wide = [{k: v for k, v in s.items() if k != "Condition"} for s in self._ours_in_aws() if s["Sid"] != "dpclosed"]
        if wide:
            self._edit([*wide, *self.unmanaged])
            # What somebody opens by hand is found and closed by the next sweep, once AWS no longer throttles.
            self.now += timedelta(minutes=2)
            self.a_sweep_runs()

    @rule(arn=st.sampled_from(ARNS))
    def a_principal_is_made_again(self, arn: str) -> None:
        self.iam.delete_principal(arn)
        self.iam.make_principal(arn)

    # --- help ---

    def _approve(self, request: Request, by: User) -> None:
        deciding.approve(by=by, request=request, content_hash=request.content_hash, now=self.clock())
        asked = Request.objects.get(pk=request.pk)
        assert by in asked.role.approvers.all()
        assert by != asked.requester
        assert contents.content_hash(asked) == asked.content_hash
        for grant in Grant.objects.all():
            self.windows[grant.session_name] = (grant.principal_arn, grant.starts_at, grant.ends_at)

    def _edit(self, statements: list[dict[str, Any]]) -> None:
        with contextlib.suppress(aws.PrincipalMissing):
            self.iam.roles[self.role.arn].trust = self.iam._bound({"Version": "2012-10-17", "Statement": statements})
            return
        # A dead principal fails every write, also that of others: they leave our statements out.
        self.iam.roles[self.role.arn].trust = self.iam._bound(
            {"Version": "2012-10-17", "Statement": self.unmanaged or [DEFAULT_DENY]}
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
        reads = ("read_role", "read_roles", "read_trust", "read_expiry_policy", "read_permissions", "analyze")
        for name in (*reads, "prepare_write", "write_trust", "write_expiry_policy"):
            self.monkeypatch.setattr(aws, name, getattr(iam, name))


PATCHES = _Patches()


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_access_keeps_its_window(
    monkeypatch: pytest.MonkeyPatch, enqueued: list[Any], part: int
) -> None:
    PATCHES.monkeypatch = monkeypatch
    run_state_machine_as_test(
        seed(20261124 + part)(type("Daypass", (Daypass,), {})),
        settings=settings(
            max_examples=-(-SEQUENCES // PARTS),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
