"""Whatever fails at whatever step, the Deny of every revoked grant gets into AWS, and none that is there is lost."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FunctionType
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from access import aws
from access.actions import requests
from access.models import Grant, Role, RoleState
from access.reconcile import convergence
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.fakes.iam import FakeIam
from tests.faults.oracle import denies
from tests.injection import called_by, failing, name_of
from tests.slices import slice_of, times

RICHARD = "arn:aws:iam::222222222222:user/Richard"
UNKNOWN = "dpunknownunknown"  # a session of which no grant is known
DEFAULT_DENY = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
LATER = [timedelta(0), *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12))]
ERRORS: tuple[Callable[[], Exception], ...] = (
    lambda: ValueError("year 57868 is out of range"),
    lambda: RecursionError("maximum recursion depth exceeded"),
    lambda: DatabaseError("could not extend file: No space left on device"),
    lambda: aws.Unavailable("aws_silent", error="ReadTimeout"),
    lambda: KeyError("Statement"),
)

# Where a failure that does not pass keeps every write back, and has to: who holds the role, and what is addressed.
BEFORE_ALL = (
    "access.reconcile.convergence.role",
    "access.reconcile.convergence._synchronize",
    "access.reconcile.lease.",
    "access.ledger.role_states.take_lease",
    "access.guarding.guarded",
    "access.models.accounts.Account.aws_target",
    "access.models.catalogue.Role.arn",
    "access.reconcile.writing.Writer.of",
    "access.workload_identities.",
    "access.models.accounts.",
    "access.models.documents.DocumentField.from_db_value",  # reads the role's row; text that is not JSON is None
)
CHANGING = ("access.reconcile", "access.ledger", "access.models")


@dataclass
class World:
    """A role on a fake IAM with grants of every kind, one of which was revoked just now."""

    iam: FakeIam
    cast: Cast
    at: datetime = NOON
    due_denied: list[str] = field(default_factory=list)
    before: Any = None

    def clock(self) -> datetime:
        return self.at

    def attempt(self) -> None:
        """One attempt, as a sweep asks for it; what comes out of it would end in Celery's log."""
        with contextlib.suppress(Exception):
            convergence.role(self.cast.role.pk, now=self.clock)

    @property
    def role(self) -> Role:
        return Role.objects.select_related("account").get(pk=self.cast.role.pk)

    @property
    def expiry_policy(self) -> Any:
        return self.iam.roles[self.role.arn].expiry_policy

    def user_id(self, name: str) -> str:
        return f"{self.iam.roles[self.role.arn].unique_id}:{name}"

    def missing(self) -> list[str]:
        """Return the grants that are over and not denied now."""
        return [name for name in self.due_denied if not denies(self.expiry_policy, self.user_id(name), self.at)]

    def lost(self) -> list[str]:
        """Return the Denies that AWS held before and that are gone or later now, told by the session."""
        moments = [(self.user_id(name), self.at + later) for name in self.names for later in LATER]
        return [
            f"{u} at {at}" for u, at in moments if denies(self.before, u, at) and not denies(self.expiry_policy, u, at)
        ]

    @property
    def names(self) -> list[str]:
        return [*Grant.objects.values_list("session_name", flat=True), UNKNOWN]


@pytest.fixture
def savepoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that fails takes nothing else with it, as in the worker, where it is the outermost."""
    plain = transaction.Atomic.__enter__

    def enter(self: transaction.Atomic) -> None:
        self.savepoint = True
        plain(self)

    monkeypatch.setattr(transaction.Atomic, "__enter__", enter)
    monkeypatch.setattr(transaction, "mark_for_rollback_on_error", lambda **_: contextlib.nullcontext())


@pytest.fixture
def world(db: None, savepoints: None, enqueued: list[Any], monkeypatch: pytest.MonkeyPatch) -> World:
    cast = factories.cast(is_managed=False)
    iam = FakeIam()
    for name in ("read_role", "read_roles", "read_trust", "read_expiry_policy", "read_permissions", "analyze"):
        monkeypatch.setattr(aws, name, getattr(iam, name))
    for name in ("prepare_write", "write_trust", "write_expiry_policy"):
        monkeypatch.setattr(aws, name, getattr(iam, name))
    iam.make_principal(RICHARD)
    iam.make_role(cast.role.arn, {"Version": "2012-10-17", "Statement": [DEFAULT_DENY]})
    return lived_in(World(iam, cast))


def lived_in(world: World) -> World:
    """Let there be a live grant, one that has ended, one that has just been revoked, and one that is new.

    The last worker died between its write and the record of it, so an attempt begins with recording that.
    """
    _, ended, revoked = (given(world, hours) for hours in (5, 1, 6))
    world.attempt()
    assert {grant.applied_at for grant in Grant.objects.all()} == {world.at}
    world.at += 2 * HOUR
    requests.revoke(by=world.cast.alice, grant=revoked, reason="Stop.", now=world.at)
    given(world, 1)
    closed = {"Version": "2012-10-17", "Statement": [DEFAULT_DENY]}
    factories.update_roles(write_intent={"trust": closed, "expiry_policy": None})
    world.before = world.expiry_policy
    world.due_denied = [ended.session_name, revoked.session_name]
    return world


def given(world: World, hours: int) -> Grant:
    """Return Richard's grant from now for so many hours."""
    return factories.create_grant(world.cast, now=world.at, principal_arn=RICHARD, ends_at=world.at + hours * HOUR)


