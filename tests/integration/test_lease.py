"""One writer per role: a lease with an expiry, and a quiet time after one was taken over."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from access import aws
from access.actions import requests
from access.aws import clients
from access.ledger.roles import mark_dirty
from access.models import Role
from access.reconcile import due, outcome
from access.reconcile.lease import LONGEST_WRITE, LeaseLost, lease, length
from tests.factories import Cast, ask
from tests.integration.environment import Clock, Environment, state, verbs


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_second_worker_is_refused(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock) as first, lease(cast.role.pk, now=clock) as second:
        assert first is not None
        assert second is None


def test_the_lease_is_released_at_the_end_even_after_an_error(cast: Cast, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError), lease(cast.role.pk, now=clock):
        raise ZeroDivisionError
    role = Role.objects.get(pk=cast.role.pk)
    assert (role.state.lease_holder, role.state.leased_until) == ("", None)
    with lease(cast.role.pk, now=clock) as held:
        assert held is not None


def test_two_roles_have_separate_leases(cast: Cast, clock: Clock) -> None:
    other = Role.objects.create(account=cast.role.account, name="other")
    with lease(cast.role.pk, now=clock) as one, lease(other.pk, now=clock) as another:
        assert one is not None
        assert another is not None


def test_a_released_lease_leaves_no_quiet_time(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock):
        pass
    with lease(cast.role.pk, now=clock):
        pass
    assert Role.objects.get(pk=cast.role.pk).state.settle_until is None


def test_an_expired_lease_is_taken_over_after_a_quiet_time(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock) as stopped:
        clock.at += length() - timedelta(microseconds=1)
        with lease(cast.role.pk, now=clock) as early:
            assert early is None
        clock.at += timedelta(microseconds=1)
        ran_out = clock.at
        with lease(cast.role.pk, now=clock) as newcomer:
            assert newcomer is not None
            assert stopped is not None
            with pytest.raises(LeaseLost):
                stopped.renew(now=clock)
            newcomer.renew(now=clock)
            assert Role.objects.get(pk=cast.role.pk).state.settle_until == ran_out + 2 * length()


def test_a_worker_that_lost_the_lease_does_not_release_that_of_another(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock) as stopped:
        clock.at += length()
        with lease(cast.role.pk, now=clock):
            assert stopped is not None
            stopped.release()
            assert stopped.release_if_reconciled(0)
            with lease(cast.role.pk, now=clock) as third:
                assert third is None


def test_renewing_restores_the_full_length(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock) as held:
        assert held is not None
        clock.at += length() - timedelta(seconds=1)
        held.renew(now=clock)
        assert Role.objects.get(pk=cast.role.pk).state.leased_until == clock.at + length()


def test_the_lease_is_kept_while_the_generation_changes(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock) as held:
        assert held is not None
        assert not held.release_if_reconciled(Role.objects.get(pk=cast.role.pk).state.generation + 1)
        assert held.release_if_reconciled(Role.objects.get(pk=cast.role.pk).state.generation)


@pytest.mark.parametrize("seconds", [25.0, 3.0])
def test_a_write_is_shorter_than_the_remaining_lease(settings: Any, seconds: float) -> None:
    settings.LEASE_SECONDS = seconds
    config: Any = clients._config(clients.Use.WRITE)
    assert config.retries["total_max_attempts"] == 1
    assume: Any = clients._assume_role_config()  # a spoke may have to be assumed again just before
    write = config.connect_timeout + config.read_timeout + assume.connect_timeout + assume.read_timeout
    assert write < LONGEST_WRITE * seconds


@pytest.mark.parametrize("seconds", [25.0, 3.0])
@pytest.mark.parametrize("use", [clients.Use.READ_IN_LEASE, clients.Use.READ_ONCE])
def test_reads_without_an_answer_end_before_the_lease(settings: Any, seconds: float, use: clients.Use) -> None:
    settings.LEASE_SECONDS = seconds
    config: Any = clients._config(use)
    tries = config.retries["total_max_attempts"]
    # botocore waits up to a second before the second try. [botocore, standard retry mode]
    assert tries * config.read_timeout + (tries - 1) < LONGEST_WRITE * seconds


def test_a_lease_that_has_run_out_and_that_nobody_took_is_renewed(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock) as held:
        assert held is not None
        clock.at += 2 * length()
        held.renew(now=clock)
        assert Role.objects.get(pk=cast.role.pk).state.leased_until == clock.at + length()
        with lease(cast.role.pk, now=clock) as other:
            assert other is None


def test_a_lease_that_somebody_took_and_returned_is_lost(cast: Cast, clock: Clock) -> None:
    with lease(cast.role.pk, now=clock) as held:
        assert held is not None
        clock.at += 2 * length()
        with lease(cast.role.pk, now=clock) as other:
            assert other is not None
        with pytest.raises(LeaseLost):
            held.renew(now=clock)


@pytest.fixture
def hands() -> Iterator[ExitStack]:
    """Other hands, which keep what they take until the test is over."""
    with ExitStack() as kept:
        yield kept


class TestInTheWorker:
    def test_a_role_leased_by_another_worker_is_skipped(self, env: Environment) -> None:
        env.create_grant()
        with lease(env.role.pk, now=env.clock):
            env.reconcile()
        assert env.writes(tried=True) == []

    def test_a_worker_that_lost_the_role_writes_nothing(
        self, env: Environment, hands: ExitStack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        true_read = aws.read_role
        taken: list[Any] = []

        def read_role(**which: Any) -> aws.RoleSnapshot:
            observed = true_read(**which)
            if not taken:
                env.clock.at += length()
                taken.append(hands.enter_context(lease(env.role.pk, now=env.clock)))
            return observed

        monkeypatch.setattr(aws, "read_role", read_role)
        env.reconcile()
        assert taken[0] is not None
        assert env.writes(tried=True) == []
        assert state(grant, env.clock()) == "activating"
        assert Role.objects.get(pk=env.role.pk).state.lease_holder == taken[0].holder

    def test_a_write_by_a_worker_that_lost_the_role_is_recorded_once(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        true_read = aws.read_role
        reads: list[int] = []

        def read_role(**which: Any) -> aws.RoleSnapshot:
            reads.append(1)
            if len(reads) == 2:
                env.clock.at += length()
                env.reconcile()
            return true_read(**which)

        monkeypatch.setattr(aws, "read_role", read_role)
        env.reconcile()
        assert state(grant, env.clock()) == "active"
        assert verbs().count("role.written") == 1

    def test_a_worker_that_lost_the_role_during_an_outage_stops(
        self, env: Environment, hands: ExitStack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        env.create_grant()
        tries = []

        def read_role(**_: Any) -> aws.RoleSnapshot:
            tries.append(1)
            if len(tries) > 3:
                raise AssertionError("it continues forever")
            if len(tries) == 1:
                env.clock.at += length()
                hands.enter_context(lease(env.role.pk, now=env.clock))
            raise aws.Unavailable("aws_silent", error="ReadTimeout")

        monkeypatch.setattr(aws, "read_role", read_role)
        env.reconcile()
        assert len(tries) == 1

    def test_a_revocation_is_not_called_ended_while_a_stopped_writer_could_come_back(
        self, env: Environment, hands: ExitStack
    ) -> None:
        grant = env.create_grant()
        env.reconcile()
        hands.enter_context(lease(env.role.pk, now=env.clock))
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.clock.at += length()
        env.reconcile()
        assert env.sids() == ["dpclosed"]
        assert state(grant, env.clock()) == "ending"
        env.clock.at += 2 * length()
        assert env.role.pk in due.due(now=env.clock())
        env.reconcile()
        assert state(grant, env.clock()) == "ended"

    def test_a_late_write_of_a_stopped_writer_is_undone_within_one_sweep(
        self, env: Environment, hands: ExitStack
    ) -> None:
        grant = env.create_grant()
        env.reconcile()
        late = env.trust()["Statement"]
        hands.enter_context(lease(env.role.pk, now=env.clock))
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.clock.at += length()
        env.reconcile()
        env.edit_trust(*late)
        assert env.can_assume(env.richard_arn, grant.session_name)
        env.clock.forward(seconds=30)
        env.sweep()
        assert not env.can_assume(env.richard_arn, grant.session_name)

    def test_a_revocation_does_not_wait_for_the_daily_reads(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        found: list[str] = []
        true_read = aws.read_permissions

        def read_permissions(**which: Any) -> aws.Permissions:
            if not found:
                requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
                found.append("revoked")
                env.reconcile()
                found.append(state(grant, env.clock()))
            return true_read(**which)

        monkeypatch.setattr(aws, "read_permissions", read_permissions)
        env.reconcile()
        assert found == ["revoked", "ended"]

    def test_a_snapshot_of_a_role_that_changed_meanwhile_is_discarded(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true_read = aws.read_permissions

        def read_permissions(**which: Any) -> aws.Permissions:
            found = true_read(**which)
            mark_dirty(env.role, now=env.clock())
            return found

        with monkeypatch.context() as slow:
            slow.setattr(aws, "read_permissions", read_permissions)
            env.reconcile()
        assert env.role.state.permissions_read_at is None
        env.reconcile()
        assert env.role.state.permissions_read_at == env.clock()

    def test_a_revocation_does_not_wait_for_the_builder(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        found: list[str] = []
        env.reconcile()
        Role.objects.update(to_update=True)
        true_record = outcome.converged

        def converged(*what: Any, **how: Any) -> None:
            true_record(*what, **how)
            if state(grant, env.clock()) == "active":
                requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())

        monkeypatch.setattr(outcome, "converged", converged)
        monkeypatch.setattr(aws, "update_role", lambda _: found.append(state(grant, env.clock())))
        env.reconcile()
        assert found == ["ended"]
        assert not env.role.to_update

    def test_a_request_does_not_wait_for_a_leased_role(self, env: Environment) -> None:
        with lease(env.role.pk, now=env.clock):
            assert ask(env.cast, now=env.clock()).state == "pending"
