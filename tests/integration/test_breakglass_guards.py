"""What must never be of break-glass is forbidden by the database itself, whoever writes to it and however."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from access.models import Contractor, EmergencyUse, Grant, Request, StandingRule, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast

Change = Callable[[Cast], Any]


def refused(change: Callable[[], Any]) -> str:
    """The database's own word on a change that it refuses."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        change()
    return str(refusal.value)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Bob has broken the glass at noon, by a rule of Ada's that Adam confirmed."""
    adam = factories.user("adam", is_staff=True)
    made = {"role": cast.role, "reason": "Nights.", "expires_at": NOON + 30 * DAY, "made_by": cast.ada, "made_at": NOON}
    rule = StandingRule.objects.create(**made)
    rule.people.add(cast.bob)
    StandingRule.objects.update(confirmed_by=adam, confirmed_at=NOON)
    use_of(cast, cast.bob)
    return cast


def rule() -> StandingRule:
    return StandingRule.objects.get()


def asked(cast: Cast, person: User, **facts: Any) -> Request:
    said: dict[str, Any] = {
        "standing_rule": rule(),
        "requester": person,
        "role": cast.role,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "reason": "The upload stands still.",
        "submitted_at": NOON,
        "state": "approved",
        "settled_at": NOON,
    }
    return Request.objects.create(**said | facts)


def given(request: Request, **facts: Any) -> Grant:
    said: dict[str, Any] = {
        "request": request,
        "role": request.role,
        "standing_rule": request.standing_rule,
        "session_name": request.session_name,
        "portal_issued": True,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
    }
    return Grant.objects.create(**said | facts)


def use_of(cast: Cast, person: User, **facts: Any) -> EmergencyUse:
    request = asked(cast, person)
    given(request)
    said = {"request": request, "standing_rule": rule(), "person": person, "used_at": NOON}
    return EmergencyUse.objects.create(**said | facts)


def review(**facts: Any) -> Change:
    return lambda cast: EmergencyUse.objects.update(
        **{"verdict": "fine", "remark": "Yes.", "reviewed_by": cast.alice, "reviewed_at": NOON} | facts
    )


def reviewed_twice(cast: Cast) -> Any:
    review()(cast)
    return review(verdict="not_fine")(cast)


def whose(cast: Cast) -> Contractor:
    return Contractor.objects.get(user=cast.richard)


