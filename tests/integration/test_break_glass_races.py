"""One person in two tabs, and a rule that is withdrawn meanwhile: one winner, and nothing that stays open."""

import pytest
from django.db import connection

from access import tasks
from access.actions import break_glass_policies, people
from access.ledger.walks import broken_links
from access.models import Grant
from access.rules.facts import Refused
from tests import break_glass, factories
from tests.factories import NOON, Cast
from tests.integration.concurrently import kinds, run_together

pytestmark = [
    pytest.mark.usefixtures("commits", "enqueued", "notified"),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the whole database: these locks exist not"),
]


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let emails be enqueued and go nowhere."""
    monkeypatch.setattr(tasks.notify_of_break_glass, "apply_async", lambda **_: None)


@pytest.fixture
def cast(commits: None) -> Cast:
    return factories.cast()


def test_two_simultaneous_uses_of_two_policies_are_one(cast: Cast) -> None:
    other = factories.role("another", unique_id="AROAANOTHERANOTHER001")
    other.approvers.add(cast.alice)
    beside = Cast(**{**cast.__dict__, "role": other})
    policies = [break_glass.policy(cast, cast.mallory), break_glass.policy(beside, cast.mallory)]
    answers = run_together(*(lambda n=n: break_glass.new_grant(policies[n % 2], cast.mallory) for n in range(6)))
    assert kinds(answers) == {"BreakGlassGrant": 1, "Refused": 5}
    assert Grant.objects.count() == 1
    assert list(broken_links()) == []


def test_a_use_that_races_with_the_end_of_its_policy_or_person_leaves_nothing_open(cast: Cast) -> None:
    made = break_glass.policy(cast, cast.mallory)
    answers = run_together(
        lambda: break_glass.new_grant(made, cast.mallory),
        lambda: break_glass_policies.withdraw_break_glass_policy(by=cast.ada, policy=made, now=NOON),
        lambda: people.disable_person_or_company(by=cast.ada, what=cast.mallory, now=NOON),
    )
    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, Refused)]
    assert not Grant.objects.filter(revoked_at=None).exists()
