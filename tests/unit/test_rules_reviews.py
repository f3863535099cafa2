"""Who can review the lists, and certify what is in them."""

from dataclasses import replace

import pytest

from access.lifecycle import RequestState
from access.rules.facts import PersonFacts
from access.rules.reviews import can_certify_grant, can_certify_role, can_review, check_can_certify_grant
from tests.personas import APPROVED, GRANT, HOUR, NOON, PEOPLE, ROLE
from tests.refusals import refusing

RICHARD, ALICE = PEOPLE["the contractor"], PEOPLE["an approver"]
SPONSOR, ADA, COLLEAGUE = PEOPLE["another sponsor"], PEOPLE["an administrator"], PEOPLE["another internal user"]


@pytest.mark.parametrize(
    ("person", "decides", "is_sponsoring", "may"),
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
def test_the_responsible_people_review_each_list(
    person: PersonFacts, decides: bool, is_sponsoring: bool, may: bool
) -> None:
    assert can_review(person, decides=decides, is_sponsoring=is_sponsoring) is may


def test_nobody_reviews_their_own_access_not_even_administrators() -> None:
    own = replace(APPROVED, requester_id=ADA.user_id)
    assert can_certify_grant(ADA, APPROVED, GRANT, now=NOON)
    with refusing("own_access_review"):
        check_can_certify_grant(ADA, own, GRANT, now=NOON)


def test_ended_access_is_not_reviewed() -> None:
    assert APPROVED.state is RequestState.APPROVED
    assert not can_certify_grant(ALICE, APPROVED, GRANT, now=NOON + HOUR)
    assert not can_certify_grant(ALICE, APPROVED, replace(GRANT, revoked_at=NOON), now=NOON)


def test_a_role_is_reviewed_by_its_approvers() -> None:
    may = {name for name, person in PEOPLE.items() if can_certify_role(person, ROLE)}
    assert may == {"an approver", "the contractor's sponsor, who vouched and is an approver", "an administrator"}
