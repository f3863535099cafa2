"""Access is ended without the queue: which roles are taken, how many at the same time, and whatever fails."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from access import endings
from access.actions import people, requests
from access.models import Contractor, Grant, Heartbeat, RoleState
from access.reconcile import due as due_roles
from tests.factories import HOUR, NOON, SECOND, Cast, create_grant
from tests.integration.environment import Environment, state
from tests.integration.test_revocation_in_aws import is_denied

START = endings.HEAD_START
LATER = NOON + timedelta(minutes=1)


class Waiting(Executor):
    """A pool whose threads all wait for AWS, which does not answer."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.futures: list[Future[Any]] = []

    def submit(self, _work: Callable[..., Any], /, *args: Any, **_how: Any) -> Future[Any]:
        self.begun.append(args[0])
        self.futures.append(Future())
        return self.futures[-1]


@pytest.fixture
def pool() -> Waiting:
    return Waiting()


@pytest.fixture
def watch(db: None, pool: Waiting) -> endings.Watch:
    return endings.Watch(now=lambda: NOON, pool=pool)


def revoke(cast: Cast, grant: Grant, *, at: datetime = LATER) -> None:
    requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=at)


def due(at: datetime) -> list[int]:
    return [role_id for role_id, _ in due_roles.endings_due(now=at, head_start=START)]


class TestWhatIsDue:
    """The queue has ten seconds for whatever ends access; then it is taken without the queue."""

    def test_a_revocation_is_due(self, cast: Cast) -> None:
        grant = create_grant(cast)
        assert due(LATER + HOUR / 2) == []
        revoke(cast, grant)
        assert due(LATER + START - SECOND) == []
        assert due(LATER + START) == [cast.role.pk]

    def test_expired_access_is_due(self, cast: Cast) -> None:
        grant = create_grant(cast)
        RoleState.objects.update(next_change_at=grant.ends_at)
        assert due(grant.ends_at + START - SECOND) == []
        assert due(grant.ends_at + START) == [cast.role.pk]

    def test_the_access_of_a_disabled_contractor_is_due(self, cast: Cast) -> None:
        create_grant(cast)
        contractor = Contractor.objects.get(user=cast.richard)
        people.disable_person_or_company(by=cast.ada, what=contractor, now=LATER)
        assert due(LATER + START) == [cast.role.pk]

    def test_access_that_has_ended_in_aws_is_not_due(self, cast: Cast) -> None:
        grant = create_grant(cast)
        revoke(cast, grant)
        Grant.objects.update(removed_at=LATER)
        assert due(LATER + START) == []

    def test_a_role_with_a_worker_or_a_recent_failure_is_not_due(self, cast: Cast) -> None:
        revoke(cast, create_grant(cast))
        at = LATER + START
        RoleState.objects.update(lease_holder="x", leased_until=at + SECOND)
        assert due(at) == []
        RoleState.objects.update(lease_holder="", leased_until=None, retry_at=at + SECOND)
        assert due(at) == []
        assert due(at + SECOND) == [cast.role.pk]


class TestHowManyAtTheSameTime:
    @pytest.fixture(autouse=True)
    def due(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
        """Return the roles that are due, each with its account."""
        found: list[tuple[int, int]] = []
        monkeypatch.setattr(due_roles, "endings_due", lambda **_: list(found))
        return found

    def test_no_role_is_ended_twice(self, watch: endings.Watch, pool: Waiting, due: list[tuple[int, int]]) -> None:
        due += [(1, 1), (2, 1)]
        watch.look()
        watch.look()
        assert pool.begun == [1, 2]
        pool.futures[0].set_result(None)
        watch.look()
        assert pool.begun == [1, 2, 1]

    def test_one_account_leaves_threads_for_the_others(
        self, watch: endings.Watch, pool: Waiting, due: list[tuple[int, int]]
    ) -> None:
        due += [(number, 1) for number in range(100)]
        watch.look()
        assert len(pool.begun) == endings.MOST_IN_ACCOUNT
        due.append((100, 2))
        watch.look()
        assert pool.begun[endings.MOST_IN_ACCOUNT :] == [100]

    def test_no_more_roles_are_ended_than_there_are_threads(
        self, watch: endings.Watch, pool: Waiting, due: list[tuple[int, int]]
    ) -> None:
        due += [(number, number) for number in range(100)]
        watch.look()
        watch.look()
        assert len(pool.begun) == endings.MOST

    def test_a_thread_that_never_ends_ends_the_process(
        self, watch: endings.Watch, due: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        due.append((1, 1))
        watch.look()
        watch.look()
        monkeypatch.setattr(endings, "LONGEST_ATTEMPT", -1.0)
        with pytest.raises(endings.Stuck):
            watch.run(threading.Event())


def test_the_watch_continues_after_any_error(watch: endings.Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, looks = threading.Event(), [OperationalError("gone"), ValueError("odd"), None]

    def endings_due(**_: Any) -> list[tuple[int, int]]:
        error = looks.pop(0)
        if not looks:
            stop.set()
        if error is not None:
            raise error
        return []

    monkeypatch.setattr(due_roles, "endings_due", endings_due)
    monkeypatch.setattr(endings, "LOOK_SECONDS", 0.0)
    watch.run(stop)
    assert looks == []
    assert Heartbeat.objects.get(name="revocations").at == NOON


def test_an_error_at_one_role_does_not_prevent_ending_others(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = env.create_grant()
    env.reconcile()
    revoke(env.cast, grant, at=env.clock())
    monkeypatch.setattr(due_roles, "endings_due", lambda **_: [(-1, 1), (env.role.pk, 1)])
    assert endings.end_once(now=env.clock) == 2
    assert is_denied(env, grant)
    assert state(grant, env.clock()) == "ended"


def test_the_command_ends_only_access_that_is_over(env: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    grant, live = env.create_grant(), env.create_grant()
    env.reconcile()
    revoke(env.cast, grant, at=env.clock())
    call_command("end_revoked")
    assert capsys.readouterr().out == "Roles with access to end: 1.\n"
    assert (state(grant, env.clock()), state(live, env.clock())) == ("ended", "active")
    call_command("end_revoked")
    assert capsys.readouterr().out == "Roles with access to end: 0.\n"
