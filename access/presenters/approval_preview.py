"""What an approver sees of a request: what an approval would mean and write, with or without changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from access import admission, stops
from access.actions import contents
from access.admission import Placement
from access.forms.approve_with_changes import terms_as_text
from access.models import Decision, Grant, Request, Role, User
from access.presenters import diff, history, permissions, request_views
from access.presenters.diff import Diff
from access.presenters.history import History
from access.presenters.request_views import WITHOUT_A_GAP
from access.rules.checks import can_decide, check_can_approve, check_can_be_extended, last_approval
from access.rules.facts import PersonFacts, Refused, RequestFacts, Terms
from access.rules.stopping import StopFacts
from access.rules.terms import check_has_all
from access.rules.windows import Window
from access.texts.text import Text


@dataclass(frozen=True, slots=True)
class ApprovalPreview:
    """One request as one approver sees it. `terms` are what they would approve, `current` those without their changes,
    `holder` the role that holds the grant or would. `window_now` is that of the grant if they approve now, and
    `last_approval` the last moment at which an approval is possible.
    """

    request_view: request_views.RequestView
    terms: Terms
    current: Terms
    window_now: Window
    last_approval: datetime | None
    reduced_by: Decision | None
    placement: Placement | None
    holder: Role
    refusal: Text | None
    diff: Diff | None
    shown: str
    shown_current: str
    history: History
    may_deny: bool
    gap_possible: bool
    permissions: list[Text] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)

    @property
    def asked(self) -> Request:
        return self.request_view.request

    @property
    def has_changes(self) -> bool:
        """Return whether the approver has reduced the current terms."""
        return self.terms != self.current

    @property
    def terms_text(self) -> str:
        return terms_as_text(self.terms) if self.has_changes else ""

    @property
    def undoing(self) -> list[str]:
        """The actions by which sessions could bypass their expiry, where an administrator has accepted that."""
        return self.holder.state.can_bypass_expiry if admission.is_accepted_risk(self.holder) else []

    @property
    def overlapping(self) -> list[Grant]:
        """The requester's other access in the same window."""
        return self.history.overlapping

    @property
    def asks_mfa(self) -> bool:
        return self.terms.asks_mfa or self.asked.role.requires_mfa


def build_preview(
    user: User, request_view: request_views.RequestView, facts: RequestFacts, terms: Terms | None, *, now: datetime
) -> ApprovalPreview:
    """Return what this approver is shown of the request, with these terms or the current ones."""
    asked, wanted = request_view.request, terms or facts.terms
    changed = facts.with_terms(wanted)
    placement, refusal = placement_of(user.facts(), asked, changed, now=now)
    window_now = changed.window_now(now=now)
    holder = placement.role if placement else held_by(asked)
    return ApprovalPreview(
        request_view=request_view,
        terms=wanted,
        current=facts.terms,
        window_now=window_now,
        last_approval=last_approval(changed, now=now),
        reduced_by=_reduced_by(asked),
        placement=placement,
        holder=holder,
        refusal=refusal,
        diff=None if refusal else diff.build_diff(asked, holder, wanted, now=now),
        shown=asked.shown_as(wanted),
        shown_current=facts.content_hash,
        history=history.build_history(asked, window_now, now=now),
        may_deny=can_decide(user.facts(), facts, now=now),
        gap_possible=is_gap_possible(asked, now=now),
        permissions=permissions.in_words(asked.role),
        findings=permissions.findings(asked.role),
    )


def placement_of(
    person: PersonFacts,
    asked: Request,
    facts: RequestFacts,
    *,
    now: datetime,
    places: admission.Places | None = None,
    open_stops: Sequence[StopFacts] | None = None,
    open_grants: Sequence[Grant] | None = None,
) -> tuple[Placement | None, Text | None]:
    """Return where an approval would place the grant (none for an extension), and why this person cannot approve.

    `places` holds what is placed before, where several requests are approved one after the other. `open_grants` are the
    requester's, where they are already read.
    """
    try:
        check_can_approve(person, facts, now=now)
        stops.check_request(asked, among=open_stops)
        if asked.extends is None:
            new_grant = contents.new_grant(asked, terms=facts.terms, now=now)
            admission.check_overlap(asked, new_grant, now=now, among=open_grants)
            return (places or admission.Places(asked.role, now=now)).take(new_grant.facts()), None
        check_can_be_extended(asked.extends.facts(), now=now)
        if asked.extends.ends_at != asked.starts_at:
            raise Refused("extension_outdated")
        check_has_all(facts.role, asked.extends.facts())
        admission.check_expiry_enforceable(asked.extends.role)
    except Refused as error:
        return None, error.text
    return None, None


def is_gap_possible(asked: Request, *, now: datetime) -> bool:
    """Return whether the end of the access that is to be extended is near."""
    return asked.extends is not None and asked.starts_at is not None and asked.starts_at - now < WITHOUT_A_GAP


def _reduced_by(asked: Request) -> Decision | None:
    """Return the decision that reduced the request to its current terms, or None."""
    reducing = asked.decisions.exclude(starts_at=None, length=None).select_related("approver")
    return reducing.order_by("-pk").first()


def held_by(asked: Request) -> Role:
    """Return the role that holds the grant to be extended."""
    return asked.extends.role if asked.extends else asked.role
