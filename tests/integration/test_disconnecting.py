"""An administrator disconnects an account in which nothing is open; nothing can begin there until it is back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access import accounts, clock, tasks, trust
from access.actions import disconnecting, requests
from access.catalogue import changes, importing, making
from access.ledger.conflicts import Conflict
from access.models import Account, AuditEvent, Grant, Role, RoleState
from access.reconcile import connection, convergence, due, outage
from access.reviews import troubles
from access.reviews.oversight import Oversight
from tests import break_glass, factories
from tests.factories import HOUR, NOON, SECOND, Cast
from tests.integration.environment import Environment
from tests.integration.pages import codes, text, visitor
from tests.integration.test_stopping import an_auto_approval
from tests.refusals import refusing

pytestmark = pytest.mark.django_db
KEPT = trust.KEEP_AFTER_END


@pytest.fixture(autouse=True)
def messages(monkeypatch: pytest.MonkeyPatch) -> None:
    for task in (tasks.test_connection, tasks.reconcile_role):
        monkeypatch.setattr(task, "apply_async", lambda **_: None)


def account() -> Account:
    return factories.account()


def disconnect(cast: Cast, *, now: Any = NOON) -> Account:
    disconnecting.disconnect(by=cast.ada, account=account(), now=now)
    return account()


def test_nobody_but_an_administrator_disconnects_an_account(cast: Cast) -> None:
    with refusing("administrator_only"):
        disconnecting.disconnect(by=cast.alice, account=account(), now=NOON)


def test_an_account_with_a_pending_request_stays_connected(cast: Cast) -> None:
    factories.ask(cast)
    with refusing("account_has_requests"):
        disconnect(cast)


@pytest.mark.parametrize("later", [HOUR / 2, 2 * HOUR], ids=["live", "expired, but not read back"])
def test_an_account_with_an_open_grant_stays_connected(cast: Cast, later: timedelta) -> None:
    factories.create_grant(cast)
    with refusing("account_has_grants"):
        disconnect(cast, now=NOON + later)


def test_an_account_stays_connected_while_aws_needs_a_deny(cast: Cast) -> None:
    grant = factories.create_grant(cast)
    Grant.objects.filter(pk=grant.pk).update(removed_at=grant.ends_at)
    with refusing("account_needs_denies"):
        disconnect(cast, now=grant.ends_at + KEPT - SECOND)
    assert not disconnect(cast, now=grant.ends_at + KEPT).is_connected


def test_disconnecting_disables_the_roles_ends_policies_and_is_on_record(cast: Cast) -> None:
    policy, other = an_auto_approval(cast), break_glass.policy(cast, cast.mallory)
    disconnect(cast)
    policy.refresh_from_db()
    other.refresh_from_db()
    assert policy.ended_at == NOON
    assert other.withdrawn_at == NOON
    assert not Role.objects.filter(is_active=True).exists()
    event = AuditEvent.objects.get(verb="account.disconnected")
    assert (event.actor, event.details["roles"]) == (cast.ada.email, [cast.role.name])
    with refusing("role_not_yours"):
        factories.ask(cast)


def test_an_account_is_disconnected_once(cast: Cast) -> None:
    disconnect(cast)
    with refusing("account_disconnected", Conflict):
        disconnect(cast)


def test_nothing_new_begins_in_a_disconnected_account(cast: Cast) -> None:
    there = disconnect(cast)
    planned = Role.new(account=there, name="new", to_build=True, policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    for begin in (
        lambda: changes.change(by=cast.ada, role=cast.role, fields={"is_active": True}, now=NOON),
        lambda: making.make(by=cast.ada, role=planned, now=NOON),
        lambda: importing.import_role(
            by=cast.ada, account=there, arn=f"arn:aws:iam::{there.account_id}:role/old", description="", now=NOON
        ),
        lambda: accounts.test_connection(by=cast.ada, account=there, now=NOON),
    ):
        with refusing("account_disconnected"):
            begin()


def test_the_worker_leaves_a_disconnected_account_alone(env: Environment) -> None:
    Account.objects.update(disconnected_at=env.clock(), test_asked_at=env.clock(), unreachable_at=env.clock())
    before = len(env.aws.calls())
    convergence.role(env.role.pk, now=env.clock)
    assert len(env.aws.calls()) == before
    assert due.due(now=env.clock()) == []
    assert connection.tests_due() == []
    assert not outage.reachable_accounts(now=env.clock()).exists()
    assert not troubles.failing_accounts(Oversight(env.cast.ada, env.clock(), everything=True)).exists()


def test_a_role_that_failed_is_no_trouble_any_more(cast: Cast) -> None:
    factories.update_roles(
        failures=9, problem="aws_denied", problem_code="aws_denied", waiting_since=NOON, generation=3
    )
    disconnect(cast)
    state = RoleState.objects.get()
    assert (state.failures, state.problem, state.waiting_since) == (0, "", None)
    assert state.reconciled_generation == 3


def test_an_account_is_connected_again_and_its_roles_are_read(cast: Cast) -> None:
    disconnect(cast)
    disconnecting.reconnect(by=cast.ada, account=account(), now=NOON)
    assert account().is_connected
    assert account().is_testing
    assert RoleState.objects.get().generation > RoleState.objects.get().reconciled_generation
    assert due.due(now=NOON) == [cast.role.pk]
    assert not Role.objects.filter(is_active=True).exists()
    changes.change(by=cast.ada, role=cast.role, fields={"is_active": True}, now=NOON)
    with refusing("account_connected", Conflict):
        disconnecting.reconnect(by=cast.ada, account=account(), now=NOON)


class TestPages:
    """What an administrator sees and presses."""

    @pytest.fixture
    def ada(self, cast: Cast) -> Client:
        return visitor(cast.ada)

    def path(self, name: str) -> str:
        return reverse(name, args=[factories.HOST_ACCOUNT])

    def test_the_page_says_what_prevents_it_and_has_no_button(self, ada: Client, cast: Cast) -> None:
        requests_before = factories.ask(cast, now=clock.now())
        page = ada.get(self.path("account_disconnect"))
        assert "account_has_requests" in codes(page)
        assert "Disconnect account" not in text(page)
        assert "account_has_requests" in codes(ada.post(self.path("account_disconnect")))
        assert account().is_connected
        requests.withdraw(by=cast.richard, request=requests_before, now=clock.now())
        assert "Disconnect account" in text(ada.get(self.path("account_disconnect")))

    def test_ada_disconnects_and_connects_again(self, ada: Client, cast: Cast) -> None:
        assert cast.role.name in text(ada.get(self.path("account_disconnect")))
        page = ada.post(self.path("account_disconnect"), follow=True)
        assert "Connect again" in text(page)
        assert "disconnected" in text(ada.get(reverse("accounts")))
        page = ada.post(self.path("account_reconnect"), follow=True)
        assert "Account connected again." in text(page)

    def test_for_others_there_is_no_such_page(self, cast: Cast) -> None:
        alice = visitor(cast.alice)
        assert alice.get(self.path("account_disconnect")).status_code == 404
        assert alice.post(self.path("account_reconnect")).status_code == 404
