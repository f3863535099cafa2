"""An hour is an hour from the approval: the window is computed when the request is decided, and all rules judge it."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from access.actions import auto_approvals, deciding
from access.actions.auto_approvals import AutoApprovalLimits
from access.evidence.content import content_of
from access.ledger.requests import expire_overdue
from access.models import AuditEvent, AutoApprovalPolicy, Contractor, Decision, Grant, Request, Role, RoleState
from access.rules.windows import Window
from tests import factories
from tests.factories import DAY, HOUR, NOON, RICHARD_ARN, SECOND, Cast, approve, ask
from tests.integration import pages
from tests.integration.pages import codes, text, visitor
from tests.refusals import refusing

MINUTE = timedelta(minutes=1)


def policy(cast: Cast, **different: object) -> AutoApprovalPolicy:
    """Return a policy in force that approves what Richard's company asks."""
    facts = {"longest_window": 2 * HOUR, "expires_at": NOON + 30 * DAY, "per_week": 9, **different}
    made = auto_approvals.create_auto_approval_policy(
        by=cast.ada,
        role=cast.role,
        company=factories.company(),
        limits=AutoApprovalLimits(**facts),  # type: ignore[arg-type]
        now=NOON,
    )
    olga = factories.user("olga", is_staff=True)
    auto_approvals.confirm_auto_approval_policy(by=olga, policy=made, now=NOON)
    return made


@pytest.mark.parametrize("late", [timedelta(0), 5 * MINUTE, 3 * HOUR, DAY - SECOND])
def test_an_hour_lasts_an_hour_from_the_approval(cast: Cast, late: timedelta) -> None:
    grant = approve(cast, ask(cast), now=NOON + late)
    assert grant is not None
    assert (grant.starts_at, grant.ends_at) == (NOON + late, NOON + late + HOUR)


def test_the_last_of_several_approvals_starts_it(cast: Cast) -> None:
    Role.objects.update(quorum=2)
    request = ask(cast)
    assert approve(cast, request, now=NOON + HOUR) is None
    grant = approve(cast, request, by=cast.bob, now=NOON + 4 * HOUR)
    assert grant is not None
    assert (grant.starts_at, grant.ends_at) == (NOON + 4 * HOUR, NOON + 5 * HOUR)


def test_an_approval_between_two_seconds_starts_at_the_next_and_keeps_the_length(cast: Cast) -> None:
    grant = approve(cast, ask(cast), now=NOON + MINUTE + timedelta(microseconds=1))
    assert grant is not None
    assert (grant.starts_at, grant.ends_at) == (NOON + MINUTE + SECOND, NOON + MINUTE + SECOND + HOUR)


class TestAllRulesRunAgain:
    def refused(self, cast: Cast, request: Request, code: str, *, at: timedelta) -> None:
        """Assert that the approval is refused, and neither shortened nor recorded."""
        with refusing(code):
            approve(cast, request, now=NOON + at)
        assert not Decision.objects.exists()
        assert not Grant.objects.exists()
        assert Request.objects.get(pk=request.pk).state == "pending"

    def test_the_end_of_the_contract(self, cast: Cast) -> None:
        request = ask(cast)
        Contractor.objects.update(contract_ends_at=NOON + 2 * HOUR)
        self.refused(cast, request, "contractor_cannot_hold", at=HOUR + SECOND)
        assert approve(cast, request, now=NOON + HOUR) is not None

    def test_the_office_hours(self, cast: Cast) -> None:
        request = ask(cast)
        Role.objects.update(office_days="12345", office_opens=time(9), office_closes=time(14), office_zone="UTC")
        self.refused(cast, request, "outside_hours", at=HOUR + SECOND)
        assert approve(cast, request, now=NOON + HOUR) is not None

    def test_the_longest_window(self, cast: Cast) -> None:
        request = ask(cast)
        Role.objects.update(longest_window=HOUR - SECOND)
        self.refused(cast, request, "window_too_long", at=HOUR)

    def test_the_capacity(self, cast: Cast) -> None:
        request = ask(cast, by=cast.rita, principal_arn="")
        Role.objects.update(largest_share=1)
        self.refused(cast, request, "role_share_full", at=HOUR)

    def test_permissions_that_bypass_the_expiry(self, cast: Cast) -> None:
        request = ask(cast)
        RoleState.objects.update(can_bypass_expiry=["iam:DeleteRolePolicy"])
        self.refused(cast, request, "role_can_bypass_expiry", at=HOUR)

    def test_the_latest_start_when_the_contract_was_extended_meanwhile(self, cast: Cast) -> None:
        Contractor.objects.update(contract_ends_at=NOON + 3 * HOUR)
        request = ask(cast)
        assert (request.latest_start, request.latest_end) == (NOON + 2 * HOUR, NOON + 3 * HOUR)
        Contractor.objects.update(contract_ends_at=NOON + DAY)
        self.refused(cast, request, "approval_too_late", at=2 * HOUR + SECOND)
        assert approve(cast, request, now=NOON + 2 * HOUR) is not None

    def test_the_deadline_of_the_role(self, cast: Cast) -> None:
        Role.objects.update(expires_after=2 * HOUR)
        request = ask(cast, role=Role.objects.get())
        self.refused(cast, request, "request_expired", at=2 * HOUR)