@contextlib.contextmanager
def as_it_was(world: World) -> Iterator[None]:
    """Undo everything at the end of the block, in the database and in AWS."""
    iam_role, at = world.iam.roles[world.role.arn], world.at
    trust, expiry_policy, writes = iam_role.trust, iam_role.expiry_policy, list(world.iam.writes)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        iam_role.trust, iam_role.expiry_policy, world.iam.writes[:], world.at = trust, expiry_policy, writes, at


_STEPS: list[FunctionType] = []


def steps(world: World) -> list[FunctionType]:
    """Return the functions that an attempt calls when nothing fails; found once, as watching every call takes long."""
    if not _STEPS:
        with as_it_was(world):
            _STEPS.extend(called_by(world.attempt))
            assert world.missing() == []
    return _STEPS


def test_an_attempt_calls_all_of_its_steps(world: World) -> None:
    names = {name_of(function) for function in steps(world)}
    assert {
        "access.reconcile.plan.make_plan",
        "access.verify.checks.check",
        "access.reconcile.outcome.converged",
        "access.reconcile.outcome.write_event",
        "access.ledger.role_states.discard_write_intent",
        "access.ledger.spool.record_all",
    } <= names
    assert len(names) > 100


def all_steps(world: World) -> Sequence[tuple[FunctionType, bool]]:
    """Return steps, failing before they do anything; those that change something also after they did it."""
    found = steps(world)
    changing = [step for step in found if name_of(step).startswith(CHANGING)]
    return slice_of([*((step, False) for step in found), *((step, True) for step in changing)], one_in=4)


def test_a_step_that_always_fails_blocks_no_deny(world: World) -> None:
    errors, found, met = itertools.cycle(ERRORS), [], 0
    for step, after in all_steps(world):
        if name_of(step).startswith(BEFORE_ALL):
            continue
        with as_it_was(world):
            with failing(step, next(errors), after=after) as injection:
                world.attempt()
            met += injection.met > 0
            found += [f"{name_of(step)}: {name} is not denied" for name in world.missing()]
            found += [f"{name_of(step)}: lost {what}" for what in world.lost()]
    assert not found, "\n".join(found)
    assert met > times(25, 100)  # some answers are remembered, and nobody asks again


def test_a_step_that_fails_once_delays_no_deny_for_longer_than_a_sweep(world: World) -> None:
    errors, found = itertools.cycle(ERRORS), []
    for step, after in all_steps(world):
        if not name_of(step).startswith((*BEFORE_ALL, "access.reconcile")):
            continue
        with as_it_was(world):
            with failing(step, next(errors), after=after, times=1):
                world.attempt()
                world.at += timedelta(seconds=30)
                world.attempt()
            found += [f"{name_of(step)}: {name} is not denied" for name in world.missing()]
    assert not found, "\n".join(found)


# Every part of an attempt before its first write.
EARLY = (
    "access.reconcile.building.is_idle_overflow_role",
    "access.reconcile.writing.Writer.read",
    "access.reconcile.outcome.recover",
    "access.models.grants.GrantQuerySet.in_documents",
    "access.models.grants.Grant.facts",
    "access.models.catalogue.Role.facts",
    "access.lifecycle.is_over",
    "access.reconcile.plan.kept_out",
    "access.reconcile.plan.make_plan",
    "access.reconcile.plan.never_in_aws",
    "access.trust.compiler.compile_trust_policy",
    "access.trust.expiry_policy.compile_expiry_policy",
    "access.trust.documents.same",
    "access.verify.checks.check",
    "access.verify.evaluator.statement_list",
    "access.reconcile.rate_limit.is_throttled",
    "access.reconcile.outcome.record_write_intent",
)


@pytest.mark.parametrize("name", slice_of(EARLY, one_in=2))
def test_an_unexplained_deny_in_aws_is_kept_while_a_step_fails(world: World, name: str) -> None:
    (step,) = [step for step in steps(world) if name_of(step) == name]
    by_hand = {"Sid": "Hand", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    extended = Grant.objects.exclude(session_name__in=world.due_denied).exclude(applied_at=None).get()
    factories.move_end(extended, extended.ends_at + 4 * HOUR)
    body = [*world.expiry_policy["Statement"], by_hand, deny(world.user_id(UNKNOWN))]
    world.iam.roles[world.role.arn].expiry_policy = world.before = {**world.expiry_policy, "Statement": body}
    RoleState.objects.filter(pk=world.role.pk).update(observed_expiry_policy=world.before)
    with failing(step, ERRORS[0]):
        world.attempt()
        assert (world.missing(), world.lost()) == ([], [])
        assert by_hand in world.expiry_policy["Statement"]
        assert world.role.state.failures == 1
        assert world.role.state.problem == "internal_error"
        assert world.role.state.retry_at is not None
        assert (world.role.state.problem_code, world.role.state.problem_facts) == (
            "internal_error",
            {"kind": "ValueError"},
        )
        writes = len(world.iam.writes)
        world.attempt()
        assert world.role.state.failures == 2
        assert len(world.iam.writes) == writes
    world.at += timedelta(seconds=61)
    world.attempt()
    assert (world.role.state.failures, world.role.state.problem) == (0, "")
    assert Grant.objects.filter(session_name__in=world.due_denied, removed_at=None).count() == 0


def deny(user_id: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:userid": user_id}}}
