"""Who said yes for whom, both ways.

Contractors ask and decide nothing, so a yes is counted for whoever answers for the one who gets something: the
sponsor of the contractor whose request was approved, or whoever vouches for his AWS identity.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from access.models import AutoApproval, Decision, EmergencyUse, Invitation, RoleChange, StandingRule, User
from access.reviews.scope import Scope
from access.reviews.table import Cell, Wish

Edges = dict[tuple[int, int], "Yes"]


@dataclass(frozen=True, slots=True)
class Yes:
    """How often, in which way, and when last one person said yes for another."""

    kinds: tuple[tuple[str, int], ...]
    last: datetime

    @property
    def times(self) -> int:
        return sum(count for _, count in self.kinds)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who said yes for each other; `one` did so more often."""

    one: User
    other: User
    there: Yes
    back: Yes


def reciprocal(_scope: Scope, wish: Wish) -> list[Pair]:
    """Give the pairs who said yes for each other, those first that did so most often."""
    edges = _edges(wish)
    mutual = [key for key in edges if (key[1], key[0]) in edges and key[0] != key[1]]
    ordered = [(a, b) for a, b in mutual if (edges[a, b].times, -a) >= (edges[b, a].times, -b)]
    people = User.objects.in_bulk({person for pair in mutual for person in pair})
    pairs = [Pair(people[a], people[b], edges[a, b], edges[b, a]) for a, b in ordered]
    return sorted(pairs, key=lambda pair: (-min(pair.there.times, pair.back.times), -pair.there.times, pair.one.pk))


def tell_reciprocal(rows: Sequence[Pair], _scope: Scope) -> list[list[Cell]]:
    return [
        [
            Cell(str(pair.one), pair.one.email),
            _yes(pair.there, pair.one, pair.other),
            Cell(str(pair.other), pair.other.email),
            _yes(pair.back, pair.other, pair.one),
            Cell(at=max(pair.there.last, pair.back.last)),
        ]
        for pair in rows
    ]


def _yes(yes: Yes, by: User, whose: User) -> Cell:
    """Say what kinds of yes these were; approvals lead to the list of them."""
    url = ""
    if any(kind == "approved" for kind, _ in yes.kinds):
        wish = {"approver": str(by.public_id), "sponsor": str(whose.public_id), "days": "0"}
        url = f"{reverse('review', args=['given'])}?{urlencode(wish)}"
    told = ", ".join(f"{kind} {count} time{'' if count == 1 else 's'}" for kind, count in yes.kinds)
    return Cell(told, url=url)


def _edges(wish: Wish) -> Edges:
    kinds: dict[tuple[int, int], Counter[str]] = {}
    last: dict[tuple[int, int], datetime] = {}
    for kind, by, whose, count, at in _counted(wish):
        kinds.setdefault((by, whose), Counter())[kind] += count
        last[by, whose] = max(at, last.get((by, whose), at))
    return {key: Yes(tuple(sorted(found.items())), last[key]) for key, found in kinds.items()}


def _counted(wish: Wish) -> Iterator[tuple[str, int, int, int, datetime]]:
    """Give for each kind of yes: who, for whom, how often, when last."""
    approved = Decision.objects.filter(verdict=Decision.Verdict.APPROVE, approver__isnull=False)
    changes = RoleChange.objects.filter(outcome=RoleChange.Outcome.CONFIRMED)
    fine = EmergencyUse.objects.filter(verdict=EmergencyUse.Verdict.FINE)
    automatic = AutoApproval.objects.filter(confirmed_at__isnull=False)
    rules = StandingRule.objects.filter(confirmed_at__isnull=False)
    sources: list[tuple[str, QuerySet[Any], str, str, str]] = [
        ("approved", approved, "approver", "request__contractor__sponsor", "decided_at"),
        ("approved on his word", approved, "approver", "request__principal__vouched_by", "decided_at"),
        ("confirmed a role change", changes, "settled_by", "proposed_by", "settled_at"),
        ("found break-glass fine", fine, "reviewed_by", "person", "reviewed_at"),
        ("confirmed a standing rule", rules, "confirmed_by", "made_by", "confirmed_at"),
        ("confirmed a rule that approves", automatic, "confirmed_by", "made_by", "confirmed_at"),
        ("let break the glass", rules, "confirmed_by", "people", "confirmed_at"),
        ("invited", Invitation.objects.exclude(accepted_by=None), "invited_by", "accepted_by", "accepted_at"),
    ]
    for kind, rows, by, whose, at in sources:
        found = rows.exclude(**{by: None}).exclude(**{whose: None})
        if wish.since:
            found = found.filter(**{f"{at}__gte": wish.since})
        grouped = found.values(a=F(by), b=F(whose)).annotate(times=Count("pk"), last=Max(at)).order_by()
        for row in grouped:
            yield kind, row["a"], row["b"], row["times"], row["last"]
