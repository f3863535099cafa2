"""Pairs of people who approve each other's requests.

Contractors decide nothing, so an approval is counted for the people responsible for the contractor: the sponsor, and
the person who vouched for the AWS identity.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext

from access import wording
from access.models import AutoApprovalPolicy, BreakGlassGrant, BreakGlassPolicy, Decision, Invitation, RoleChange, User
from access.reviews.scope import Scope
from access.reviews.table import Cell, ReportFilter

# Each kind of approval, as it is said of a number of times.
_TIMES: Mapping[str, Callable[[int], str]] = {
    "approved": lambda n: ngettext("approved {count} time", "approved {count} times", n),
    "approved_vouched": lambda n: ngettext(
        "approved {count} request with an identity that the other person vouched for",
        "approved {count} requests with an identity that the other person vouched for",
        n,
    ),
    "confirmed_auto_approval": lambda n: ngettext(
        "confirmed an auto-approval policy {count} time", "confirmed an auto-approval policy {count} times", n
    ),
    "confirmed_break_glass": lambda n: ngettext(
        "confirmed a break-glass policy {count} time", "confirmed a break-glass policy {count} times", n
    ),
    "confirmed_change": lambda n: ngettext(
        "confirmed a role change {count} time", "confirmed a role change {count} times", n
    ),
    "invited": lambda n: ngettext("invited {count} time", "invited {count} times", n),
    "permitted_break_glass": lambda n: ngettext(
        "permitted break-glass access {count} time", "permitted break-glass access {count} times", n
    ),
    "reviewed_break_glass": lambda n: ngettext(
        "found break-glass access justified {count} time", "found break-glass access justified {count} times", n
    ),
}
Edges = dict[tuple[int, int], "Approvals"]


@dataclass(frozen=True, slots=True)
class Approvals:
    """How often, in which way, and when last one person approved for another."""

    kinds: tuple[tuple[str, int], ...]
    last: datetime

    @property
    def times(self) -> int:
        return sum(count for _, count in self.kinds)


@dataclass(frozen=True, slots=True)
class MutualApprovals:
    """Two people who approved for each other; `one` did so more often."""

    one: User
    other: User
    there: Approvals
    back: Approvals


def mutual_approvals(_scope: Scope, report_filter: ReportFilter) -> list[MutualApprovals]:
    """Return the pairs who approved for each other, the most frequent first."""
    edges = _edges(report_filter)
    mutual = [key for key in edges if (key[1], key[0]) in edges and key[0] != key[1]]
    ordered = [(a, b) for a, b in mutual if (edges[a, b].times, -a) >= (edges[b, a].times, -b)]
    people = User.objects.in_bulk({person for pair in mutual for person in pair})
    pairs = [MutualApprovals(people[a], people[b], edges[a, b], edges[b, a]) for a, b in ordered]
    return sorted(pairs, key=lambda pair: (-min(pair.there.times, pair.back.times), -pair.there.times, pair.one.pk))


def mutual_approvals_cells(rows: Sequence[MutualApprovals], _scope: Scope) -> list[list[Cell]]:
    return [
        [
            Cell(str(pair.one), pair.one.email),
            _approvals_cell(pair.there, pair.one, pair.other),
            Cell(str(pair.other), pair.other.email),
            _approvals_cell(pair.back, pair.other, pair.one),
            Cell(at=max(pair.there.last, pair.back.last)),
        ]
        for pair in rows
    ]


def _approvals_cell(approvals: Approvals, by: User, whose: User) -> Cell:
    """Return which kinds of approval these were; approvals of requests link to the list of them."""
    url = ""
    if any(kind == "approved" for kind, _ in approvals.kinds):
        report_filter = {"approver": str(by.public_id), "sponsor": str(whose.public_id), "days": "0"}
        url = f"{reverse('review', args=['granted'])}?{urlencode(report_filter)}"
    return Cell(wording.listed(_TIMES[kind](count).format(count=count) for kind, count in approvals.kinds), url=url)


def _edges(report_filter: ReportFilter) -> Edges:
    kinds: dict[tuple[int, int], Counter[str]] = {}
    last: dict[tuple[int, int], datetime] = {}
    for kind, by, whose, count, at in _counted(report_filter):
        kinds.setdefault((by, whose), Counter())[kind] += count
        last[by, whose] = max(at, last.get((by, whose), at))
    return {key: Approvals(tuple(sorted(found.items())), last[key]) for key, found in kinds.items()}


def _counted(report_filter: ReportFilter) -> Iterator[tuple[str, int, int, int, datetime]]:
    """Yield for each kind of approval: who, for whom, how often, when last."""
    approved = Decision.objects.filter(verdict=Decision.Verdict.APPROVE, approver__isnull=False)
    changes = RoleChange.objects.filter(outcome=RoleChange.Outcome.CONFIRMED)
    justified = BreakGlassGrant.objects.filter(verdict=BreakGlassGrant.Verdict.JUSTIFIED)
    auto_approvals = AutoApprovalPolicy.objects.filter(confirmed_at__isnull=False)
    policies = BreakGlassPolicy.objects.filter(confirmed_at__isnull=False)
    sources: list[tuple[str, QuerySet[Any], str, str, str]] = [
        ("approved", approved, "approver", "request__contractor__sponsor", "decided_at"),
        ("approved_vouched", approved, "approver", "request__principal__vouched_by", "decided_at"),
        ("confirmed_change", changes, "settled_by", "proposed_by", "settled_at"),
        ("reviewed_break_glass", justified, "reviewed_by", "person", "reviewed_at"),
        ("confirmed_break_glass", policies, "confirmed_by", "made_by", "confirmed_at"),
        ("confirmed_auto_approval", auto_approvals, "confirmed_by", "made_by", "confirmed_at"),
        ("permitted_break_glass", policies, "confirmed_by", "people", "confirmed_at"),
        ("invited", Invitation.objects.exclude(accepted_by=None), "invited_by", "accepted_by", "accepted_at"),
    ]
    for kind, rows, by, whose, at in sources:
        found = rows.exclude(**{by: None}).exclude(**{whose: None})
        if report_filter.since:
            found = found.filter(**{f"{at}__gte": report_filter.since})
        grouped = found.values(a=F(by), b=F(whose)).annotate(times=Count("pk"), last=Max(at)).order_by()
        for row in grouped:
            yield kind, row["a"], row["b"], row["times"], row["last"]
