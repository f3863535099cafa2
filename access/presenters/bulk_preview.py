"""What an approver is shown of several requests: a table, and for each role what approving all of them writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access import admission, stops
from access.admission import Placement
from access.models import Decision, Grant, Request, Role, User, settings_of
from access.presenters import inbox, permissions
from access.presenters.approval_preview import held_by, is_gap_possible, placement_of
from access.presenters.diff import Diff, build_combined_diff
from access.presenters.request_views import RequestView
from access.rules.checks import last_approval
from access.rules.facts import PersonFacts, RequestFacts, RoleSettings, Terms
from access.rules.stopping import StopFacts
from access.rules.windows import Window
from access.texts.text import Text


@dataclass(frozen=True, slots=True)
class Candidate:
    """One request of several: as the inbox shows it, and why it cannot be approved together with those before it."""

    row: inbox.Row
    terms: Terms
    window_now: Window
    last_approval: datetime | None
    shown: str
    placement: Placement | None
    refusal: Text | None
    gap_possible: bool
    is_ticked: bool

    @property
    def asked(self) -> Request:
        return self.row.request

    @property
    def request_view(self) -> RequestView:
        return self.row.request_view

    @property
    def current(self) -> Terms:
        return self.terms

    @property
    def has_changes(self) -> bool:
        """Return False: several requests are approved without changes."""
        return False

    @property
    def holder(self) -> Role:
        """The role that holds the grant, or would."""
        return self.placement.role if self.placement else held_by(self.asked)

    @property
    def overlapping(self) -> Sequence[Grant]:
        return self.row.overlapping

    @property
    def asks_mfa(self) -> bool:
        return self.terms.asks_mfa or self.asked.role.requires_mfa

    @property
    def reduced_by(self) -> Decision | None:
        """The decision that reduced the request to its current terms, or None."""
        decisions = sorted(self.asked.decisions.all(), key=lambda one: one.pk, reverse=True)
        return next((one for one in decisions if one.reduces_terms), None)


@dataclass(frozen=True, slots=True)
class RolePart:
    """One role of the selection: what it permits, and what approving the ticked requests writes."""

    role: Role
    candidates: Sequence[Candidate]
    permissions: list[Text]
    findings: dict[str, Any]
    diffs: Sequence[Diff]

    @property
    def undoing(self) -> list[str]:
        """The actions by which sessions could bypass their expiry, where an administrator has accepted that."""
        return self.role.state.can_bypass_expiry if admission.is_accepted_risk(self.role) else []


@dataclass(frozen=True, slots=True)
class BulkPreview:
    candidates: Sequence[Candidate]
    parts: Sequence[RolePart]

    @property
    def ticked(self) -> list[Candidate]:
        """Return the requests that are selected."""
        return [one for one in self.candidates if one.is_ticked]


def build_bulk_preview(
    user: User, views: Sequence[RequestView], *, ticked: Iterable[Request] | None, now: datetime
) -> BulkPreview:
    """Return what this approver is shown of these requests. Without `ticked`, everything that can be approved is."""
    rows = inbox.build_rows(views, now=now)
    settings = settings_of({row.request.role_id: row.request.role for row in rows}.values())
    picked = None if ticked is None else {one.pk for one in ticked}
    builder = _Builder(user.facts(), settings, stops.open_stops(), now)
    candidates = [builder.build(row, is_picked=picked is None or row.request.pk in picked) for row in rows]
    roles = {one.asked.role_id: one.asked.role for one in candidates}
    parts = [
        _part(role, [one for one in candidates if one.asked.role_id == key], now=now) for key, role in roles.items()
    ]
    return BulkPreview(candidates, parts)


class _Builder:
    """Judges the requests one after the other, each after the approval of those before it."""

    def __init__(
        self, person: PersonFacts, settings: dict[int, RoleSettings], open_stops: Sequence[StopFacts], now: datetime
    ) -> None:
        self.person, self.settings, self.open_stops, self.now = person, settings, open_stops, now
        self.places: dict[int, admission.Places] = {}
        self.extended: set[int] = set()

    def build(self, row: inbox.Row, *, is_picked: bool) -> Candidate:
        asked, now = row.request, self.now
        facts = asked.facts(role=self.settings[asked.role_id])
        placement, refusal = self._placement_of(row, facts, is_picked=is_picked)
        return Candidate(
            row=row,
            terms=facts.terms,
            window_now=facts.window_now(now=now),
            last_approval=last_approval(facts, now=now),
            shown=facts.content_hash,
            placement=placement,
            refusal=refusal,
            gap_possible=is_gap_possible(asked, now=now),
            is_ticked=is_picked and not refusal,
        )

    def _placement_of(
        self, row: inbox.Row, facts: RequestFacts, *, is_picked: bool
    ) -> tuple[Placement | None, Text | None]:
        """Return where the grant goes beside those that are picked before it, and why it cannot be approved."""
        asked = row.request
        shared = self.places.setdefault(asked.role_id, admission.Places(asked.role, now=self.now))
        placement, refusal = placement_of(
            self.person,
            asked,
            facts,
            places=shared if is_picked else None,
            open_stops=self.open_stops,
            open_grants=row.overlapping,
            now=self.now,
        )
        if asked.extends_id is not None and is_picked and not refusal:
            if asked.extends_id in self.extended:
                return None, Text("extension_beside_another")
            self.extended.add(asked.extends_id)
        return placement, refusal


def _part(role: Role, candidates: Sequence[Candidate], *, now: datetime) -> RolePart:
    wanted = [one for one in candidates if one.is_ticked]
    holders = {one.holder.arn: one.holder for one in wanted}
    diffs = [
        build_combined_diff([(one.asked, one.terms) for one in wanted if one.holder.arn == arn], holder, now=now)
        for arn, holder in holders.items()
    ]
    return RolePart(role, candidates, permissions.in_words(role), permissions.findings(role), diffs)
