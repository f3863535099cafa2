"""A lost second factor: two administrators reset it, or a command, and the person decides nothing for a day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from access.actions import (
    auto_approvals,
    break_glass,
    deciding,
    delegations,
    factor_resets,
    invitations,
    requests,
    stopping,
)
from access.actions.auto_approvals import AutoApprovalLimits
from access.actions.stop_targets import Target
from access.catalogue import changes
from access.ledger.conflicts import Conflict
from access.management.refusing import RefusedCommand
from access.models import (
    AuditEvent,
    Contractor,
    Delegation,
    FactorReset,
    KnownBrowser,
    Notification,
    Request,
    Session,
    Stop,
    User,
)
from access.notifications.waiting import send_waiting
from access.rules.facts import Refused
from access.rules.stopping import Scope
from tests import break_glass as glass
from tests import factories
from tests.factories import HOUR, NOON, Cast
from tests.integration.pages import codes, text, visitor
from tests.integration.test_limits import by_code, by_password, code, enrol, is_in
from tests.signin import sign_in

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
REASON = {"reason": "Lost phone, called back on the known number."}


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def olga(cast: Cast) -> User:
    return factories.user("olga", is_staff=True)


def proposal(cast: Cast, person: User, *, by: User | None = None, now: Any = NOON) -> FactorReset:
    return factor_resets.propose_factor_reset(
        by=by or cast.ada, person=person, reason="Lost phone.", has_new_factor=True, now=now
    )


def confirmed(reset: FactorReset, by: User, now: Any = NOON) -> None:
    factor_resets.confirm_factor_reset(by=by, reset=reset, has_new_factor=True, now=now)


def reset_of(cast: Cast, person: User, olga: User) -> None:
    confirmed(proposal(cast, person), olga)
    person.refresh_from_db()


def store_done(row: FactorReset, confirmed_by: User | None) -> None:
    """Store a reset as its second step would, past all rules."""
    row.save()
    FactorReset.objects.filter(pk=row.pk).update(done_at=NOON, confirmed_by=confirmed_by)


class TestTwoAdministrators:
    def test_two_administrators_remove_all_factors_and_end_the_sessions(self, cast: Cast, olga: User) -> None:
        alice = enrol(cast.alice)
        Authenticator.objects.create(user=alice, type=Authenticator.Type.RECOVERY_CODES, data={})
        session = visitor(alice)
        assert is_in(session)
        path = reverse("factor_reset", args=[alice.public_id])
        ada, second = visitor(cast.ada), visitor(olga)
        assert "Another administrator must confirm" in text(ada.post(path, REASON, follow=True))
        assert Authenticator.objects.filter(user=alice).count() == 2
        reset = FactorReset.objects.get()
        assert "Confirm reset" in text(second.get(path))
        second.post(reverse("factor_reset_confirm", args=[reset.public_id]))
        assert not Authenticator.objects.filter(user=alice).exists()
        assert not Session.objects.filter(person=alice).exists()
        assert not is_in(session)
        verbs = AuditEvent.objects.filter(verb__startswith="factor.reset").values_list("verb", "actor")
        assert list(verbs) == [("factor.reset_proposed", "ada@example.com"), ("factor.reset", "olga@example.com")]

    def test_the_person_signs_in_with_the_password_and_sets_up_a_new_factor(self, cast: Cast, olga: User) -> None:
        reset_of(cast, enrol(cast.richard), olga)
        client = Client()
        by_password(client)
        assert client.get(reverse("home"))["Location"] == reverse("mfa_index")
        assert client.get(reverse("mfa_activate_totp")).status_code == 200

    def test_proposing_and_confirming_ask_for_a_new_factor(self, cast: Cast, olga: User) -> None:
        enrol(cast.alice)
        client = Client()
        sign_in(client, cast.ada)
        path = reverse("factor_reset", args=[cast.alice.public_id])
        assert reverse("mfa_reauthenticate") in client.post(path, REASON)["Location"]
        reset = proposal(cast, cast.alice)
        sign_in(client, olga)
        answer = client.post(reverse("factor_reset_confirm", args=[reset.public_id]))
        assert reverse("mfa_reauthenticate") in answer["Location"]
        assert Authenticator.objects.filter(user=cast.alice).exists()
        for by in (cast.ada, olga):
            with pytest.raises(Refused) as refused:
                factor_resets.confirm_factor_reset(by=by, reset=reset, has_new_factor=False, now=NOON)
            assert refused.value.code == "confirmation_too_old"

    def test_neither_of_the_two_is_the_person_concerned_and_they_differ(self, cast: Cast, olga: User) -> None:
        with pytest.raises(Refused) as own:
            proposal(cast, cast.ada)
        assert own.value.code == "own_factor_reset"
        reset = proposal(cast, olga)
        for by, why in ((cast.ada, "own_proposal"), (olga, "own_factor_reset"), (cast.alice, "administrator_only")):
            with pytest.raises(Refused) as refused:
                confirmed(reset, by)
            assert refused.value.code == why

    @pytest.mark.parametrize(
        "columns",
        [
            {"proposed_by": "olga", "confirmed_by": "ada"},
            {"proposed_by": "ada", "confirmed_by": "olga"},
            {"proposed_by": "ada", "confirmed_by": "ada"},
            {"proposed_by": "ada", "confirmed_by": None},
            {"proposed_by": None, "confirmed_by": "ada"},
            {"proposed_by": None, "confirmed_by": None},
        ],
    )
    def test_the_database_refuses_a_reset_by_fewer_than_two_others(
        self, cast: Cast, olga: User, columns: dict[str, str | None]
    ) -> None:
        people = {"ada": cast.ada, "olga": olga, None: None}
        named = {column: people[name] for column, name in columns.items()}
        row = FactorReset(person=olga, reason="x", proposed_at=NOON, proposed_by=named["proposed_by"])
        with pytest.raises(IntegrityError), transaction.atomic():
            store_done(row, named["confirmed_by"])

    def test_a_reset_is_settled_once(self, cast: Cast, olga: User) -> None:
        reset = proposal(cast, enrol(cast.alice))
        confirmed(reset, olga)
        with pytest.raises(Refused) as refused:
            confirmed(reset, olga)
        assert refused.value.code == "factor_reset_not_waiting"
        with pytest.raises(Conflict):
            factor_resets.withdraw_factor_reset(by=cast.ada, reset=reset, now=NOON)

    def test_a_proposal_expires(self, cast: Cast, olga: User) -> None:
        reset = proposal(cast, enrol(cast.alice))
        for now in (NOON + DAY, NOON - SECOND):
            with pytest.raises(Refused) as refused:
                confirmed(reset, olga, now=now)
            assert refused.value.code == "factor_reset_not_waiting"
        assert proposal(cast, cast.alice, now=NOON + DAY).pk != reset.pk

    def test_one_proposal_waits_for_a_person(self, cast: Cast, olga: User) -> None:
        proposal(cast, cast.alice)
        with pytest.raises(Refused) as refused:
            proposal(cast, cast.alice, by=olga)
        assert refused.value.code == "factor_reset_waiting"

    def test_the_person_can_withdraw_a_proposal_that_they_did_not_ask_for(self, cast: Cast) -> None:
        enrol(cast.alice)
        reset = proposal(cast, cast.alice)
        alice = visitor(cast.alice)
        path = reverse("factor_reset", args=[cast.alice.public_id])
        assert "Withdraw reset" in text(alice.get(path))
        alice.post(reverse("factor_reset_withdraw", args=[reset.public_id]))
        assert FactorReset.objects.waiting(now=NOON).count() == 0
        assert alice.get(path).status_code == 404

    def test_administrators_find_it_on_the_page_of_people(self, cast: Cast) -> None:
        cast.bob.is_sponsor = True
        cast.bob.save()
        reset = proposal(cast, cast.alice)
        link = reverse("factor_reset", args=[cast.alice.public_id])
        assert "Resets to confirm Second factor of Alice" in text(visitor(cast.ada).get(reverse("people")))
        assert link not in visitor(cast.bob).get(reverse("people")).content.decode()
        factor_resets.withdraw_factor_reset(by=cast.ada, reset=reset, now=NOON)
        assert "Resets to confirm" not in text(visitor(cast.ada).get(reverse("people")))

    def test_nobody_else_sees_or_touches_it(self, cast: Cast) -> None:
        reset = proposal(cast, cast.alice)
        for person in (cast.bob, cast.richard, cast.mallory):
            client = visitor(person)
            assert client.get(reverse("factor_reset", args=[cast.alice.public_id])).status_code == 404
            for name in ("factor_reset_confirm", "factor_reset_withdraw"):
                assert client.post(reverse(name, args=[reset.public_id])).status_code == 404
        assert FactorReset.objects.waiting(now=NOON).exists()

    def test_everyone_concerned_is_notified(self, cast: Cast, olga: User) -> None:
        Contractor.objects.filter(user=cast.richard).update(sponsor=cast.alice)
        reset = proposal(cast, enrol(cast.richard))
        send_waiting(now=NOON)
        everyone = sorted(["richard@example.com", "alice@example.com", "ada@example.com", "olga@example.com"])
        assert sorted(to for message in mail.outbox for to in message.to) == everyone
        mail.outbox.clear()
        confirmed(reset, olga)
        send_waiting(now=NOON)
        assert sorted(to for message in mail.outbox for to in message.to) == everyone
        assert all("Ada and Olga removed the second factor" in str(message.body) for message in mail.outbox)

    def test_known_browsers_are_forgotten(self, cast: Cast, olga: User) -> None:
        client = Client()
        enrol(cast.richard)
        by_password(client)
        by_code(client, code())
        assert KnownBrowser.objects.exists()
        reset_of(cast, cast.richard, olga)
        assert not KnownBrowser.objects.exists()


def approve(cast: Cast, asked: Request, by: User, now: Any) -> Any:
    return deciding.approve(by=by, request=asked, content_hash=asked.content_hash, now=now)


class TestWithoutDeciding:
    """For a day after the reset nothing is decided, not by another way either; ending access is always possible."""

    @pytest.fixture
    def asked(self, cast: Cast) -> Request:
        return factories.ask(cast)

    DECISIONS: dict[str, Callable[[Cast, Request, Any], Any]] = {
        "approve": lambda cast, asked, now: approve(cast, asked, cast.alice, now),
        "deny": lambda cast, asked, now: deciding.deny(
            by=cast.alice, request=asked, content_hash=asked.content_hash, reason="No.", now=now
        ),
        "delegate": lambda cast, _, now: delegations.create_delegation(
            by=cast.alice, delegate=cast.mallory, from_at=now, until_at=now + HOUR, now=now
        ),
    }

    @pytest.mark.parametrize("name", DECISIONS)
    def test_an_approver_decides_nothing_for_a_day(self, cast: Cast, olga: User, asked: Request, name: str) -> None:
        reset_of(cast, enrol(cast.alice), olga)
        for now in (NOON, NOON + HOUR, NOON + DAY - SECOND):
            with pytest.raises(Refused) as refused:
                self.DECISIONS[name](cast, asked, now)
            assert refused.value.code in ({"factor_reset_lately"} if now < asked.expires_at else {"request_expired"})

    def test_after_a_day_they_decide_again(self, cast: Cast, olga: User) -> None:
        reset_of(cast, enrol(cast.alice), olga)
        cast.alice.refresh_from_db()
        asked = factories.ask(cast, now=NOON + DAY)
        assert approve(cast, asked, cast.alice, NOON + DAY)

    def test_they_do_not_decide_as_a_delegate_either(self, cast: Cast, olga: User, asked: Request) -> None:
        Delegation.objects.create(
            approver=cast.alice, delegate=cast.mallory, from_at=NOON, until_at=NOON + HOUR, named_at=NOON
        )
        reset_of(cast, enrol(cast.mallory), olga)
        with pytest.raises(Refused) as refused:
            approve(cast, asked, cast.mallory, NOON)
        assert refused.value.code == "factor_reset_lately"

    def test_they_do_not_use_break_glass(self, cast: Cast, olga: User) -> None:
        policy = glass.policy(cast, cast.mallory)
        reset_of(cast, enrol(cast.mallory), olga)
        with pytest.raises(Refused) as refused:
            break_glass.use_break_glass(
                by=cast.mallory, policy=policy, length=HOUR, reason="x", has_new_factor=True, now=NOON
            )
        assert refused.value.code == "factor_reset_lately"

    def test_an_administrator_confirms_and_changes_nothing(self, cast: Cast, olga: User) -> None:
        stop = stopping.stop(by=cast.ada, target=Target(Scope.EVERYTHING), reason="x", has_new_factor=True, now=NOON)
        third = factories.user("theo", is_staff=True)
        limits = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + DAY, per_week=1)
        confirmed(proposal(cast, enrol(olga)), third)
        tries: list[Callable[[], Any]] = [
            lambda: stopping.lift(by=olga, stop=stop, has_new_factor=True, now=NOON),
            lambda: changes.change(by=olga, role=cast.role, fields={"quorum": 2}, now=NOON),
            lambda: invitations.invite(by=olga, email="new@example.com", administrator=True, now=NOON),
            lambda: proposal(cast, cast.bob, by=olga),
            lambda: confirmed(proposal(cast, cast.alice), olga),
            lambda: auto_approvals.create_auto_approval_policy(
                by=olga, role=cast.role, company=factories.company(), limits=limits, now=NOON
            ),
        ]
        for attempt in tries:
            with pytest.raises(Refused) as refused:
                attempt()
            assert refused.value.code == "factor_reset_lately"
        assert Stop.objects.get().lift_proposed_by is None

    def test_a_proposal_of_somebody_whose_own_factor_was_reset_cannot_be_confirmed(
        self, cast: Cast, olga: User
    ) -> None:
        third = factories.user("theo", is_staff=True)
        waiting = proposal(cast, enrol(cast.alice), by=olga)
        confirmed(proposal(cast, enrol(olga)), third)
        with pytest.raises(Refused) as refused:
            confirmed(waiting, third)
        assert refused.value.code == "factor_reset_lately"

    def test_ending_access_stays_possible(self, cast: Cast, olga: User) -> None:
        grant = factories.create_grant(cast)
        reset_of(cast, enrol(cast.alice), olga)
        requests.revoke(by=cast.alice, grant=grant, reason="Not needed.", now=NOON)
        grant.refresh_from_db()
        assert grant.revoked_at == NOON

    def test_the_page_says_until_when(self, cast: Cast, olga: User, asked: Request) -> None:
        reset_of(cast, enrol(cast.alice), olga)
        alice = visitor(cast.alice)
        assert "so you cannot approve, deny or confirm anything until" in text(
            alice.get(reverse("approval", args=[asked.public_id]))
        )
        shown = alice.post(
            reverse("approval", args=[asked.public_id]), {"content_hash": asked.content_hash, "verdict": "approve"}
        )
        assert "factor_reset_lately" in codes(shown)


class TestCommand:
    def run(self, email: str = "ada@example.com") -> None:
        call_command("reset_second_factor", email, reason="The only administrator lost their phone.")

    def test_it_helps_where_no_two_administrators_are_left(self, cast: Cast, olga: User) -> None:
        enrol(cast.ada)
        enrol(olga)
        self.run()
        assert not Authenticator.objects.filter(user=cast.ada).exists()
        cast.ada.refresh_from_db()
        assert cast.ada.decides_again_at == NOON + DAY
        event = AuditEvent.objects.get(verb="factor.reset")
        assert (event.actor, event.details["reason"]) == ("command", "The only administrator lost their phone.")
        assert Notification.objects.filter(kind="factor_reset", person=olga).exists()

    def test_it_refuses_while_two_other_administrators_can(self, cast: Cast, olga: User) -> None:
        for person in (cast.ada, olga, factories.user("theo", is_staff=True)):
            enrol(person)
        with pytest.raises(RefusedCommand) as refused:
            self.run()
        assert refused.value.code == "factor_reset_needs_administrators"
        assert Authenticator.objects.filter(user=cast.ada).exists()

    def test_administrators_without_a_factor_of_their_own_do_not_count(self, cast: Cast, olga: User) -> None:
        enrol(cast.ada)
        factories.user("theo", is_staff=True)
        self.run()
        assert not Authenticator.objects.filter(user=cast.ada).exists()

    def test_it_knows_nobody_by_another_address(self, cast: Cast) -> None:
        with pytest.raises(RefusedCommand) as refused:
            self.run("nobody@example.com")
        assert refused.value.code == "command_person_unknown"

    def test_a_reason_is_needed(self, cast: Cast) -> None:
        with pytest.raises(RefusedCommand) as refused:
            call_command("reset_second_factor", "ada@example.com", reason=" ")
        assert refused.value.code == "reason_missing"
