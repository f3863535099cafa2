"""Break-glass for tests: a rule of Ada's that Adam has confirmed, and somebody who uses it."""

from datetime import datetime, timedelta

from access import actions
from access.models import EmergencyUse, Grant, StandingRule, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast


def adam() -> User:
    """The second administrator."""
    return User.objects.filter(email="adam@example.com").first() or factories.user("adam", is_staff=True)


def waiting_rule(
    cast: Cast, *people: User, by: User | None = None, now: datetime = NOON, longest: timedelta = HOUR
) -> StandingRule:
    """A rule that another administrator has to confirm."""
    return actions.make_standing(
        by=by or cast.ada,
        role=cast.role,
        people=list(people),
        longest=longest,
        expires_at=now + 30 * DAY,
        reason="The upload must not stand still at night.",
        now=now,
    )


def rule(cast: Cast, *people: User, now: datetime = NOON, longest: timedelta = HOUR) -> StandingRule:
    """A rule in force."""
    made = waiting_rule(cast, *people, now=now, longest=longest)
    actions.confirm_standing(by=adam(), rule=made, content_hash=made.content_hash(), now=now)
    return StandingRule.objects.get(pk=made.pk)


def use(made: StandingRule, person: User, *, now: datetime = NOON, length: timedelta = HOUR) -> EmergencyUse:
    """Somebody breaks the glass, with a code of a moment ago."""
    reason = "The upload stands still, and nobody who approves answers."
    return actions.break_glass(by=person, rule=made, length=length, reason=reason, has_new_factor=True, now=now)


def grant_of(used: EmergencyUse) -> Grant:
    return Grant.objects.select_related("role__account", "request").get(request=used.request_id)
