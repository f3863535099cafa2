"""Auto-approval policies: what they give, what they leave to people, and that no budget is exceeded."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from access.actions import auto_approvals, requests
from access.actions.auto_approvals import AutoApprovalLimits
from access.ledger.conflicts import Conflict
from access.ledger.subjects import role_subject
from access.ledger.walks import broken_links
from access.models import AuditEvent, AutoApprovalPolicy, Company, Decision, Grant, Notification, Request, Role, User
from access.notifications import waiting
from access.rules.facts import Refused
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast, ask

LIMITS: dict[str, Any] = {"longest_window": HOUR, "expires_at": NOON + 30 * DAY, "per_week": 3}


@pytest.fixture
def olga(cast: Cast) -> User:
    """Return the second administrator."""
    return factories.user("olga", is_staff=True)


def made(cast: Cast, **terms: Any) -> AutoApprovalPolicy:
    company = Company.objects.get()
    return auto_approvals.create_auto_approval_policy(
        by=cast.ada, role=cast.role, company=company, limits=AutoApprovalLimits(**LIMITS | terms), now=NOON
    )


@pytest.fixture
def in_force(cast: Cast, olga: User, enqueued: list[Any]) -> Callable[..., AutoApprovalPolicy]:
    """Return a function that makes a policy of Ada's, confirmed by Olga."""

    def make(**terms: Any) -> AutoApprovalPolicy:
        policy = made(cast, **terms)
        auto_approvals.confirm_auto_approval_policy(by=olga, policy=policy, now=NOON)
        return policy

    return make


