"""Denying, withdrawing, ending early, extending."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from time_machine import TimeMachineFixture

from access.actions import deciding, people, requests
from access.catalogue import changes
from access.ledger.conflicts import Conflict
from access.ledger.identities import resting_on_another_id
from access.models import AuditEvent, Decision, Grant, Request, Role, User
from access.rules.facts import Refused, Terms
from access.rules.windows import Window
from access.texts.text import Listed, Text
from tests.factories import DAY, HOUR, NOON, SECOND, Cast, ask, company, create_grant
from tests.integration import pages
from tests.integration.conftest import Enqueued
from tests.integration.environment import Environment
from tests.integration.pages import text, visitor
from tests.refusals import refusing


def current(request: Request) -> Request:
    return Request.objects.select_related("role__account", "principal", "extends").get(pk=request.pk)


class TestDenyingAndWithdrawing:
    def test_alice_denies_with_a_reason(self, cast: Cast) -> None:
        request = ask(cast)
        deciding.deny(by=cast.alice, request=request, content_hash=request.content_hash, reason="Not now.", now=NOON)
        assert current(request).state == "denied"
        assert Decision.objects.get().reason == "Not now."
        assert not Grant.objects.exists()

    def test_a_denial_needs_a_reason(self, cast: Cast) -> None:
        request = ask(cast)
        with refusing("reason_missing"):
            deciding.deny(by=cast.alice, request=request, content_hash=request.content_hash, reason=" ", now=NOON)

    def test_only_richard_can_withdraw_richards_request(self, cast: Cast) -> None:
        request = ask(cast)
        for person in (cast.rita, cast.alice, cast.ada):
            with refusing("not_requester"):
                requests.withdraw(by=person, request=request, now=NOON)
        requests.withdraw(by=cast.richard, request=request, now=NOON)
        assert current(request).state == "withdrawn"

    @pytest.mark.parametrize("first", ["approve", "deny", "withdraw"])
    def test_a_decided_request_cannot_be_decided_again(self, cast: Cast, first: str) -> None:
        request, settled = ask(cast), {"approve": "approved", "deny": "denied", "withdraw": "withdrawn"}[first]
        shown = request.content_hash
        settle: dict[str, Callable[[User], Any]] = {
            "approve": lambda by: deciding.approve(by=by, request=request, content_hash=shown, now=NOON),
            "deny": lambda by: deciding.deny(by=by, request=request, content_hash=shown, reason="No.", now=NOON),
            "withdraw": lambda _: requests.withdraw(by=cast.richard, request=request, now=NOON),
        }
        settle[first](cast.alice)
        for later in settle.values():
            with pytest.raises(Refused) as refused:
                later(cast.bob)
            assert (refused.value.code, str(refused.value.text.facts["state"])) == ("request_not_pending", settled)
        assert current(request).state == settled


class TestEnding:
    @pytest.mark.parametrize("who", ["richard", "alice", "bob", "ada"])
    def test_owner_approvers_and_administrators_can_revoke(
        self, cast: Cast, who: str, enqueued: list[Enqueued], django_capture_on_commit_callbacks: Any
    ) -> None:
        grant = create_grant(cast)
        with django_capture_on_commit_callbacks(execute=True):
            requests.revoke(by=getattr(cast, who), grant=grant, reason="Stop.", now=NOON + SECOND)
        kept = Grant.objects.get(pk=grant.pk)
        assert (kept.revoked_at, kept.revoked_by, kept.revoked_reason) == (NOON + SECOND, getattr(cast, who), "Stop.")
        assert kept.state(now=NOON + SECOND) == "ending"
        assert enqueued == [Enqueued(cast.role.pk, "urgent")]

    @pytest.mark.parametrize("who", ["rita", "mallory"])
    def test_others_cannot_revoke(self, cast: Cast, who: str) -> None:
        grant = create_grant(cast)
        with refusing("request_unknown"):
            requests.revoke(by=getattr(cast, who), grant=grant, reason="Stop.", now=NOON)
        assert Grant.objects.get(pk=grant.pk).revoked_at is None

    def test_revoking_twice_revokes_once(self, cast: Cast) -> None:
        grant = create_grant(cast)
        requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
        with refusing("grant_over"):
            requests.revoke(by=cast.bob, grant=grant, reason="Stop it.", now=NOON + SECOND)
        assert Grant.objects.get(pk=grant.pk).revoked_by == cast.alice
        assert AuditEvent.objects.filter(verb="grant.revoked").count() == 1

    @pytest.mark.parametrize("late", [-SECOND, 0 * SECOND, SECOND, HOUR, 400 * DAY])
    def test_the_clock_of_the_database_never_prevents_a_revocation(
        self, cast: Cast, late: timedelta, enqueued: list[Enqueued], django_capture_on_commit_callbacks: Any
    ) -> None:
        grant = create_grant(cast)
        with django_capture_on_commit_callbacks(execute=True):
            requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON + HOUR + late)
        assert Grant.objects.get(pk=grant.pk).revoked_at == NOON + HOUR + late
        assert enqueued == [Enqueued(cast.role.pk, "urgent")]

    @pytest.mark.parametrize("way", ["revoke", "return_access"])
    def test_a_grant_already_removed_from_aws_cannot_be_ended(self, cast: Cast, way: str) -> None:
        grant = create_grant(cast)
        Grant.objects.filter(pk=grant.pk).update(removed_at=NOON + HOUR)
        end: dict[str, Any] = {
            "revoke": partial(requests.revoke, by=cast.alice, reason="Stop."),
            "return_access": partial(requests.return_access, by=cast.richard),
        }
        with refusing("grant_over"):
            end[way](grant=grant, now=NOON + HOUR)
        assert Grant.objects.get(pk=grant.pk).revoked_at is None

    def test_a_clock_that_is_ahead_hides_no_dependent_grant(self, cast: Cast) -> None:
        grant, ahead = create_grant(cast), NOON + 2 * HOUR
        assert list(changes.rests_on(cast.role, now=ahead)) == [grant]
        assert resting_on_another_id(grant.principal_arn, "AIDAANOTHERANOTHER01", now=ahead) == [grant]
        Grant.objects.filter(pk=grant.pk).update(removed_at=ahead)
        assert not changes.rests_on(cast.role, now=ahead).exists()
        assert resting_on_another_id(grant.principal_arn, "AIDAANOTHERANOTHER01", now=ahead) == []

    def test_the_clock_of_the_database_never_prevents_returning_access(self, cast: Cast) -> None:
        grant = create_grant(cast)
        requests.return_access(by=cast.richard, grant=grant, now=NOON + 2 * HOUR)
        assert Grant.objects.get(pk=grant.pk).revoked_by == cast.richard

    def test_a_revocation_needs_a_reason(self, cast: Cast) -> None:
        grant = create_grant(cast)
        with refusing("reason_missing"):
            requests.revoke(by=cast.alice, grant=grant, reason="", now=NOON)

    def test_only_richard_can_return_richards_access(self, cast: Cast) -> None:
        grant = create_grant(cast)
        with refusing("not_grant_holder_return"):
            requests.return_access(by=cast.alice, grant=grant, now=NOON)
        requests.return_access(by=cast.richard, grant=grant, now=NOON)
        assert Grant.objects.get(pk=grant.pk).revoked_by == cast.richard
        assert AuditEvent.objects.filter(verb="grant.returned").exists()


class TestExtending:
    def longer(self, cast: Cast, grant: Grant, *, end: datetime = NOON + 2 * HOUR, now: datetime = NOON) -> Request:
        return requests.extend(by=cast.richard, grant=grant, ends_at=end, reason="More files.", now=now)

    def test_an_approval_moves_the_end_and_keeps_the_session_name(self, cast: Cast) -> None:
        grant = create_grant(cast)
        request = self.longer(cast, grant)
        assert Grant.objects.get(pk=grant.pk).ends_at == NOON + HOUR
        deciding.approve(by=cast.alice, request=request, content_hash=request.content_hash, now=NOON)
        longer = Grant.objects.get()
        assert (longer.pk, longer.session_name, longer.ends_at) == (grant.pk, grant.session_name, NOON + 2 * HOUR)

    def test_an_ended_or_revoked_grant_cannot_be_extended(self, cast: Cast) -> None:
        grant = create_grant(cast)
        with pytest.raises(Refused):
            self.longer(cast, grant, now=NOON + HOUR)
        requests.revoke(by=cast.alice, grant=grant, reason="Stop.", now=NOON)
        with pytest.raises(Refused):
            self.longer(cast, grant)

    def test_a_grant_that_ended_meanwhile_cannot_be_extended_by_an_approval(self, cast: Cast) -> None:
        grant = create_grant(cast)
        request = self.longer(cast, grant)
        with pytest.raises((Refused, Conflict)):
            deciding.approve(by=cast.alice, request=request, content_hash=request.content_hash, now=NOON + HOUR)
        assert Grant.objects.get().ends_at == NOON + HOUR

    def test_a_grant_that_was_revoked_meanwhile_stays_revoked(self, cast: Cast) -> None:
        grant = create_grant(cast)
        request = self.longer(cast, grant)
        requests.revoke(by=cast.bob, grant=grant, reason="Stop.", now=NOON)
        with refusing("request_not_pending"):
            deciding.approve(by=cast.alice, request=request, content_hash=request.content_hash, now=NOON)
        # Also when the extension could not be withdrawn with the grant.
        Request.objects.filter(pk=request.pk).update(state="pending", settled_at=None)
        with refusing("extended_grant_over"):
            deciding.approve(by=cast.alice, request=request, content_hash=request.content_hash, now=NOON)
        assert Grant.objects.get().ends_at == NOON + HOUR

    def test_an_approval_conflicts_if_the_worker_removed_the_grant_meanwhile(self, cast: Cast) -> None:
        grant = create_grant(cast)
        request = self.longer(cast, grant)
        Grant.objects.filter(pk=grant.pk).update(applied_at=NOON, removed_at=NOON + HOUR)
        with refusing("extended_grant_changed", Conflict):
            deciding.approve(
                by=cast.alice, request=request, content_hash=request.content_hash, now=NOON + HOUR - SECOND
            )

    def test_only_richard_can_extend_richards_grant(self, cast: Cast) -> None:
        grant = create_grant(cast)
        for person in (cast.rita, cast.alice, cast.ada):
            with pytest.raises(Refused):
                requests.extend(by=person, grant=grant, ends_at=NOON + 2 * HOUR, reason="More.", now=NOON)


class TestExtendingOnConditions:
    """A grant continues unchanged: an extension does not add requirements that its role has gained since."""

    LATER: ClassVar[dict[str, Any]] = {"ends_at": NOON + 2 * HOUR, "reason": "More files.", "now": NOON}
    MORE: ClassVar[dict[str, tuple[dict[str, Any], str]]] = {
        "a second factor": (
            {"requires_mfa": True},
            "lacks_mfa",
        ),
        "an external id": ({"external_id": "project-7"}, "lacks_external_id"),
        "addresses": ({"source_rule": "always"}, "lacks_sources"),
        "other addresses": ({"source_rule": "always", "source_networks": ["198.51.100.0/24"]}, "lacks_sources"),
    }

    @pytest.mark.parametrize("more", MORE)
    def test_a_role_with_new_requirements_needs_a_new_request(self, cast: Cast, more: str) -> None:
        facts, named = self.MORE[more]
        grant = create_grant(cast, sources=("203.0.113.7/32",) if more == "other addresses" else ())
        Role.objects.update(**facts)
        with pytest.raises(Refused) as refused:
            requests.extend(by=cast.richard, grant=grant, **self.LATER)
        assert refused.value.text == Text("extension_lacks_conditions", {"lacks": Listed((Text(named),))})

    @pytest.mark.parametrize("more", ["addresses", "other addresses"])
    def test_new_requirements_of_a_role_also_apply_to_an_extension(
        self, cast: Cast, more: str, time_machine: TimeMachineFixture
    ) -> None:
        time_machine.move_to(NOON, tick=False)
        facts, named = self.MORE[more]
        grant = create_grant(cast, sources=("203.0.113.7/32",) if more == "other addresses" else ())
        request = requests.extend(by=cast.richard, grant=grant, **self.LATER)
        Role.objects.update(**facts)
        shown = visitor(cast.alice).get(pages.of(request, "approval"))
        assert "extension_lacks_conditions" in pages.codes(shown)
        assert str(Text(named)) in text(shown)
        with refusing("extension_lacks_conditions"):
            deciding.approve(by=cast.alice, request=current(request), content_hash=request.content_hash, now=NOON)
        assert Grant.objects.get().ends_at == NOON + HOUR

    def test_an_extension_is_requested_and_shown_with_the_conditions_of_its_grant(
        self, cast: Cast, time_machine: TimeMachineFixture
    ) -> None:
        time_machine.move_to(NOON, tick=False)
        Role.objects.update(source_rule="always", requires_mfa=True, external_id="project-7")
        grant = create_grant(cast, sources=("203.0.113.7/32",), role=Role.objects.get())
        request = requests.extend(by=cast.richard, grant=grant, **self.LATER)
        assert (request.asks_mfa, request.source_cidrs) == (True, ["203.0.113.7/32"])
        page = visitor(cast.alice).get(pages.of(request, "approval"))
        assert "203.0.113.7/32" in text(page)
        assert pages.codes(page) == set()

    @pytest.mark.parametrize("rule", ["always", "never"])
    def test_a_shorter_extension_can_be_approved(self, cast: Cast, rule: str) -> None:
        grant = create_grant(cast, sources=("203.0.113.7/32",))
        Role.objects.update(source_rule=rule)
        request = requests.extend(by=cast.richard, grant=grant, **self.LATER)
        less = Terms(Window(grant.ends_at, NOON + HOUR * 3 / 2), request.asks_mfa, tuple(request.source_cidrs))
        deciding.approve(by=cast.alice, request=request, content_hash=request.shown_as(less), terms=less, now=NOON)
        assert Grant.objects.get().ends_at == NOON + HOUR * 3 / 2

    def test_a_portal_issued_role_can_start_to_require_a_second_factor(self, cast: Cast) -> None:
        grant = create_grant(cast, by=cast.rita, principal_arn="")
        Role.objects.update(requires_mfa=True)
        request = requests.extend(by=cast.rita, grant=grant, **self.LATER)
        assert not request.asks_mfa


def test_disabling_a_company_ends_access_and_denies_live_sessions(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    assert env.can_assume(env.richard_arn, grant.session_name)
    people.disable_person_or_company(by=env.cast.ada, what=company(), now=env.clock())
    env.reconcile()
    assert not env.can_assume(env.richard_arn, grant.session_name)
    assert f"{env.role.unique_id}:{grant.session_name}" in str(env.expiry_policy())
    assert Grant.objects.get(pk=grant.pk).removed_at is not None
