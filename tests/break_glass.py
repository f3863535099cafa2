"""Break-glass for tests: a rule of Ada's that Adam has confirmed, and somebody who uses it."""

from datetime import datetime, timedelta

from access.actions import break_glass_policies
from access.actions.break_glass import use_break_glass
from access.models import BreakGlassGrant, BreakGlassPolicy, Grant, User
from tests import factories
from tests.factories import DAY, HOUR, NOON, Cast


def adam() -> User:
    """Return the second administrator."""
    return User.objects.filter(email="adam@example.com").first() or factories.user("adam", is_staff=True)


def waiting_policy(
    cast: Cast, *people: User, by: User | None = None, now: datetime = NOON, longest: timedelta = HOUR
) -> BreakGlassPolicy:
    """Return a policy that another administrator has to confirm."""
    return break_glass_policies.create_break_glass_policy(
        by=by or cast.ada,
        role=cast.role,
        people=list(people),
        longest=longest,
        expires_at=now + 30 * DAY,
        reason="The upload must not be blocked at night.",
        now=now,
    )


def policy(cast: Cast, *people: User, now: datetime = NOON, longest: timedelta = HOUR) -> BreakGlassPolicy:
    """Return a policy in force."""
    made = waiting_policy(cast, *people, now=now, longest=longest)
    break_glass_policies.confirm_break_glass_policy(by=adam(), policy=made, content_hash=made.content_hash(), now=now)
    return BreakGlassPolicy.objects.get(pk=made.pk)


def new_grant(
    made: BreakGlassPolicy, person: User, *, now: datetime = NOON, length: timedelta = HOUR
) -> BreakGlassGrant:
    """Return a use of break-glass, with a code of a moment ago."""
    reason = "The upload is blocked, and no approver answers."
    return use_break_glass(by=person, policy=made, length=length, reason=reason, has_new_factor=True, now=now)


def grant_of(used: BreakGlassGrant) -> Grant:
    return Grant.objects.select_related("role__account", "request").get(request=used.request_id)
