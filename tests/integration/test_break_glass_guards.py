"""The database itself forbids impossible states of break-glass, no matter who writes to it and how."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from access.models import BreakGlassGrant, BreakGlassPolicy, Contractor, Grant, Request, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, SECOND, Cast

Change = Callable[[Cast], Any]


def refused(change: Callable[[], Any]) -> str:
    """Return the database's own word on a change that it refuses."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        change()
    return str(refusal.value)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Return the cast, after Bob used break-glass at noon by a policy of Ada's that Adam confirmed."""
    adam = factories.user("adam", is_staff=True)
    made = {"role": cast.role, "reason": "Nights.", "expires_at": NOON + 30 * DAY, "made_by": cast.ada, "made_at": NOON}
    policy = BreakGlassPolicy.objects.create(**made)
    policy.people.add(cast.bob)
    BreakGlassPolicy.objects.update(confirmed_by=adam, confirmed_at=NOON)
    break_glass_grant_of(cast, cast.bob)
    return cast


def policy() -> BreakGlassPolicy:
    return BreakGlassPolicy.objects.get()


def asked(cast: Cast, person: User, **facts: Any) -> Request:
    said: dict[str, Any] = {
        "break_glass_policy": policy(),
        "requester": person,
        "role": cast.role,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "expires_at": NOON + HOUR,
        "reason": "The upload is blocked.",
        "submitted_at": NOON,
        "state": "approved",
        "settled_at": NOON,
    }
    return Request.objects.create(**said | facts)


def granted(request: Request, **facts: Any) -> Grant:
    said: dict[str, Any] = {
        "request": request,
        "role": request.role,
        "break_glass_policy": request.break_glass_policy,
        "session_name": request.session_name,
        "portal_issued": True,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
    }
    return Grant.objects.create(**said | facts)


def break_glass_grant_of(cast: Cast, person: User, **facts: Any) -> BreakGlassGrant:
    request = asked(cast, person)
    granted(request)
    said = {"request": request, "break_glass_policy": policy(), "person": person, "used_at": NOON}
    return BreakGlassGrant.objects.create(**said | facts)


def review(**facts: Any) -> Change:
    return lambda cast: BreakGlassGrant.objects.update(
        **{"verdict": "justified", "comment": "Yes.", "reviewed_by": cast.alice, "reviewed_at": NOON} | facts
    )


def reviewed_twice(cast: Cast) -> Any:
    review()(cast)
    return review(verdict="not_justified")(cast)


def whose(cast: Cast) -> Contractor:
    return Contractor.objects.get(user=cast.richard)