def refusal(attempt: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        attempt()
    return refused.value.code


def test_a_covered_request_is_approved_in_the_same_transaction(
    cast: Cast,
    in_force: Callable[..., AutoApprovalPolicy],
    enqueued: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    policy = in_force()
    with django_capture_on_commit_callbacks(execute=True):
        request = ask(cast)
    assert (request.state, Grant.objects.get().request) == ("approved", request)
    decision = Decision.objects.get()
    assert (decision.approver, decision.auto_approval_policy, decision.content_hash) == (
        None,
        policy,
        request.content_hash,
    )
    assert str(decision) == "An auto-approval policy approved"
    assert [message.role_id for message in enqueued] == [cast.role.pk]
    said = AuditEvent.objects.get(verb="decision.approved")
    assert (said.actor, said.details["policy"]) == ("auto-approval", str(policy.public_id))
    facts = {"made_by": "Ada", "confirmed_by": "Olga"}
    assert said.details["text"] == {"code": "approved_by_policy", "facts": facts}
    assert list(broken_links()) == []


def test_every_approver_is_notified_and_can_revoke(cast: Cast, in_force: Callable[..., AutoApprovalPolicy]) -> None:
    in_force()
    request = ask(cast)
    assert set(Notification.objects.values_list("kind", "person__name")) == {
        ("auto_approved", "Alice"),
        ("auto_approved", "Bob"),
        ("decided", "Richard"),
    }
    assert waiting.send_waiting(now=NOON) == 3
    assert f"/requests/{request.public_id}/" in mail.outbox[0].body
    waiting.remind(now=NOON + HOUR / 2)
    assert Notification.objects.count() == 3
    requests.revoke(by=cast.bob, grant=Grant.objects.get(), reason="Not this one.", now=NOON)
    assert Grant.objects.get().revoked_by == cast.bob


@pytest.mark.parametrize(
    "different",
    [{"ends_at": NOON + HOUR + SECOND}, {"now": NOON + 30 * DAY, "ends_at": NOON + 30 * DAY + HOUR}],
    ids=["too long", "after it expired"],
)
def test_a_request_that_it_does_not_cover_waits_for_people(
    cast: Cast, in_force: Callable[..., AutoApprovalPolicy], different: dict[str, Any]
) -> None:
    in_force()
    assert ask(cast, **different).state == "pending"
    assert not Decision.objects.exists()


def test_another_company_waits_for_people(cast: Cast, in_force: Callable[..., AutoApprovalPolicy]) -> None:
    in_force()
    ron = factories.user("ron")
    cast.role.contractors.add(factories.contractor(ron, sponsor=cast.alice, company=factories.company("Contractor B")))
    assert ask(cast, by=ron, principal_arn="").state == "pending"


def test_an_extension_is_never_approved_by_a_policy(cast: Cast, in_force: Callable[..., AutoApprovalPolicy]) -> None:
    in_force()
    ask(cast)
    grant = Grant.objects.get()
    later = requests.extend(by=cast.richard, grant=grant, ends_at=grant.ends_at + HOUR / 2, reason="More.", now=NOON)
    assert later.state == "pending"


def test_it_approves_all_stages_and_needs_no_person(cast: Cast, in_force: Callable[..., AutoApprovalPolicy]) -> None:
    Role.objects.update(quorum=2)
    in_force()
    assert ask(cast).state == "approved"


class TestBudget:
    def test_when_it_is_used_up_people_decide_until_a_week_has_passed(
        self, cast: Cast, in_force: Callable[..., AutoApprovalPolicy]
    ) -> None:
        in_force(per_week=2)
        states = [ask(cast, by=cast.rita, principal_arn="", ends_at=NOON + HOUR / 4).state for _ in range(3)]
        assert states == ["approved", "approved", "pending"]
        week = NOON + 7 * DAY
        assert ask(cast, now=week, ends_at=week + HOUR).state == "approved"

    def test_hours_are_added_up(self, cast: Cast, in_force: Callable[..., AutoApprovalPolicy]) -> None:
        in_force(per_week=None, hours_per_week=HOUR)
        assert ask(cast, ends_at=NOON + HOUR / 2).state == "approved"
        assert ask(cast, ends_at=NOON + HOUR / 2 + SECOND).state == "pending"
        assert ask(cast, ends_at=NOON + HOUR / 2).state == "approved"

    def test_a_second_policy_has_a_budget_of_its_own(
        self, cast: Cast, in_force: Callable[..., AutoApprovalPolicy]
    ) -> None:
        in_force(per_week=1)
        second = in_force(per_week=1)
        assert [ask(cast).state for _ in range(3)] == ["approved", "approved", "pending"]
        assert Decision.objects.last().auto_approval_policy == second  # type: ignore[union-attr]

    def test_without_capacity_nothing_is_granted(self, cast: Cast, in_force: Callable[..., AutoApprovalPolicy]) -> None:
        in_force(per_week=20)
        for _ in range(5):
            ask(cast)
        assert refusal(lambda: ask(cast)) == "role_full"
        assert (Grant.objects.count(), Request.objects.count()) == (5, 5)


class TestTwoAdministrators:
    def test_one_administrator_cannot_make_a_policy_in_force(self, cast: Cast, olga: User) -> None:
        policy = made(cast)
        assert ask(cast).state == "pending"
        assert "auto_approval_own" in refusal(
            lambda: auto_approvals.confirm_auto_approval_policy(by=cast.ada, policy=policy, now=NOON)
        )
        for person in (cast.alice, cast.mallory, cast.richard):
            assert "administrator_only" in refusal(
                lambda person=person: auto_approvals.confirm_auto_approval_policy(by=person, policy=policy, now=NOON)  # type: ignore[misc]
            )
        auto_approvals.confirm_auto_approval_policy(by=olga, policy=policy, now=NOON)
        assert ask(cast).state == "approved"

    def test_either_administrator_can_end_it(
        self, cast: Cast, olga: User, in_force: Callable[..., AutoApprovalPolicy]
    ) -> None:
        policy = in_force()
        assert "administrator_only" in refusal(
            lambda: auto_approvals.end_auto_approval_policy(by=cast.alice, policy=policy, now=NOON)
        )
        auto_approvals.end_auto_approval_policy(by=olga, policy=policy, now=NOON)
        assert ask(cast).state == "pending"
        with pytest.raises(Conflict):
            auto_approvals.end_auto_approval_policy(by=cast.ada, policy=policy, now=NOON)

    def test_every_step_is_on_record(self, cast: Cast, olga: User, in_force: Callable[..., AutoApprovalPolicy]) -> None:
        auto_approvals.end_auto_approval_policy(by=olga, policy=in_force(), now=NOON)
        events = AuditEvent.objects.filter(subject=role_subject(cast.role)).order_by("sequence")
        assert [(event.verb, event.actor) for event in events] == [
            ("auto_approval_policy.created", "ada@example.com"),
            ("auto_approval_policy.confirmed", "olga@example.com"),
            ("auto_approval_policy.ended", "olga@example.com"),
        ]
        assert events[0].details["company"] == "Contractor A"

    def test_its_terms_never_change(self, cast: Cast, in_force: Callable[..., AutoApprovalPolicy]) -> None:
        in_force()
        with pytest.raises(Exception, match=r"frozen|refused"):
            AutoApprovalPolicy.objects.update(per_week=1000)