FORBIDDEN: dict[str, tuple[Change, str]] = {
    "a contractor who breaks the glass": (lambda cast: asked(cast, cast.richard), "have no break-glass access"),
    "a use of more than an hour": (
        lambda cast: asked(cast, cast.bob, ends_at=NOON + HOUR + SECOND),
        "request_of_a_contractor_or_by_a_standing_rule",
    ),
    "access of more than an hour": (
        lambda cast: given(asked(cast, cast.bob), ends_at=NOON + HOUR + SECOND),
        "grant_to_a_contractor_or_by_a_standing_rule",
    ),
    "access from an own identity": (
        lambda cast: given(asked(cast, cast.bob), portal_issued=False, principal_arn=factories.RICHARD_ARN),
        "grant_to_a_contractor_or_by_a_standing_rule",
    ),
    "neither contractor nor rule": (
        lambda cast: asked(cast, cast.bob, standing_rule=None),
        "request_of_a_contractor_or_by_a_standing_rule",
    ),
    "both contractor and rule": (
        lambda cast: asked(cast, cast.bob, contractor=whose(cast)),
        "request_of_a_contractor_or_by_a_standing_rule",
    ),
    "a grant to nobody": (
        lambda cast: given(asked(cast, cast.bob), standing_rule=None),
        "grant_to_a_contractor_or_by_a_standing_rule",
    ),
    "an end that moves": (
        lambda _: Grant.objects.update(starts_at=NOON, ends_at=NOON + HOUR + SECOND), ""
    ),
    "a shorter one that grows": (
        lambda cast: Grant.objects.filter(pk=given(asked(cast, cast.bob), ends_at=NOON + HOUR / 2).pk).update(
            ends_at=NOON + HOUR
        ),
        "break_glass_is_not_extended",
    ),
    "a contractor who extends it": (
        lambda cast: asked(
            cast, cast.richard, contractor=whose(cast), standing_rule=None, extends=Grant.objects.get()
        ),
        "break_glass_is_not_extended",
    ),
    "another rule behind a use": (lambda _: Request.objects.update(standing_rule=None), ""),
    "another rule behind an access": (lambda _: Grant.objects.update(standing_rule=None), ""),
    "a second use before the review": (lambda cast: use_of(cast, cast.bob), "person"),
    "a use of somebody else's": (
        lambda cast: EmergencyUse.objects.create(
            request=asked(cast, cast.bob), standing_rule=rule(), person=cast.alice, used_at=NOON
        ),
        "belongs to who requested it",
    ),
    "a review by oneself": (
        lambda cast: review(reviewed_by=cast.bob)(cast), "nobody_reviews_his_own_emergency_use"
    ),
    "a review without a remark": (review(remark=""), "emergency_use_reviewed_facts_together"),
    "a review by nobody": (review(reviewed_by=None), "emergency_use_reviewed_facts_together"),
    "a verdict of another kind": (review(verdict="great"), "emergency_use_reviewed_facts_together"),
    "a review that is rewritten": (reviewed_twice, "review_is_final"),
    "a use at another time": (lambda _: EmergencyUse.objects.update(used_at=NOON - DAY), ""),
    "a use that is deleted": (lambda _: EmergencyUse.objects.all()._raw_delete("default"), ""),
    "a rule for two hours": (lambda _: StandingRule.objects.create(**made(longest=2 * HOUR)), "at_most_an_hour"),
    "a rule for no time": (lambda _: StandingRule.objects.create(**made(longest=timedelta(0))), "at_most_an_hour"),
    "a rule without a reason": (lambda _: StandingRule.objects.create(**made(reason="")), "has_a_reason"),
    "a rule that is over": (lambda _: StandingRule.objects.create(**made(expires_at=NOON)), "standing_rule_expires"),
    "a rule confirmed by its maker": (
        lambda cast: StandingRule.objects.create(**made(confirmed_by=cast.ada, confirmed_at=NOON)),
        "nobody_confirms_his_own_standing_rule",
    ),
    "a rule confirmed by nobody": (
        lambda _: StandingRule.objects.create(**made(confirmed_at=NOON)), "confirmed_facts_together"
    ),
    "a rule withdrawn by nobody": (
        lambda _: StandingRule.objects.create(**made(withdrawn_at=NOON)), "withdrawn_facts_together"
    ),
    "a rule that goes on for longer": (lambda _: StandingRule.objects.update(expires_at=NOON + 99 * DAY), ""),
    "a confirmation that is taken back": (
        lambda _: StandingRule.objects.update(confirmed_by=None, confirmed_at=None), "confirmation_is_final"
    ),
    "a confirmed rule for one more": (lambda cast: rule().people.add(cast.mallory), "gets no other people"),
    "a rule for a contractor": (
        lambda cast: StandingRule.objects.create(**made()).people.add(cast.richard), "have no break-glass access"
    ),
}  # fmt: skip


def made(**facts: Any) -> dict[str, Any]:
    old: dict[str, Any] = {**StandingRule.objects.order_by("pk").values()[0]}
    for name in ("id", "public_id", "confirmed_by_id", "confirmed_at", "withdrawn_by_id", "withdrawn_at"):
        del old[name]
    return old | facts


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_forbids(cast: Cast, what: str) -> None:
    change, says = FORBIDDEN[what]
    assert says in refused(lambda: change(cast))


def test_after_its_review_a_second_use_can_be(cast: Cast) -> None:
    review()(cast)
    use_of(cast, cast.bob)
    assert EmergencyUse.objects.count() == 2


def test_a_withdrawal_stands(cast: Cast) -> None:
    StandingRule.objects.update(withdrawn_by=cast.ada, withdrawn_at=NOON)
    assert "stand" in refused(lambda: StandingRule.objects.update(withdrawn_by=None, withdrawn_at=None))
