"""While the audit chain accepts no events, ending access still works and granting it does not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from access import housekeeping
from access.actions import (
    auto_approvals,
    certifying,
    deciding,
    delegations,
    invitations,
    people,
    requests,
)
from access.actions.auto_approvals import AutoApprovalLimits
from access.actions.break_glass import stop_break_glass
from access.actions.break_glass_policies import withdraw_break_glass_policy
from access.catalogue import changes
from access.ledger.browsers import forget_browsers
from access.ledger.chain import AuditUnavailable
from access.ledger.chaining import chain_spooled
from access.ledger.refusals import note_refusal
from access.ledger.sessions import close_others, close_session, open_session
from access.ledger.walks import broken_links
from access.models import AuditHead, Contractor, Grant, Heartbeat, KnownBrowser, Request, SpooledEvent
from tests import break_glass, factories
from tests.factories import HOUR, NOON, SECOND, Cast, ask, create_grant
from tests.integration import pages
from tests.integration.refusing import EVENTS, chained, failing, revoke
from tests.signin import sign_in

pytestmark = pytest.mark.django_db


def nothing(_: Cast) -> None:
    return None


def a_delegation(cast: Cast) -> Any:
    return delegations.create_delegation(by=cast.alice, delegate=cast.bob, from_at=NOON, until_at=NOON + HOUR, now=NOON)


def an_auto_approval(cast: Cast) -> Any:
    terms = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + 30 * factories.DAY, per_week=3)
    return auto_approvals.create_auto_approval_policy(
        by=cast.ada, role=cast.role, company=factories.company(), limits=terms, now=NOON
    )


def an_invitation(cast: Cast) -> Any:
    return invitations.invite(by=cast.ada, email="new@example.com", sponsor=True, now=NOON)


def using_break_glass(cast: Cast) -> Any:
    return break_glass.new_grant(break_glass.policy(cast, cast.mallory), cast.mallory)


def deny(cast: Cast, request: Request) -> None:
    deciding.deny(by=cast.alice, request=request, content_hash=request.content_hash, reason="No.", now=NOON)


Prepare = Callable[[Cast], Any]
Act = Callable[[Cast, Any], Any]
# What is there before, what ends it, the event of that, and how many grants end with it.
ENDINGS: dict[str, tuple[Prepare, Act, str, int]] = {
    "revoke": (create_grant, revoke, "grant.revoked", 1),
    "return": (create_grant, lambda c, g: requests.return_access(by=c.richard, grant=g, now=NOON), "grant.returned", 1),
    "stop break-glass": (
        using_break_glass,
        lambda c, use: stop_break_glass(by=c.ada, grant=break_glass.grant_of(use), now=NOON),
        "grant.revoked",
        1,
    ),
    "withdraw a break-glass policy": (
        using_break_glass,
        lambda c, use: withdraw_break_glass_policy(by=c.ada, policy=use.break_glass_policy, now=NOON),
        "break_glass_policy.withdrawn",
        1,
    ),
    "reject in a review": (
        create_grant,
        lambda c, g: certifying.certify_grant(by=c.alice, grant=g, keep=False, comment="Too long.", now=NOON),
        "certification.rejected",
        1,
    ),
    "disable a contractor": (
        lambda c: (create_grant(c), ask(c)),
        lambda c, _: people.disable_person_or_company(by=c.ada, what=Contractor.objects.get(user=c.richard), now=NOON),
        "contractor.disabled",
        1,
    ),
    "disable a company": (
        create_grant,
        lambda c, _: people.disable_person_or_company(by=c.ada, what=factories.company(), now=NOON),
        "company.disabled",
        1,
    ),
    "disable a colleague": (
        create_grant,
        lambda c, _: people.disable_person_or_company(by=c.ada, what=c.alice, now=NOON),
        "person.disabled",
        1,
    ),
    "disable a role": (
        lambda c: c.role,
        lambda c, role: changes.change(by=c.ada, role=role, fields={"is_active": False}, now=NOON),
        "role.changed",
        0,
    ),
    "end an automatic approval": (
        an_auto_approval,
        lambda c, rule: auto_approvals.end_auto_approval_policy(by=c.ada, policy=rule, now=NOON),
        "auto_approval_policy.ended",
        0,
    ),
    "end a delegation": (
        a_delegation,
        lambda c, row: delegations.end_delegation(by=c.alice, row=row, now=NOON),
        "delegation.ended",
        0,
    ),
    "withdraw an invitation": (
        an_invitation,
        lambda c, row: invitations.withdraw_invitation(by=c.ada, invitation=row, now=NOON),
        "invitation.withdrawn",
        0,
    ),
    "sign out": (
        nothing,
        lambda c, _: close_session(c.alice, address="192.0.2.1", now=NOON),
        "session.closed",
        0,
    ),
    "sign out everywhere else": (
        lambda c: sign_in(Client(), c.alice),
        lambda c, _: close_others(c.alice, kept="", address="192.0.2.1", now=NOON),
        "session.others_closed",
        0,
    ),
    "forget a browser": (
        lambda c: KnownBrowser.objects.create(
            person=c.alice, token_hash="x", stamp="x", signed_in_at=NOON, expires_at=NOON + HOUR
        ),
        lambda c, _: forget_browsers(c.alice, why="by hand", by=c.alice, now=NOON),
        "browser.forgotten",
        0,
    ),
}


@pytest.mark.parametrize(("prepare", "act", "verb", "ends"), ENDINGS.values(), ids=ENDINGS.keys())
def test_ending_access_still_works_and_is_chained_later(
    cast: Cast, prepare: Prepare, act: Act, verb: str, ends: int
) -> None:
    what = prepare(cast)
    before = AuditHead.objects.get().sequence
    with failing(EVENTS):
        act(cast, what)
    assert AuditHead.objects.get().sequence == before
    assert verb in {row.verb for row in SpooledEvent.objects.all()}
    assert Grant.objects.exclude(revoked_at=None).count() == ends
    chain_spooled(now=NOON + HOUR)
    assert verb in {event.verb for event in chained()}
    assert {event.at for event in chained()} == {NOON}
    assert broken_links() == []


OPENINGS: dict[str, tuple[Prepare, Act]] = {
    "ask": (nothing, lambda c, _: ask(c)),
    "approve": (ask, factories.approve),
    "deny": (
        ask,
        lambda c, r: deciding.deny(by=c.alice, request=r, content_hash=r.content_hash, reason="No.", now=NOON),
    ),
    "extend": (
        create_grant,
        lambda c, g: requests.extend(by=c.richard, grant=g, ends_at=NOON + 2 * HOUR, reason="More.", now=NOON),
    ),
    "break glass": (lambda c: break_glass.policy(c, c.mallory), lambda c, rule: break_glass.new_grant(rule, c.mallory)),
    "keep in a review": (
        create_grant,
        lambda c, g: certifying.certify_grant(by=c.alice, grant=g, keep=True, comment="", now=NOON),
    ),
    "enable a company": (
        lambda c: people.disable_person_or_company(by=c.ada, what=factories.company(), now=NOON),
        lambda c, _: people.enable_person_or_company(by=c.ada, what=factories.company(), now=NOON),
    ),
    "enable a role": (
        lambda c: changes.change(by=c.ada, role=c.role, fields={"is_active": False}, now=NOON),
        lambda c, _: changes.change(by=c.ada, role=c.role, fields={"is_active": True}, now=NOON),
    ),
    "disable a role and change it": (
        lambda c: c.role,
        lambda c, r: changes.change(by=c.ada, role=r, fields={"is_active": False, "quorum": 2}, now=NOON),
    ),
    "confirm an automatic approval": (
        lambda c: (an_auto_approval(c), break_glass.adam())[0],
        lambda _, rule: auto_approvals.confirm_auto_approval_policy(by=break_glass.adam(), policy=rule, now=NOON),
    ),
    "name a delegate": (nothing, lambda c, _: a_delegation(c)),
    "invite": (nothing, lambda c, _: an_invitation(c)),
    "sign in": (
        nothing,
        lambda c, _: open_session(c.alice, ways=["password"], address="192.0.2.1", now=NOON),
    ),
}


@pytest.mark.parametrize(("prepare", "act"), OPENINGS.values(), ids=OPENINGS.keys())
def test_everything_else_is_refused(cast: Cast, prepare: Prepare, act: Act) -> None:
    what = prepare(cast)
    before = pages.world()
    with failing(EVENTS):
        with pytest.raises(AuditUnavailable), transaction.atomic():
            act(cast, what)
        assert pages.world() == before
        assert not SpooledEvent.objects.exists()


class TestNotifications:
    @pytest.fixture(autouse=True)
    def at_noon(self, time_machine: TimeMachineFixture) -> None:
        time_machine.move_to(NOON, tick=False)

    def test_a_person_who_revokes_is_informed(self, cast: Cast, grant: Grant) -> None:
        client = pages.visitor(cast.alice)
        with failing(EVENTS):
            page = client.post(pages.of(grant.request, "request_revoke"), {"reason": "Enough."}, follow=True)
        assert "Revoked." in page.content.decode()
        assert NOTICE in page.content.decode()

    def test_nobody_is_informed_while_all_is_well(self, cast: Cast, grant: Grant) -> None:
        client = pages.visitor(cast.alice)
        page = client.post(pages.of(grant.request, "request_revoke"), {"reason": "Enough."}, follow=True)
        assert NOTICE not in page.content.decode()

    def test_an_approver_reads_that_nothing_was_done(self, cast: Cast) -> None:
        request = ask(cast)
        with failing(EVENTS):
            page = pages.visitor(cast.alice).post(
                pages.of(request, "approval"), {"verdict": "approve", "content_hash": request.content_hash}
            )
        assert page.status_code == 503
        assert pages.codes(page) == {"audit_log_refuses"}

    def test_administrators_are_informed_until_everything_is_chained(self, cast: Cast, grant: Grant) -> None:
        housekeeping.run(now=NOON)
        assert OVERVIEW not in overview(cast)
        assert readyz()["audit"] == "ok"
        with failing(EVENTS):
            revoke(cast, grant)
            housekeeping.run(now=NOON + SECOND)
            assert "no entries since 24 Nov 2026, 12:00 UTC" in overview(cast)
            assert set(readyz()["attention"]) == {"audit_accepts_nothing", "spool_waiting"}
            assert "no entries since 2026-11-24 12:00 UTC" in readyz()["audit"]
        assert OVERVIEW in overview(cast)
        housekeeping.run(now=NOON + 2 * SECOND)
        assert OVERVIEW not in overview(cast)
        assert readyz()["audit"] == "ok"

    def test_the_portal_stays_ready_so_that_people_can_revoke(self, cast: Cast) -> None:
        housekeeping.run(now=timezone.now())
        before = Client().get(reverse("readyz")).status_code
        with failing(EVENTS):
            housekeeping.run(now=timezone.now() + SECOND)
            assert Client().get(reverse("readyz")).status_code == before


NOTICE = 'data-code="event_spooled"'
OVERVIEW = "The audit log needs attention"


def overview(cast: Cast) -> str:
    return pages.visitor(cast.ada).get(reverse("home")).content.decode()


def readyz() -> dict[str, Any]:
    return dict(Client().get(reverse("readyz")).json())


def test_the_sweep_continues_although_nothing_can_be_recorded(cast: Cast) -> None:
    overdue = ask(cast)
    note_refusal("authz.denied", person=cast.richard, address="192.0.2.1", page="x", now=NOON)
    later = overdue.expires_at + HOUR
    with failing(EVENTS):
        housekeeping.run(now=later)
    assert Heartbeat.objects.get(name="worker").at == later
    assert Request.objects.get().state == "pending"
    housekeeping.run(now=later + SECOND)
    assert Request.objects.get().state == "expired"
