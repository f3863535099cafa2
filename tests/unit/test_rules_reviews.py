"""Who may look through the lists, and say that something may stay."""

from dataclasses import replace

import pytest

from access import rules
from access.lifecycle import RequestState
from access.management.permissions import _GIVEN, _GRANT, _ROLE, HOUR, NOON, PEOPLE

RICHARD, ALICE = PEOPLE["the contractor"], PEOPLE["an approver"]
SPONSOR, ADA, COLLEAGUE = PEOPLE["another sponsor"], PEOPLE["an administrator"], PEOPLE["a colleague"]


@pytest.mark.parametrize(
    ("person", "decides", "looks_after", "may"),
    [
        (ALICE, True, False, True),
        (COLLEAGUE, False, True, True),
        (COLLEAGUE, False, False, False),
        (SPONSOR, False, False, True),
        (ADA, False, False, True),
        (RICHARD, True, True, False),
        (replace(RICHARD, is_administrator=True), True, True, False),
        (replace(ADA, is_active=False), True, True, False),
    ],
)
def test_who_answers_for_something_looks_through_it(
    person: rules.PersonFacts, decides: bool, looks_after: bool, may: bool
) -> None:
    assert rules.can_review(person, decides=decides, looks_after=looks_after) is may


def test_nobody_reviews_his_own_access_administrators_included() -> None:
    own = replace(_GIVEN, requester_id=ADA.user_id)
    assert rules.can_certify_access(ADA, _GIVEN, _GRANT, now=NOON)
    with pytest.raises(rules.Refused, match="Nobody reviews his own access"):
        rules.check_can_certify_access(ADA, own, _GRANT, now=NOON)


def test_access_that_is_over_is_past_a_review() -> None:
    assert _GIVEN.state is RequestState.APPROVED
    assert not rules.can_certify_access(ALICE, _GIVEN, _GRANT, now=NOON + HOUR)
    assert not rules.can_certify_access(ALICE, _GIVEN, replace(_GRANT, revoked_at=NOON), now=NOON)


def test_a_role_is_reviewed_by_those_who_decide_about_it() -> None:
    may = {name for name, person in PEOPLE.items() if rules.can_certify_role(person, _ROLE)}
    assert may == {"an approver", "his sponsor, who vouched and approves", "an administrator"}
