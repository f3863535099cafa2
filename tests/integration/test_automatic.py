"""Rules that approve by themselves: what they give, what they leave to people, and that no budget is exceeded."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from access import actions, ledger, notifications
from access.actions import AutoTerms
from access.ledger import Conflict
from access.models import AuditEvent, AutoApproval, Company, Decision, Grant, Letter, Request, Role, User
from access.rules import Refused
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast, ask

TERMS: dict[str, Any] = {"longest_window": HOUR, "expires_at": NOON + 30 * DAY, "per_week": 3}


@pytest.fixture
def olga(cast: Cast) -> User:
    """The second administrator."""
    return factories.user("olga", is_staff=True)


def made(cast: Cast, **terms: Any) -> AutoApproval:
    company = Company.objects.get()
    return actions.make_rule(by=cast.ada, role=cast.role, company=company, terms=AutoTerms(**TERMS | terms), now=NOON)


@pytest.fixture
def in_force(cast: Cast, olga: User, enqueued: list[Any]) -> Callable[..., AutoApproval]:
    """Makes a rule that Ada made and Olga confirmed."""

    def make(**terms: Any) -> AutoApproval:
        rule = made(cast, **terms)
        actions.confirm_rule(by=olga, rule=rule, now=NOON)
        return rule

    return make


def refusal(attempt: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        attempt()
    return str(refused.value)


def test_a_request_that_it_covers_is_approved_in_the_same_breath(
    cast: Cast, in_force: Callable[..., AutoApproval], enqueued: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    rule = in_force()
    with django_capture_on_commit_callbacks(execute=True):
        request = ask(cast)
    assert (request.state, Grant.objects.get().request) == ("approved", request)
    decision = Decision.objects.get()
    assert (decision.approver, decision.rule, decision.content_hash) == (None, rule, request.content_hash)
    assert str(decision) == "An auto-approval rule approved"
    assert [message.role_id for message in enqueued] == [cast.role.pk]
    said = AuditEvent.objects.get(verb="decision.approved")
    assert (said.actor, said.details["rule"]) == ("auto-approval", str(rule.public_id))
    assert said.details["sentence"] == "by a rule that Ada made and Olga confirmed"
    assert list(ledger.broken_links()) == []


def test_every_approver_is_told_and_may_revoke(cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
    in_force()
    request = ask(cast)
    assert set(Letter.objects.values_list("kind", "person__name")) == {
        ("auto_approved", "Alice"),
        ("auto_approved", "Bob"),
        ("decided", "Richard"),
    }
    assert notifications.send_waiting(now=NOON) == 3
    assert f"/requests/{request.public_id}/" in mail.outbox[0].body
    notifications.remind(now=NOON + HOUR / 2)
    assert Letter.objects.count() == 3
    actions.revoke(by=cast.bob, grant=Grant.objects.get(), reason="Not this one.", now=NOON)
    assert Grant.objects.get().revoked_by == cast.bob


@pytest.mark.parametrize(
    "different",
    [{"ends_at": NOON + HOUR + SECOND}, {"now": NOON + 30 * DAY, "ends_at": NOON + 30 * DAY + HOUR}],
    ids=["too long", "after it expired"],
)
def test_what_it_does_not_cover_waits_for_people(
    cast: Cast, in_force: Callable[..., AutoApproval], different: dict[str, Any]
) -> None:
    in_force()
    assert ask(cast, **different).state == "pending"
    assert not Decision.objects.exists()


def test_another_company_waits_for_people(cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
    in_force()
    ron = factories.user("ron")
    cast.role.contractors.add(factories.contractor(ron, sponsor=cast.alice, company=factories.company("Contractor B")))
    assert ask(cast, by=ron, principal_arn="").state == "pending"


def test_a_later_end_is_never_given_by_a_rule(cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
    in_force()
    ask(cast)
    grant = Grant.objects.get()
    later = actions.extend(by=cast.richard, grant=grant, ends_at=grant.ends_at + HOUR / 2, reason="More.", now=NOON)
    assert later.state == "pending"


def test_it_gives_in_stages_too_and_needs_no_person(cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
    Role.objects.update(quorum=2)
    in_force()
    assert ask(cast).state == "approved"


class TestBudget:
    def test_when_it_is_used_up_people_decide_until_a_week_has_passed(
        self, cast: Cast, in_force: Callable[..., AutoApproval]
    ) -> None:
        in_force(per_week=2)
        states = [ask(cast, by=cast.rita, principal_arn="", ends_at=NOON + HOUR / 4).state for _ in range(3)]
        assert states == ["approved", "approved", "pending"]
        week = NOON + 7 * DAY
        assert ask(cast, now=week, ends_at=week + HOUR).state == "approved"

    def test_hours_are_added_up(self, cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
        in_force(per_week=None, hours_per_week=HOUR)
        assert ask(cast, ends_at=NOON + HOUR / 2).state == "approved"
        assert ask(cast, ends_at=NOON + HOUR / 2 + SECOND).state == "pending"
        assert ask(cast, ends_at=NOON + HOUR / 2).state == "approved"

    def test_a_second_rule_has_a_budget_of_its_own(self, cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
        in_force(per_week=1)
        second = in_force(per_week=1)
        assert [ask(cast).state for _ in range(3)] == ["approved", "approved", "pending"]
        assert Decision.objects.last().rule == second  # type: ignore[union-attr]

    def test_where_there_is_no_room_nothing_is_given(self, cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
        in_force(per_week=20)
        for _ in range(5):
            ask(cast)
        assert "No more access fits" in refusal(lambda: ask(cast))
        assert (Grant.objects.count(), Request.objects.count()) == (5, 5)


class TestTwoAdministrators:
    def test_one_alone_makes_nothing_that_approves(self, cast: Cast, olga: User) -> None:
        rule = made(cast)
        assert ask(cast).state == "pending"
        assert "another administrator" in refusal(lambda: actions.confirm_rule(by=cast.ada, rule=rule, now=NOON))
        for person in (cast.alice, cast.mallory, cast.richard):
            assert "Only administrators" in refusal(
                lambda person=person: actions.confirm_rule(by=person, rule=rule, now=NOON)  # type: ignore[misc]
            )
        actions.confirm_rule(by=olga, rule=rule, now=NOON)
        assert ask(cast).state == "approved"

    def test_each_of_them_ends_it(self, cast: Cast, olga: User, in_force: Callable[..., AutoApproval]) -> None:
        rule = in_force()
        assert "Only administrators" in refusal(lambda: actions.end_rule(by=cast.alice, rule=rule, now=NOON))
        actions.end_rule(by=olga, rule=rule, now=NOON)
        assert ask(cast).state == "pending"
        with pytest.raises(Conflict):
            actions.end_rule(by=cast.ada, rule=rule, now=NOON)

    def test_all_of_it_is_on_record(self, cast: Cast, olga: User, in_force: Callable[..., AutoApproval]) -> None:
        actions.end_rule(by=olga, rule=in_force(), now=NOON)
        events = AuditEvent.objects.filter(subject=ledger.role_subject(cast.role)).order_by("sequence")
        assert [(event.verb, event.actor) for event in events] == [
            ("auto_approval.made", "ada@example.com"),
            ("auto_approval.confirmed", "olga@example.com"),
            ("auto_approval.ended", "olga@example.com"),
        ]
        assert events[0].details["company"] == "Contractor A"

    def test_its_terms_never_change(self, cast: Cast, in_force: Callable[..., AutoApproval]) -> None:
        in_force()
        with pytest.raises(Exception, match=r"frozen|refused"):
            AutoApproval.objects.update(per_week=1000)
