"""Stages, delegates and deadlines, as the database holds them."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

import pytest
from django.core import mail
from time_machine import TimeMachineFixture

from access import tasks
from access.actions import deciding, delegations, people, requests
from access.actions.delegations import create_delegation
from access.ledger.delegations import end_expired_delegations
from access.ledger.notifications import create_notifications
from access.ledger.requests import expire_overdue
from access.ledger.subjects import subject_of
from access.models import AuditEvent, Decision, Delegation, Grant, Notification, Request, Role, Stage, User
from access.notifications import waiting
from access.rules.checks import can_see
from access.rules.facts import MAX_PENDING_PER_CONTRACTOR, Refused
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast, approve, ask
from tests.integration import pages
from tests.integration.pages import text, visitor

MINUTE = HOUR / 60


@pytest.fixture
def staged(cast: Cast) -> Cast:
    """After Alice or Bob, Dan of security has to approve too."""
    stage = Stage.objects.create(role=cast.role, position=2, name="Security")
    stage.approvers.add(factories.user("dan"))
    return cast


def dan() -> User:
    return User.objects.get(email="dan@example.com")


def delegated(cast: Cast, delegate: User | None = None, *, now: datetime = NOON, days: int = 1) -> Delegation:
    """Return the delegation from Alice to Mallory, unless somebody else is named."""
    return create_delegation(
        by=cast.alice, delegate=delegate or cast.mallory, from_at=now, until_at=now + days * DAY, now=now
    )


def refusal(attempt: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        attempt()
    return refused.value.code


def verbs(request: Request) -> list[str]:
    return list(AuditEvent.objects.filter(subject=subject_of(request)).values_list("verb", flat=True))


class TestStages:
    def test_the_grant_is_created_with_the_approval_of_the_last_stage(self, staged: Cast, enqueued: list[Any]) -> None:
        request = ask(staged)
        assert refusal(lambda: approve(staged, request, by=dan())) == "not_at_your_stage"
        assert approve(staged, request) is None
        assert refusal(lambda: approve(staged, request, by=staged.bob)) == "not_at_your_stage"
        assert approve(staged, request, by=dan()) is not None
        assert [(one.approver, one.stage) for one in Decision.objects.order_by("pk")] == [(staged.alice, 1), (dan(), 2)]

    def test_one_denial_in_any_stage_is_enough(self, staged: Cast) -> None:
        request = ask(staged)
        approve(staged, request)
        shown = request.content_hash
        deciding.deny(by=dan(), request=request, content_hash=shown, reason="No.", now=NOON)
        assert Request.objects.get().state == "denied"
        assert not Grant.objects.exists()

    def test_approvers_of_a_later_stage_can_see_and_revoke(self, staged: Cast) -> None:
        request = ask(staged)
        assert can_see(dan().facts(), request.facts(), now=NOON)
        approve(staged, request)
        grant = approve(staged, request, by=dan())
        assert grant is not None
        requests.revoke(by=dan(), grant=grant, reason="Stop.", now=NOON)
        assert list(staged.role.all_approvers().order_by("name")) == [staged.alice, staged.bob, dan()]
        assert list(Role.objects.approved_by(dan(), now=NOON)) == [staged.role]

    def test_the_next_stage_is_notified_when_it_can_decide(self, staged: Cast) -> None:
        request = ask(staged)
        waiting.remind(now=NOON)
        assert set(Notification.objects.values_list("person__name", flat=True)) == {"Alice", "Bob"}
        approve(staged, request, now=NOON + MINUTE)
        waiting.remind(now=NOON + MINUTE)
        assert list(Notification.objects.filter(stage=2).values_list("person__name", flat=True)) == ["Dan"]


class TestWhoIsNeededLater:
    """Alice or Bob first, then Alice: if Alice approved first, nobody could give the second approval."""

    @pytest.fixture
    def kept(self, cast: Cast, time_machine: TimeMachineFixture) -> Request:
        time_machine.move_to(NOON, tick=False)
        stage = Stage.objects.create(role=cast.role, position=2, name="Security")
        stage.approvers.add(cast.alice)
        return ask(cast)

    def test_an_approver_waits_for_their_stage_and_the_page_says_why(self, cast: Cast, kept: Request) -> None:
        assert refusal(lambda: approve(cast, kept)) == "needed_at_another_stage"
        page = text(visitor(cast.alice).get(pages.of(kept, "approval")))
        assert "You cannot approve this request You cannot approve this stage, because another stage" in page
        assert "Deny request…" in page
        assert not Decision.objects.exists()
        waiting.remind(now=NOON)
        assert set(Notification.objects.values_list("person__name", flat=True)) == {"Bob"}
        assert approve(cast, kept, by=cast.bob) is None
        assert approve(cast, kept) is not None

    def test_the_page_says_when_no_approver_is_left_until_one_is_named(self, cast: Cast, kept: Request) -> None:
        """Alice was not in the second stage when approving, and is its only member now."""
        stage = Stage.objects.get()
        stage.approvers.set([cast.bob])
        approve(cast, kept)
        stage.approvers.set([cast.alice])
        said = (
            "Not enough approvers are left: each person can approve only once. Ask an administrator to add approvers."
        )
        for person, name in ((cast.alice, "approval"), (cast.richard, "request"), (cast.bob, "request")):
            assert said in text(visitor(person).get(pages.of(kept, name)))
        stage.approvers.add(cast.bob)
        assert said not in text(visitor(cast.bob).get(pages.of(kept)))
        assert approve(cast, kept, by=cast.bob) is not None


class TestDelegates:
    def test_a_delegate_decides_under_their_own_name_and_is_recorded_as_delegate(
        self, cast: Cast, enqueued: list[Any]
    ) -> None:
        request = ask(cast)
        assert refusal(lambda: approve(cast, request, by=cast.mallory)) == "not_an_approver"
        delegated(cast)
        assert approve(cast, request, by=cast.mallory) is not None
        decision = Decision.objects.get()
        assert (decision.approver, decision.delegate_of, str(decision)) == (
            cast.mallory, cast.alice, "Mallory as delegate of Alice approved",
        )  # fmt: skip
        event = AuditEvent.objects.get(verb="decision.approved")
        assert (event.actor, event.details["delegate_of"]) == ("mallory@example.com", "alice@example.com")

    def test_a_delegate_and_the_absent_approver_count_as_one_of_two_approvals(self, cast: Cast) -> None:
        Role.objects.update(quorum=2)
        request = ask(cast)
        delegated(cast)
        assert approve(cast, request, by=cast.mallory) is None
        assert refusal(lambda: approve(cast, request, by=cast.alice)) == "delegate_decided"
        assert approve(cast, request, by=cast.bob) is not None

    def test_it_ends_by_itself_even_if_nothing_runs(self, cast: Cast) -> None:
        delegated(cast)
        request = ask(cast, now=NOON + DAY)
        assert refusal(lambda: approve(cast, request, by=cast.mallory, now=NOON + DAY)) == "not_an_approver"
        assert not Role.objects.approved_by(cast.mallory, now=NOON + DAY).exists()
        assert Role.objects.approved_by(cast.mallory, now=NOON + DAY - SECOND).exists()
        end_expired_delegations(now=NOON + DAY)
        end_expired_delegations(now=NOON + DAY)
        assert AuditEvent.objects.filter(verb="delegation.ended", actor="daypass").count() == 1

    def test_it_ends_when_the_approver_is_back_earlier(self, cast: Cast) -> None:
        row = delegated(cast)
        assert refusal(lambda: delegations.end_delegation(by=cast.mallory, row=row, now=NOON)) == "administrator_only"
        delegations.end_delegation(by=cast.alice, row=row, now=NOON)
        delegations.end_delegation(by=cast.ada, row=row, now=NOON)
        request = ask(cast)
        assert refusal(lambda: approve(cast, request, by=cast.mallory)) == "not_an_approver"
        assert AuditEvent.objects.filter(verb="delegation.ended").count() == 1
        assert delegated(cast, cast.bob).delegate == cast.bob

    def test_only_approvers_without_a_delegate_can_name_one(self, cast: Cast) -> None:
        delegated(cast)
        assert refusal(lambda: delegated(cast, cast.bob)) == "delegation_exists"
        end = NOON + DAY
        nobody = refusal(
            lambda: create_delegation(by=cast.mallory, delegate=cast.bob, from_at=NOON, until_at=end, now=NOON)
        )
        assert nobody == "not_an_approver_of_any_role"
        terms: dict[str, Any] = {"from_at": NOON, "until_at": end, "now": NOON}
        assert refusal(lambda: create_delegation(by=cast.bob, delegate=cast.rita, **terms)) == "delegate_not_active"

    def test_a_disabled_delegate_decides_nothing(self, cast: Cast) -> None:
        delegated(cast)
        request = ask(cast)
        people.disable_person_or_company(by=cast.ada, what=cast.mallory, now=NOON)
        assert refusal(lambda: approve(cast, request, by=cast.mallory)) == "not_an_approver"

    def test_nobody_decides_for_a_disabled_approver(self, cast: Cast) -> None:
        end = NOON + DAY
        create_delegation(by=cast.bob, delegate=cast.mallory, from_at=NOON, until_at=end, now=NOON)
        request = ask(cast)
        people.disable_person_or_company(by=cast.ada, what=cast.bob, now=NOON)
        assert refusal(lambda: approve(cast, request, by=cast.mallory)) == "not_an_approver"

    def test_a_delegate_is_notified_too(self, cast: Cast) -> None:
        delegated(cast)
        ask(cast)
        waiting.remind(now=NOON)
        assert set(Notification.objects.values_list("person__name", flat=True)) == {"Alice", "Bob", "Mallory"}


class TestDeadlines:
    @pytest.fixture(autouse=True)
    def half_an_hour(self, cast: Cast) -> None:
        cast.role.expires_after = HOUR / 2
        cast.role.save()

    def test_nobody_decides_an_expired_request_even_if_housekeeping_did_not_run(self, cast: Cast) -> None:
        request = ask(cast)
        assert refusal(lambda: approve(cast, request, now=NOON + HOUR / 2)) == "request_expired"
        assert list(Request.objects.waiting(now=NOON + HOUR / 2)) == []
        expire_overdue(now=NOON + HOUR / 2 - SECOND)
        assert Request.objects.get().state == "pending"
        expire_overdue(now=NOON + HOUR / 2)
        assert Request.objects.get().state == "expired"
        assert verbs(request) == ["request.submitted", "request.expired"]

    def test_an_expired_request_does_not_count_as_pending(self, cast: Cast) -> None:
        for _ in range(MAX_PENDING_PER_CONTRACTOR):
            ask(cast)
        assert refusal(lambda: ask(cast)) == "too_many_pending"
        ask(cast, now=NOON + HOUR / 2)

    def test_a_new_deadline_applies_to_later_requests(self, cast: Cast) -> None:
        request = ask(cast)
        cast.role.expires_after = MINUTE
        cast.role.save()
        assert approve(cast, request, now=NOON + 2 * MINUTE) is not None


class TestReminders:
    def rounds(self) -> list[int]:
        return list(Notification.objects.filter(person__name="Bob").order_by("number").values_list("number", flat=True))

    def test_they_come_immediately_and_after_growing_pauses(self, cast: Cast) -> None:
        ask(cast, ends_at=NOON + 100 * DAY, role=lasting(cast))
        for hours, known in ((0, 1), (0, 1), (0.9, 1), (1, 2), (4.9, 2), (5, 3), (28, 3), (29, 4)):
            waiting.remind(now=NOON + hours * HOUR)
            assert self.rounds() == list(range(known)), hours

    def test_a_worker_that_was_down_for_days_sends_one_reminder(self, cast: Cast) -> None:
        ask(cast, ends_at=NOON + 100 * DAY, role=lasting(cast))
        waiting.remind(now=NOON)
        for _ in range(3):
            waiting.remind(now=NOON + 5 * DAY)
        assert self.rounds() == [0, 1]

    def test_only_people_who_can_still_decide_are_reminded(self, cast: Cast) -> None:
        Role.objects.update(quorum=2)
        cast.role.refresh_from_db()
        cast.role.allows_vouched = True
        cast.role.save()
        request = ask(cast, principal=factories.vouched(cast.richard, by=cast.bob))
        cast.role.approvers.add(cast.mallory)
        approve(cast, request)
        waiting.remind(now=NOON)
        assert list(Notification.objects.values_list("person__name", flat=True)) == ["Mallory"]

    def test_without_a_pause_there_is_only_the_first_email(self, cast: Cast) -> None:
        Role.objects.update(first_reminder=None)
        ask(cast)
        for minutes in (0, 30, 59):
            waiting.remind(now=NOON + minutes * MINUTE)
        assert self.rounds() == [0]

    def test_the_email_leads_to_the_page_and_does_nothing_itself(self, cast: Cast) -> None:
        request = ask(cast)
        waiting.remind(now=NOON)
        assert waiting.send_waiting(now=NOON) == 2
        assert waiting.send_waiting(now=NOON + HOUR / 2) == 0
        email = next(one for one in mail.outbox if one.to == ["bob@example.com"])
        assert email.subject == "Daypass: Richard requests access to importantproject-put"
        assert f"http://testserver/approvals/{request.public_id}/" in email.body
        assert "for 1 hour from approval." in email.body
        assert "If no one approves or denies the request before 25 Nov 2026, 12:00 UTC, it expires." in email.body
        assert request.session_name not in email.body + email.subject

    def test_an_email_that_the_server_refused_is_retried(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: object, **__: object) -> None:
            raise ConnectionRefusedError

        ask(cast)
        waiting.remind(now=NOON)
        with monkeypatch.context() as broken:
            broken.setattr("access.notifications.emails.send_mail", refused)
            assert waiting.send_waiting(now=NOON) == 0
        assert waiting.send_waiting(now=NOON + 9 * MINUTE) == 0
        assert waiting.send_waiting(now=NOON + 10 * MINUTE) == 2

    def test_undeliverable_emails_delay_no_others_and_are_dropped_after_three_days(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def refused(*email: Any, **_: object) -> None:
            if email[3] != ["alice@example.com"]:
                raise ConnectionRefusedError

        monkeypatch.setattr("access.notifications.emails.send_mail", refused)
        request = ask(cast, ends_at=NOON + 30 * DAY, role=lasting(cast))
        dead = [factories.user(f"dead{number}") for number in range(12)]
        create_notifications(Notification.Kind.ASKED, request, dead, now=NOON)
        for _ in range(2):
            assert waiting.send_waiting(now=NOON) == 0
        create_notifications(Notification.Kind.ASKED, request, [cast.alice], now=NOON + 10 * MINUTE)
        assert waiting.send_waiting(now=NOON + 10 * MINUTE) == 1
        for _ in range(2):
            waiting.send_waiting(now=NOON + 3 * DAY - MINUTE)
        assert "notification.given_up" not in caplog.text
        for _ in range(2):
            waiting.send_waiting(now=NOON + 3 * DAY + 10 * MINUTE)
        assert caplog.text.count("notification.given_up") == 12
        assert not Notification.objects.filter(person=dead[0]).exclude(sent_at=None).exists()
        Request.objects.update(notify_next_at=None)
        assert not waiting.any_waiting(now=NOON + 4 * DAY)

    def test_nobody_is_notified_of_a_request_decided_meanwhile(self, cast: Cast, enqueued: list[Any]) -> None:
        request = ask(cast)
        waiting.remind(now=NOON)
        approve(cast, request)
        assert waiting.send_waiting(now=NOON) == 1
        assert [email.to for email in mail.outbox] == [["richard@example.com"]]
        assert not waiting.any_waiting(now=NOON + DAY)

    def test_the_email_about_a_denial_says_who_denied_and_why(self, cast: Cast, enqueued: list[Any]) -> None:
        request = ask(cast)
        reason = "Use the role <read> & ask again."
        deciding.deny(by=cast.bob, request=request, content_hash=request.content_hash, reason=reason, now=NOON)
        waiting.send_waiting(now=NOON)
        (email,) = mail.outbox
        assert email.to == ["richard@example.com"]
        assert "Bob denied your request" in email.body
        assert reason in email.body

    def test_a_sweep_with_nothing_to_send_makes_few_queries(
        self, cast: Cast, enqueued: list[Any], django_assert_max_num_queries: Any
    ) -> None:
        factories.create_grant(cast)
        with django_assert_max_num_queries(3):
            end_expired_delegations(now=NOON)
            tasks._publish_notifications()


def lasting(cast: Cast) -> Role:
    cast.role.longest_window, cast.role.expires_after = 200 * DAY, 90 * DAY
    cast.role.save()
    return cast.role


class TestOfficeHours:
    def test_an_approval_after_the_hours_were_shortened_is_refused(self, cast: Cast) -> None:
        request = ask(cast)
        Role.objects.update(
            office_days="12345", office_opens=time(9), office_closes=time(12, 30), office_zone="Europe/London"
        )
        assert refusal(lambda: approve(cast, request)) == "outside_hours"
        assert refusal(lambda: ask(cast, starts_at=NOON, role=Role.objects.get())) == "outside_hours"
        assert refusal(lambda: ask(cast, length=4 * HOUR, role=Role.objects.get())) == "outside_hours"
        # The same hour can be approved the next morning, before the request expires.
        assert approve(cast, request, now=NOON + 22 * HOUR) is not None
