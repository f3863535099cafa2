"""Approving: one approval, or as many as the role requires, of exactly what was shown."""

from datetime import timedelta
from typing import Any

import pytest

from access.actions import deciding
from access.ledger.conflicts import Conflict
from access.models import Contractor, Decision, Grant, Request, Role
from access.rules.facts import Refused
from tests import factories
from tests.factories import HOUR, NOON, RICHARD_ARN, SECOND, Cast, approve, ask, create_grant
from tests.integration.conftest import Enqueued
from tests.refusals import refusing


def current(request: Request) -> Request:
    return Request.objects.select_related("role__account", "principal", "extends").get(pk=request.pk)


class TestApproving:
    def test_alice_approves_and_the_grant_is_as_requested(self, cast: Cast) -> None:
        request = ask(cast)
        grant = approve(cast, request)
        assert grant is not None
        assert current(request).state == "approved"
        assert (grant.principal_arn, grant.session_name) == (RICHARD_ARN, request.session_name)
        assert (grant.starts_at, grant.ends_at) == (NOON, NOON + HOUR)
        assert grant.state(now=NOON) == "activating"

    def test_the_worker_is_woken_after_the_commit(
        self, cast: Cast, enqueued: list[Enqueued], django_capture_on_commit_callbacks: Any
    ) -> None:
        request = ask(cast)
        with django_capture_on_commit_callbacks() as told:
            approve(cast, request)
        assert enqueued == []
        for tell in told:
            tell()
        assert enqueued == [Enqueued(cast.role.pk, "default")]

    def test_the_role_is_due_even_if_the_message_is_lost(self, cast: Cast) -> None:
        create_grant(cast)
        role = Role.objects.get(pk=cast.role.pk)
        assert role.state.generation == role.state.reconciled_generation + 1
        assert role.state.waiting_since == NOON

    def test_an_approval_within_the_window_starts_the_grant_at_the_next_second(self, cast: Cast) -> None:
        request = ask(cast, starts_at=NOON)
        late = NOON + timedelta(minutes=10, microseconds=1)
        grant = approve(cast, request, now=late)
        assert grant is not None
        assert (grant.starts_at, grant.ends_at) == (NOON + timedelta(minutes=10, seconds=1), NOON + HOUR)

    def test_an_approval_before_the_start_keeps_the_requested_start(self, cast: Cast) -> None:
        grant = create_grant(cast, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
        assert grant.starts_at == NOON + HOUR

    @pytest.mark.parametrize("late", [HOUR, HOUR + SECOND, HOUR - timedelta(milliseconds=500)])
    def test_an_approval_with_less_than_a_second_left_is_refused(self, cast: Cast, late: timedelta) -> None:
        request = ask(cast, starts_at=NOON)
        with refusing("request_expired"):
            approve(cast, request, now=NOON + late)
        assert current(request).state == "pending"
        assert not Grant.objects.exists()

    def test_an_approval_in_the_last_second_grants_one_second(self, cast: Cast) -> None:
        grant = approve(cast, ask(cast, starts_at=NOON), now=NOON + HOUR - SECOND)
        assert grant is not None
        assert grant.ends_at - grant.starts_at == SECOND

    def test_nobody_can_approve_their_own_request(self, cast: Cast) -> None:
        cast.role.approvers.add(cast.richard)
        with refusing("own_request"):
            approve(cast, ask(cast), by=cast.richard)

    def test_no_superuser_can_approve_their_own_request(self, cast: Cast) -> None:
        cast.role.approvers.add(cast.ada)
        cast.role.contractors.add(factories.contractor(cast.ada, sponsor=cast.alice))
        request = ask(cast, by=cast.ada)
        with refusing("own_request"):
            approve(cast, request, by=cast.ada)
        assert not Decision.objects.exists()

    def test_mallory_and_ada_cannot_approve(self, cast: Cast) -> None:
        request = ask(cast)
        for person in (cast.mallory, cast.ada):
            with refusing("not_an_approver"):
                approve(cast, request, by=person)

    def test_a_former_approver_cannot_approve_from_an_old_page(self, cast: Cast) -> None:
        request = ask(cast)
        cast.role.approvers.remove(cast.alice)
        with refusing("not_an_approver"):
            approve(cast, request)

    def test_a_disabled_approver_is_refused(self, cast: Cast) -> None:
        request = ask(cast)
        type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=False)
        cast.alice.refresh_from_db()
        with refusing("not_an_approver"):
            approve(cast, request)

    def test_a_stale_page_approves_nothing(self, cast: Cast) -> None:
        request = ask(cast)
        with refusing("page_outdated_request", Conflict):
            deciding.approve(by=cast.alice, request=request, content_hash="0" * 64, now=NOON)
        assert not Decision.objects.exists()

    def test_a_role_with_changed_permissions_must_be_reviewed_again(self, cast: Cast) -> None:
        request = ask(cast)
        Role.objects.filter(pk=cast.role.pk).update(permissions={"Version": "2012-10-17", "Statement": []})
        with refusing("request_content_changed", Conflict):
            approve(cast, request)

    def test_a_request_for_a_changed_role_can_still_be_denied(self, cast: Cast) -> None:
        request = ask(cast)
        Role.objects.filter(pk=cast.role.pk).update(permissions={"Version": "2012-10-17", "Statement": []})
        deciding.deny(by=cast.alice, request=request, content_hash=request.content_hash, reason="No.", now=NOON)
        assert current(request).state == "denied"

    @pytest.mark.parametrize("facts", [{"is_active": False}, {"contract_ends_at": NOON + HOUR - SECOND}])
    def test_a_contractor_who_left_meanwhile_gets_no_grant(self, cast: Cast, facts: dict[str, Any]) -> None:
        request = ask(cast)
        Contractor.objects.filter(requests=request).update(**facts)
        with pytest.raises(Refused):
            approve(cast, request)
        assert not Grant.objects.exists()

    def test_a_contractor_who_can_no_longer_sign_in_gets_no_grant(self, cast: Cast) -> None:
        request = ask(cast)
        type(cast.richard).objects.filter(pk=cast.richard.pk).update(is_active=False)
        with pytest.raises(Refused):
            approve(cast, request)

    def test_a_role_withdrawn_from_the_contractor_is_not_granted(self, cast: Cast) -> None:
        request = ask(cast)
        cast.role.contractors.clear()
        with refusing("contractor_not_eligible"):
            approve(cast, request)

    def test_the_grant_keeps_the_terms_of_its_approval(self, cast: Cast) -> None:
        Role.objects.filter(pk=cast.role.pk).update(external_id="dp-ext-1", requires_mfa=True)
        grant = create_grant(cast)
        Role.objects.filter(pk=cast.role.pk).update(external_id="dp-ext-2", requires_mfa=False)
        kept = Grant.objects.get(pk=grant.pk)
        assert (kept.external_id, kept.requires_mfa) == ("dp-ext-1", True)

    def test_two_approvals_are_needed_where_the_role_requires_two(self, cast: Cast) -> None:
        Role.objects.filter(pk=cast.role.pk).update(quorum=2)
        request = ask(cast)
        assert approve(cast, request) is None
        assert current(request).state == "pending"
        with refusing("already_decided_by_you"):
            approve(cast, request)
        assert approve(cast, request, by=cast.bob) is not None
        assert current(request).state == "approved"

    def test_one_denial_is_enough_where_the_role_requires_two_approvals(self, cast: Cast) -> None:
        Role.objects.filter(pk=cast.role.pk).update(quorum=2)
        request = ask(cast)
        approve(cast, request)
        deciding.deny(by=cast.bob, request=request, content_hash=request.content_hash, reason="No.", now=NOON)
        assert current(request).state == "denied"
        assert not Grant.objects.exists()