FORBIDDEN: dict[str, tuple[Change, str]] = {
    "a contractor who uses break-glass": (lambda cast: asked(cast, cast.richard), "have no break-glass access"),
    "a use of more than an hour": (
        lambda cast: asked(cast, cast.bob, ends_at=NOON + HOUR + SECOND),
        "request_of_a_contractor_or_by_break_glass",
    ),
    "access of more than an hour": (
        lambda cast: granted(asked(cast, cast.bob), ends_at=NOON + HOUR + SECOND),
        "a grant is within the window",
    ),
    "access from an own identity": (
        lambda cast: granted(asked(cast, cast.bob), portal_issued=False, principal_arn=factories.RICHARD_ARN),
        "grant_to_a_contractor_or_by_break_glass",
    ),
    "neither contractor nor rule": (
        lambda cast: asked(cast, cast.bob, break_glass_policy=None),
        "request_of_a_contractor_or_by_break_glass",
    ),
    "both contractor and rule": (
        lambda cast: asked(cast, cast.bob, contractor=whose(cast)),
        "request_of_a_contractor_or_by_break_glass",
    ),
    "a grant to nobody": (
        lambda cast: granted(asked(cast, cast.bob), break_glass_policy=None),
        "grant_to_a_contractor_or_by_break_glass",
    ),
    "an end that moves": (
        lambda _: Grant.objects.update(starts_at=NOON, ends_at=NOON + HOUR + SECOND), ""
    ),
    "a shorter one that grows": (
        lambda cast: Grant.objects.filter(pk=granted(asked(cast, cast.bob), ends_at=NOON + HOUR / 2).pk).update(
            ends_at=NOON + HOUR
        ),
        "break_glass_is_not_extended",
    ),
    "a contractor who extends it": (
        lambda cast: asked(
            cast, cast.richard, contractor=whose(cast), break_glass_policy=None, extends=Grant.objects.get()
        ),
        "break_glass_is_not_extended",
    ),
    "another rule behind a use": (lambda _: Request.objects.update(break_glass_policy=None), ""),
    "another policy behind a grant": (lambda _: Grant.objects.update(break_glass_policy=None), ""),
    "a second use before the review": (lambda cast: break_glass_grant_of(cast, cast.bob), "person"),
    "a use of somebody else's": (
        lambda cast: BreakGlassGrant.objects.create(
            request=asked(cast, cast.bob), break_glass_policy=policy(), person=cast.alice, used_at=NOON
        ),
        "belongs to who requested it",
    ),
    "a review by oneself": (
        lambda cast: review(reviewed_by=cast.bob)(cast), "break_glass_grant_reviewed_by_another"
    ),
    "a review without a comment": (review(comment=""), "break_glass_grant_reviewed_facts_together"),
    "a review by nobody": (review(reviewed_by=None), "break_glass_grant_reviewed_facts_together"),
    "a verdict of another kind": (review(verdict="great"), "break_glass_grant_reviewed_facts_together"),
    "a review that is rewritten": (reviewed_twice, "review_is_final"),
    "a use at another time": (lambda _: BreakGlassGrant.objects.update(used_at=NOON - DAY), ""),
    "a use that is deleted": (lambda _: BreakGlassGrant.objects.all()._raw_delete("default"), ""),
    "a rule for two hours": (lambda _: BreakGlassPolicy.objects.create(**made(longest=2 * HOUR)), "at_most_an_hour"),
    "a rule for no time": (lambda _: BreakGlassPolicy.objects.create(**made(longest=timedelta(0))), "at_most_an_hour"),
    "a rule without a reason": (lambda _: BreakGlassPolicy.objects.create(**made(reason="")), "has_a_reason"),
    "a rule that is over": (lambda _: BreakGlassPolicy.objects.create(**made(expires_at=NOON)), "policy_expires"),
    "a rule confirmed by its maker": (
        lambda cast: BreakGlassPolicy.objects.create(**made(confirmed_by=cast.ada, confirmed_at=NOON)),
        "break_glass_policy_confirmed_by_another",
    ),
    "a rule confirmed by nobody": (
        lambda _: BreakGlassPolicy.objects.create(**made(confirmed_at=NOON)), "confirmed_facts_together"
    ),
    "a rule withdrawn by nobody": (
        lambda _: BreakGlassPolicy.objects.create(**made(withdrawn_at=NOON)), "withdrawn_facts_together"
    ),
    "a policy that lasts longer": (lambda _: BreakGlassPolicy.objects.update(expires_at=NOON + 99 * DAY), ""),
    "a confirmation that is taken back": (
        lambda _: BreakGlassPolicy.objects.update(confirmed_by=None, confirmed_at=None), "confirmation_is_final"
    ),
    "a confirmed rule for one more": (lambda cast: policy().people.add(cast.mallory), "gets no other people"),
    "a rule for a contractor": (
        lambda cast: BreakGlassPolicy.objects.create(**made()).people.add(cast.richard), "have no break-glass access"
    ),
}  # fmt: skip


def made(**facts: Any) -> dict[str, Any]:
    old: dict[str, Any] = {**BreakGlassPolicy.objects.order_by("pk").values()[0]}
    for name in ("id", "public_id", "confirmed_by_id", "confirmed_at", "withdrawn_by_id", "withdrawn_at"):
        del old[name]
    return old | facts


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_forbids(cast: Cast, what: str) -> None:
    change, says = FORBIDDEN[what]
    assert says in refused(lambda: change(cast))


def test_after_its_review_a_second_use_can_be(cast: Cast) -> None:
    review()(cast)
    break_glass_grant_of(cast, cast.bob)
    assert BreakGlassGrant.objects.count() == 2


def test_a_withdrawal_cannot_be_undone(cast: Cast) -> None:
    BreakGlassPolicy.objects.update(withdrawn_by=cast.ada, withdrawn_at=NOON)
    assert "confirmation_is_final" in refused(
        lambda: BreakGlassPolicy.objects.update(withdrawn_by=None, withdrawn_at=None)
    )