class TestAutoApprovals:
    def test_the_policy_judges_and_counts_the_window_that_it_gives(self, cast: Cast) -> None:
        policy(cast, per_week=None, hours_per_week=2 * HOUR)
        request = ask(cast, now=NOON + MINUTE)
        assert (request.grant.starts_at, request.grant.ends_at) == (NOON + MINUTE, NOON + MINUTE + HOUR)
        assert ask(cast, starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR / 2).state == "approved"
        assert ask(cast, length=HOUR / 2 + SECOND).state == "pending"
        assert ask(cast, length=HOUR / 2).state == "approved"
        assert ask(cast, length=SECOND).state == "pending"

    def test_outside_its_hours_people_decide(self, cast: Cast) -> None:
        policy(cast, office_days="12345", office_opens=time(9), office_closes=time(13), office_zone="UTC")
        assert ask(cast).state == "approved"
        assert ask(cast, now=NOON + SECOND).state == "pending"


def test_the_content_hash_covers_the_length_and_both_limits(cast: Cast) -> None:
    requests = [ask(cast), ask(cast, length=2 * HOUR), ask(cast, now=NOON + SECOND)]
    Role.objects.update(expires_after=2 * DAY)
    requests.append(ask(cast, role=Role.objects.get()))
    chosen = {(request.length, request.latest_start, request.latest_end) for request in requests}
    assert len(chosen) == len({request.content_hash for request in requests}) == 4
    event = AuditEvent.objects.filter(verb="request.submitted").order_by("sequence").first()
    assert event is not None
    shown = {name: event.details[name] for name in ("length", "latest_start", "latest_end", "expires_at")}
    assert shown == {
        "length": 3600,
        "latest_start": "2026-11-25T12:00:00+00:00",
        "latest_end": "2026-11-25T13:00:00+00:00",
        "expires_at": "2026-11-25T12:00:00Z",
    }


class TestExpiry:
    def test_a_request_expires_by_its_roles_deadline_and_not_by_its_length(self, cast: Cast) -> None:
        Role.objects.update(expires_after=3 * DAY)
        request = ask(cast, role=Role.objects.get())
        expire_overdue(now=NOON + 3 * DAY - SECOND)
        assert Request.objects.get(pk=request.pk).state == "pending"
        expire_overdue(now=NOON + 3 * DAY)
        assert Request.objects.get(pk=request.pk).state == "expired"

    def test_a_start_far_ahead_does_not_delay_the_decision(self, cast: Cast) -> None:
        request = ask(cast, starts_at=NOON + 30 * DAY, ends_at=NOON + 30 * DAY + HOUR)
        assert request.expires_at == NOON + DAY

    def test_a_chosen_window_that_is_over_is_not_waited_for(self, cast: Cast) -> None:
        assert ask(cast, starts_at=NOON, ends_at=NOON + HOUR).expires_at == NOON + HOUR


