"""The terms of a grant: an approver can change them to less access, but never to more."""

from dataclasses import replace
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts
from access.networks import is_inside
from access.rules.addresses import check_sources
from access.rules.facts import IdentityFacts, Refused, RequestFacts, RoleSettings, Terms
from access.texts.text import Listed, Text


def check_conditions(role: RoleSettings, identity: IdentityFacts | None, terms: Terms) -> None:
    """Raise Refused unless these conditions can be met at all, and are ones that the role knows."""
    if terms.asks_mfa and identity is None:
        raise Refused("mfa_not_for_portal_issued", field="mfa")
    if terms.asks_mfa and identity is not None and identity.kind != "user":
        raise Refused("mfa_not_for_identity", field="mfa")
    check_sources(role, terms.sources)


def check_reduces_terms(request: RequestFacts, terms: Terms, *, now: datetime) -> None:
    """Raise Refused when `terms` are more than the present ones: the window can be shorter, or begin later, and
    conditions can be added.
    """
    current = request.terms
    if terms == current:
        return
    _check_window_reduced(current, terms, latest_start=request.role.latest_start, now=now)
    if current.asks_mfa and not terms.asks_mfa:
        raise Refused("mfa_cannot_be_dropped", field="mfa")
    _check_sources_reduced(current, terms)
    if not request.extends:
        check_conditions(request.role, request.identity, terms)
    elif terms != replace(current, ends_at=terms.ends_at):
        raise Refused("extension_end_only", field="ends_at")


def check_has_all(role: RoleSettings, grant: GrantFacts) -> None:
    """Raise Refused when the role asks for more by now than this grant has: it could only continue without that.

    Where the portal issues the sessions it requires the second factor itself, each time.
    """
    lacks: list[Text] = []
    if role.requires_mfa and not (grant.requires_mfa or grant.portal_issued):
        lacks.append(Text("lacks_mfa"))
    if role.external_id not in {"", grant.external_id}:
        lacks.append(Text("lacks_external_id"))
    inside = all(is_inside(one, role.source_networks) for one in grant.source_cidrs)
    if role.source_rule == "always" and not (grant.source_cidrs and (inside or not role.source_networks)):
        lacks.append(Text("lacks_sources"))
    if lacks:
        raise Refused("extension_lacks_conditions", lacks=Listed(tuple(lacks)))


def _check_window_reduced(current: Terms, terms: Terms, *, latest_start: timedelta, now: datetime) -> None:
    if terms.starts_at.microsecond or terms.ends_at.microsecond:
        raise Refused("times_not_whole_seconds", field="starts_at")
    if terms.starts_at < current.starts_at:
        raise Refused("start_before_requested", field="starts_at")
    if terms.ends_at <= terms.starts_at:
        raise Refused("end_before_start", field="ends_at")
    if terms.ends_at <= now:
        raise Refused("end_in_past", field="ends_at")
    if terms.ends_at - terms.starts_at > current.ends_at - current.starts_at:
        raise Refused("window_longer_than_requested", field="ends_at")
    if terms.starts_at > now + latest_start:
        raise Refused("start_too_far_for_approval", field="starts_at", longest=latest_start)


def _check_sources_reduced(current: Terms, terms: Terms) -> None:
    if not current.sources:
        return
    if not terms.sources or not all(is_inside(one, current.sources) for one in terms.sources):
        raise Refused("sources_wider_than_requested", field="sources", networks=current.sources)
