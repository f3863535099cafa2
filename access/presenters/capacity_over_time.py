"""How much of a role's trust policy the approved grants fill, from moment to moment of a period."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.db.models import Q

from access import trust
from access.lifecycle import GrantFacts
from access.models import Grant, Role
from access.presenters.schedule import MOST, Period
from access.rules.windows import Window


@dataclass(frozen=True, slots=True)
class Use:
    """How many characters of the trust policy are used in a window, by how many grants; `left`, `width` and `height`
    are its place in the drawing, the height from 0 to 1.
    """

    window: Window
    grants: int
    used: int
    quota: int
    left: float
    width: float

    @property
    def more(self) -> int:
        """Return how many more usual grants fit."""
        return max(0, self.quota - self.used) // trust.USUAL_STATEMENT

    @property
    def height(self) -> float:
        return round(min(1.0, self.used / self.quota), 3)

    @property
    def top(self) -> float:
        return round(1 - self.height, 3)


@dataclass(frozen=True, slots=True)
class _Stay:
    """A grant, and the time in which its statement is in the trust policy: from its approval until its end."""

    facts: GrantFacts
    window: Window


def build_uses(role: Role, period: Period) -> list[Use]:
    """Return the use of the role's own trust policy in the period, without its overflow roles.

    Statements that belong to no grant count as they were last read in AWS.
    """
    stays = _stays(role, period)
    moments = {period.starts_at, period.ends_at}
    moments |= {at for one in stays for at in (one.window.starts_at, one.window.ends_at)}
    shown = sorted(at for at in moments if period.starts_at <= at <= period.ends_at)
    names = role.grants.values_list("session_name", flat=True)
    rest = trust.without(role.state.observed_trust or {}, set(names))
    uses: list[Use] = []
    for start, end in pairwise(shown):
        here = [one.facts for one in stays if one.window.starts_at <= start < one.window.ends_at]
        compiled = trust.compile_trust_policy(role.facts(), here, present=rest, now=start, accepted=trust.hashes(rest))
        left, right = period.place(start), period.place(end)
        use = Use(
            Window(start, end),
            len(here),
            trust.size(compiled.document),
            role.account.trust_quota,
            left,
            round(right - left, 1),
        )
        uses.append(use)
    return _joined(uses)


def _stays(role: Role, period: Period) -> list[_Stay]:
    ended = Q(revoked_at__lte=period.starts_at) | Q(ends_at__lte=period.starts_at)
    rows = role.grants.filter(request__settled_at__lt=period.ends_at).exclude(ended)
    found = rows.select_related("request", "role__account", "role__state").order_by("starts_at", "pk")
    return [_stay(row) for row in found[:MOST]]


def _stay(grant: Grant) -> _Stay:
    end = min(grant.ends_at, grant.revoked_at or grant.ends_at)
    facts = replace(grant.facts(), ends_at=end, revoked_at=None, removed_at=None, problem="")
    return _Stay(facts, Window(grant.request.settled_at or grant.starts_at, end))


def _joined(uses: Sequence[Use]) -> list[Use]:
    """Return the uses with neighbours of the same size as one."""
    joined: list[Use] = []
    for use in uses:
        last = joined[-1] if joined else None
        if last and (last.grants, last.used) == (use.grants, use.used):
            window = Window(last.window.starts_at, use.window.ends_at)
            joined[-1] = replace(last, window=window, width=round(last.width + use.width, 1))
        else:
            joined.append(use)
    return joined
