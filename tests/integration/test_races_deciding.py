"""Budgets, stages, delegates and emails under simultaneous actions. PostgreSQL shows what SQLite hides."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from access.actions import auto_approvals, deciding, delegations, requests
from access.actions.auto_approvals import AutoApprovalLimits
from access.ledger.walks import broken_links
from access.models import Account, Decision, Grant, Notification, Request, Role, Stage, User
from access.notifications import waiting
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast, approve, ask
from tests.integration.concurrently import kinds, run_together

pytestmark = pytest.mark.usefixtures("commits", "enqueued")


@pytest.fixture
def cast(commits: None) -> Cast:
    return factories.cast()


def approving(request: Request, by: User) -> Callable[[], Any]:
    return lambda: deciding.approve(by=by, request=request, content_hash=request.content_hash, now=NOON)


def test_twenty_simultaneous_requests_do_not_exceed_the_budget_of_a_policy(cast: Cast) -> None:
    Account.objects.update(trust_quota=40_000)
    terms = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + 30 * DAY, per_week=7)
    policy = auto_approvals.create_auto_approval_policy(
        by=cast.ada, role=cast.role, company=factories.company(), limits=terms, now=NOON
    )
    auto_approvals.confirm_auto_approval_policy(by=factories.user("olga", is_staff=True), policy=policy, now=NOON)
    people = [cast.rita, *(factories.user(f"rita-{number}") for number in range(4))]
    for person in people[1:]:
        cast.role.contractors.add(factories.contractor(person, sponsor=cast.alice))
    answers = run_together(*(partial(ask, cast, by=people[n % 5], principal_arn="") for n in range(20)))
    assert kinds(answers) == {"Request": 20}
    assert Decision.objects.filter(auto_approval_policy=policy).count() == Grant.objects.count() == 7
    assert Request.objects.filter(state="pending").count() == 13
    assert list(broken_links()) == []


def test_the_end_of_a_policy_and_a_request_have_one_order(cast: Cast) -> None:
    terms = AutoApprovalLimits(longest_window=HOUR, expires_at=NOON + 30 * DAY, per_week=7)
    olga = factories.user("olga", is_staff=True)
    for _ in range(4):
        policy = auto_approvals.create_auto_approval_policy(
            by=cast.ada, role=cast.role, company=factories.company(), limits=terms, now=NOON
        )
        auto_approvals.confirm_auto_approval_policy(by=olga, policy=policy, now=NOON)
        asked, ended = run_together(
            partial(ask, cast), partial(auto_approvals.end_auto_approval_policy, by=olga, policy=policy, now=NOON)
        )
        assert (ended, asked.state in {"approved", "pending"}) == (None, True)
        assert Grant.objects.filter(request=asked).exists() == (asked.state == "approved")


def test_the_last_approval_of_a_stage_and_the_first_of_the_next_have_one_order(cast: Cast) -> None:
    dan = factories.user("dan")
    Stage.objects.create(role=cast.role, position=2).approvers.add(dan)
    for _ in range(5):
        request = ask(cast)
        answers = run_together(*(approving(request, by) for by in (cast.alice, cast.bob, dan)))
        given = Grant.objects.filter(request=request).exists()
        assert kinds(answers) == ({"Decision": 2, "Refused": 1} if given else {"Decision": 1, "Refused": 2})
        assert sorted(request.decisions.values_list("stage", flat=True)) == ([1, 2] if given else [1])
        if not given:
            approve(cast, request, by=dan)
        requests.revoke(by=dan, grant=Grant.objects.get(request=request), reason="Done.", now=NOON)


def test_a_delegate_and_the_absent_approver_have_one_vote_when_simultaneous(cast: Cast) -> None:
    Role.objects.update(quorum=2)
    request = ask(cast)
    end = NOON + DAY
    delegations.create_delegation(by=cast.alice, delegate=cast.mallory, from_at=NOON, until_at=end, now=NOON)
    answers = run_together(*(approving(request, by) for by in (cast.alice, cast.mallory) * 3))
    assert kinds(answers) == {"Decision": 1, "Refused": 5}
    assert not Grant.objects.exists()


def test_an_approval_by_a_delegate_and_the_end_of_the_delegation_have_one_order(cast: Cast) -> None:
    for _ in range(4):
        request = ask(cast)
        row = delegations.create_delegation(
            by=cast.alice, delegate=cast.mallory, from_at=NOON, until_at=NOON + DAY, now=NOON
        )
        answers = run_together(
            approving(request, cast.mallory), partial(delegations.end_delegation, by=cast.alice, row=row, now=NOON)
        )
        assert answers[1] is None
        assert Grant.objects.filter(request=request).exists() == isinstance(answers[0], Decision)
        Grant.objects.filter(request=request).update(revoked_at=NOON, revoked_by=cast.bob, revoked_reason="x")


def test_ten_simultaneous_reminders_are_one(cast: Cast) -> None:
    ask(cast)
    run_together(*(partial(waiting.remind, now=NOON) for _ in range(10)))
    assert Notification.objects.count() == 2
    assert sum(run_together(*(partial(waiting.send_waiting, now=NOON) for _ in range(5)))) == 2