class TestPages:
    @pytest.fixture(autouse=True)
    def at_noon(self, time_machine: TimeMachineFixture) -> None:
        time_machine.move_to(NOON + 5 * MINUTE, tick=False)

    def test_the_approver_reads_the_end_and_the_last_moment(self, cast: Cast) -> None:
        page = text(visitor(cast.alice).get(pages.of(ask(cast), "approval")))
        assert "Window 1 hour from approval" in page
        assert "If approved now until 24 Nov 2026, 13:05 UTC" in page
        assert "Approval deadline The request can be approved until 25 Nov 2026, 12:00 UTC" in page

    def test_the_last_moment_is_that_of_the_office_hours(self, cast: Cast) -> None:
        Role.objects.update(office_days="2", office_opens=time(9), office_closes=time(17), office_zone="UTC")
        page = text(visitor(cast.alice).get(pages.of(ask(cast, role=Role.objects.get()), "approval")))
        assert "Approval deadline The request can be approved until 24 Nov 2026, 16:00 UTC" in page

    def test_nobody_is_told_that_an_approval_is_possible_when_it_is_not(self, cast: Cast) -> None:
        request = ask(cast)
        Contractor.objects.update(contract_ends_at=NOON + HOUR)
        page = text(visitor(cast.alice).get(pages.of(request, "approval")))
        assert "Approval deadline The request can no longer be approved" in page
        assert "The contractor can no longer get this access" in page or "You cannot approve this request" in page

    def test_the_requester_reads_the_length_and_afterwards_the_window(self, cast: Cast) -> None:
        request = ask(cast)
        assert "Window 1 hour from approval" in text(visitor(cast.richard).get(pages.of(request)))
        approve(cast, request, now=NOON + 5 * MINUTE)
        assert "24 Nov 2026, 12:05 \N{EN DASH} 13:05 UTC (1 hour)" in text(visitor(cast.richard).get(pages.of(request)))

    def test_the_evidence_names_the_length_and_its_limits(self, cast: Cast) -> None:
        grant = factories.create_grant(cast)
        asked = content_of(grant, by=cast.ada, now=NOON)["requests"][0]
        assert (asked["length"], asked["latest_start"]) == (3600, "2026-11-25T12:00:00+00:00")
        assert (asked["starts_at"], asked["ends_at"]) == (None, None)


def test_a_start_that_an_approver_gives_stays_within_the_limits(cast: Cast) -> None:
    request = ask(cast)
    late = replace(request.terms(), window=Window(NOON + DAY + SECOND, NOON + DAY + 2 * SECOND))
    with refusing("approval_too_late"):
        deciding.approve(by=cast.alice, request=request, content_hash=request.shown_as(late), terms=late, now=NOON)


class TestOverlap:
    """Access that the requester got since they made the request is not given to them a second time."""

    def two(self, cast: Cast, **different: Any) -> tuple[Request, Request]:
        return ask(cast), ask(cast, **different)

    def test_an_approval_that_repeats_a_newer_grant_is_refused(
        self, cast: Cast, time_machine: TimeMachineFixture
    ) -> None:
        first, second = self.two(cast)
        approve(cast, first, now=NOON + MINUTE)
        with refusing("overlaps_newer_grant"):
            approve(cast, second, now=NOON + 2 * MINUTE)
        assert Request.objects.get(pk=second.pk).state == "pending"
        assert Decision.objects.count() == 1
        time_machine.move_to(NOON + 2 * MINUTE, tick=False)
        assert "overlaps_newer_grant" in codes(visitor(cast.alice).get(pages.of(second, "approval")))

    def test_when_the_other_access_is_over_the_approval_is_possible(self, cast: Cast) -> None:
        first, second = self.two(cast)
        approve(cast, first, now=NOON + MINUTE)
        assert approve(cast, second, now=NOON + MINUTE + HOUR) is not None

    def test_a_later_start_avoids_the_overlap(self, cast: Cast) -> None:
        first, second = self.two(cast)
        approve(cast, first, now=NOON + MINUTE)
        later = replace(second.terms(), window=Window(NOON + 2 * HOUR, NOON + 3 * HOUR))
        shown, now = second.shown_as(later), NOON + 2 * MINUTE
        deciding.approve(by=cast.alice, request=second, content_hash=shown, terms=later, now=now)
        assert Grant.objects.count() == 2

    def test_access_that_was_pointed_out_or_ended_early_does_not_count(self, cast: Cast) -> None:
        factories.create_grant(cast)
        assert approve(cast, ask(cast, now=NOON + MINUTE), now=NOON + 2 * MINUTE) is not None
        Grant.objects.all().update(revoked_at=NOON + 3 * MINUTE, revoked_by=cast.alice, revoked_reason="Enough.")
        assert approve(cast, ask(cast, now=NOON + MINUTE), now=NOON + 4 * MINUTE) is not None

    def test_another_identity_another_person_and_the_same_moment_are_no_repetition(self, cast: Cast) -> None:
        first, second = self.two(cast, principal_arn=RICHARD_ARN + "2")
        third, ritas = ask(cast), ask(cast, by=cast.rita, principal_arn="")
        for request in (first, third):
            approve(cast, request, now=NOON + MINUTE)
        assert approve(cast, second, now=NOON + 2 * MINUTE) is not None
        assert approve(cast, ritas, now=NOON + 2 * MINUTE) is not None
