"""Roles for which AWS gives no answer take turns, come last, and cost no more calls than they have to."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.httpsession import URLLib3Session

from access import aws
from access.actions import requests
from access.aws import clients
from access.models import Account, Grant, Role, RoleState
from access.reconcile import convergence, drift, due, outage
from tests import factories
from tests.factories import HOUR, NOON, SECOND, Cast
from tests.faults.environment import wait_until
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment, heal, state
from tests.integration.test_revocation_in_aws import is_denied

LATE = 2  # seconds after which AWS answers a read
PATIENCE = 0.3  # seconds after which such a read is given up
Attempt = Callable[[], list[str]]
READS = ("GetRole", "GetRolePolicy")


def role(name: str, account: Account, **facts: Any) -> Role:
    return factories.role(name, account=account, generation=1, reconciled_at=NOON - HOUR, **facts)


def silent(name: str, account: Account, **facts: Any) -> Role:
    return role(name, account, problem="aws_unavailable", problem_code="aws_silent", failures=1, **facts)


def held(one: Role, *, until: datetime) -> None:
    RoleState.objects.filter(pk=one.pk).update(lease_holder="somebody", leased_until=until)


@pytest.fixture
def accounts(db: None) -> tuple[Account, Account]:
    return factories.account(), factories.account("333333333333")


class TestTheOrder:
    """A sweep asks for roles in this order, and so does the process that ends access."""

    def test_accounts_take_turns(self, accounts: tuple[Account, Account]) -> None:
        first, second = accounts
        roles = [role(f"first-{number}", first, waiting_since=NOON - HOUR) for number in range(3)]
        other = role("second", second, waiting_since=NOON)
        assert due.due(now=NOON) == [roles[0].pk, other.pk, roles[1].pk, roles[2].pk]

    def test_roles_without_an_answer_come_last_and_the_one_tried_longest_ago_first(
        self, accounts: tuple[Account, Account]
    ) -> None:
        account = accounts[0]
        lately = silent("lately", account, waiting_since=NOON - 2 * HOUR, retry_at=NOON - SECOND)
        before = silent("before", account, waiting_since=NOON - HOUR, retry_at=NOON - 2 * SECOND)
        other = role("other", account, waiting_since=NOON)
        assert due.due(now=NOON) == [other.pk, before.pk, lately.pk]


class TestTheTurns:
    """One role of those without an answer is tried at a time, and no role waits for nothing."""

    def test_a_silent_role_waits_for_another_silent_one(self, accounts: tuple[Account, Account]) -> None:
        first, second = (silent(name, accounts[0]) for name in ("first", "second"))
        assert not outage.must_wait(first.pk, now=NOON)
        held(second, until=NOON + SECOND)
        assert outage.must_wait(first.pk, now=NOON)
        assert not outage.must_wait(second.pk, now=NOON)
        assert not outage.must_wait(silent("elsewhere", accounts[1]).pk, now=NOON)
        held(second, until=NOON)
        assert not outage.must_wait(first.pk, now=NOON)

    def test_a_silent_role_does_not_wait_for_one_that_answers(self, accounts: tuple[Account, Account]) -> None:
        one = silent("silent", accounts[0])
        held(role("other", accounts[0]), until=NOON + SECOND)
        assert not outage.must_wait(one.pk, now=NOON)

    def test_a_role_waits_in_an_account_that_answers_nothing(self, accounts: tuple[Account, Account]) -> None:
        held(silent("silent", accounts[0]), until=NOON + SECOND)
        one = role("one", accounts[0])
        assert outage.must_wait(one.pk, now=NOON)
        role("answers", accounts[0])
        RoleState.objects.filter(role__name="answers").update(reconciled_at=NOON - SECOND)
        assert not outage.must_wait(one.pk, now=NOON)

    def test_the_first_attempt_at_a_revocation_waits_for_nothing(self, cast: Cast) -> None:
        grant = factories.create_grant(cast)
        held(silent("silent", cast.role.account), until=NOON + SECOND)
        assert outage.must_wait(cast.role.pk, now=NOON)
        requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
        assert not outage.must_wait(cast.role.pk, now=NOON)

    def test_an_attempt_is_made_where_its_turn_is_unknown(
        self, env: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant()
        monkeypatch.setattr(outage, "must_wait", lambda *_, **__: 1 / 0)
        env.reconcile()
        assert state(grant, env.clock()) == "active"

    def test_a_role_whose_turn_it_is_not_is_left_alone(self, env: Environment) -> None:
        grant = env.create_grant()
        RoleState.objects.filter(pk=env.role.pk).update(
            problem="aws_unavailable", problem_code="aws_silent", failures=1
        )
        other = silent("other", env.role.account)
        held(other, until=env.clock() + 5 * SECOND)
        env.aws.forget_calls()
        convergence.role(env.role.pk, now=env.clock)
        assert env.aws.calls() == []
        held(other, until=env.clock())
        convergence.role(env.role.pk, now=env.clock)
        assert state(grant, env.clock()) == "active"
        assert env.role.state.problem_code == ""


@pytest.fixture
def unanswered(env: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Grant]:
    """A grant that is in AWS and was revoked, on a role of which AWS answers no read.

    Only those reads are given up early. A slow machine has all the time to answer anything else.
    """
    grant, plain = env.create_grant(), clients._config
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())

    def config(use: clients.Use) -> Any:
        made: Any = plain(use)
        is_read = use in {clients.Use.READ_IN_LEASE, clients.Use.READ_ONCE}
        return made.merge(Config(read_timeout=PATIENCE)) if is_read and env.aws.faults() else made

    with monkeypatch.context() as impatient:
        impatient.setattr(clients, "_config", config)
        aws.forget()
        for action in READS:
            env.aws.fault(action, "slow", seconds=LATE, role=env.role.name)
        yield grant
    aws.forget()  # other tests must not get these clients


@pytest.fixture
def attempt(env: Environment, unanswered: Grant, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """Return a function that makes an attempt and returns its calls, those too that nobody waited for."""
    plain, sent = URLLib3Session.send, list[str]()

    def send(session: URLLib3Session, request: Any) -> Any:
        sent.append(request.url)
        return plain(session, request)

    def attempt() -> list[str]:
        env.aws.forget_calls()
        sent.clear()
        env.clock.forward(seconds=61)
        env.reconcile()
        # The local AWS logs a call when it has answered it.
        wait_until(lambda: len(env.aws.calls()) >= len(sent), "all calls are answered")
        return sorted(call["action"] for call in env.aws.calls())

    monkeypatch.setattr(URLLib3Session, "send", send)
    return attempt


def answer_again(env: Environment) -> None:
    """Let AWS answer, and the worker wait for it as usual."""
    env.aws.clear_faults()
    aws.forget()
    heal(env)


class TestTheCalls:
    """Each call to a role without an answer takes all the time that there is."""

    def test_an_accepted_policy_is_not_sent_again(self, env: Environment, unanswered: Grant, attempt: Attempt) -> None:
        assert "PutRolePolicy" in attempt()
        assert env.role.state.problem_code == "aws_silent"
        assert attempt() == ["GetRole"]
        env.clock.forward(minutes=5)
        assert attempt() == ["GetRole", "GetRolePolicy", "PutRolePolicy"]
        answer_again(env)
        assert state(unanswered, env.clock()) == "ended"

    def test_a_deny_that_aws_has_not_accepted_is_sent(
        self, env: Environment, unanswered: Grant, attempt: Attempt
    ) -> None:
        env.aws.fault("PutRolePolicy", "error", status=500, role=env.role.name)
        assert "PutRolePolicy" in attempt()
        assert "PutRolePolicy" in attempt()
        assert "PutRolePolicy" in attempt()

    def test_nor_is_another_deny_forgotten(self, env: Environment, unanswered: Grant, attempt: Attempt) -> None:
        other = env.create_grant()
        assert "PutRolePolicy" in attempt()
        requests.revoke(by=env.cast.alice, grant=other, reason="Stop.", now=env.clock())
        assert "PutRolePolicy" in attempt()
        assert is_denied(env, other)

    def test_a_deny_that_somebody_took_away_is_sent_again(
        self, env: Environment, unanswered: Grant, attempt: Attempt
    ) -> None:
        assert "PutRolePolicy" in attempt()
        env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME)
        env.clock.forward(seconds=30)
        assert env.role.pk in list(drift.drifted(now=env.clock()))
        assert "PutRolePolicy" in attempt()
        assert is_denied(env, unanswered)


def test_an_error_that_is_answered_is_no_silence(env: Environment) -> None:
    env.create_grant()
    env.aws.fault("GetRole", "error", status=500, role=env.role.name)
    env.reconcile()
    assert env.role.state.problem == "aws_unavailable"
    assert env.role.state.problem_code != "aws_silent"
    assert env.role.state.retry_at is not None


def test_a_read_that_takes_longer_than_the_lease_keeps_no_deny_from_aws(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())

    def read_role(**_: Any) -> aws.RoleSnapshot:
        env.clock.forward(seconds=31)
        raise aws.Silent(aws.SILENT, error="ReadTimeoutError")

    monkeypatch.setattr(aws, "read_role", read_role)
    env.reconcile()
    assert is_denied(env, grant)
    assert (env.role.state.problem_code, env.role.state.failures) == ("aws_silent", 1)
