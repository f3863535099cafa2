"""The terms of a grant: an approver can change them to less access, but never to more."""

from dataclasses import replace
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts
from access.networks import is_inside
from access.rules.addresses import check_sources
from access.rules.facts import IdentityFacts, Refused, RequestFacts, RoleSettings, Terms
from access.rules.windows import AnyWindow, Window, WindowOnApproval
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
    _check_window_reduced(request.window, terms.window, latest_start=request.role.latest_start, now=now)
    if current.asks_mfa and not terms.asks_mfa:
        raise Refused("mfa_cannot_be_dropped", field="mfa")
    _check_sources_reduced(current, terms)
    if not request.extends:
        check_conditions(request.role, request.identity, terms)
    elif not _moves_only_the_end(current, terms):
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


def _moves_only_the_end(current: Terms, terms: Terms) -> bool:
    before, after = current.window, terms.window
    if not isinstance(before, Window) or not isinstance(after, Window):
        return False
    return replace(current, window=replace(before, ends_at=after.ends_at)) == terms


def _check_window_reduced(current: AnyWindow, window: AnyWindow, *, latest_start: timedelta, now: datetime) -> None:
    if isinstance(window, WindowOnApproval):
        _check_length_reduced(current, window)
        return
    if window.starts_at.microsecond or window.ends_at.microsecond:
        raise Refused("times_not_whole_seconds", field="starts_at")
    if isinstance(current, Window) and window.starts_at < current.starts_at:
        raise Refused("start_before_requested", field="starts_at")
    if window.length <= timedelta(0):
        raise Refused("end_before_start", field="ends_at")
    if window.ends_at <= now:
        raise Refused("end_in_past", field="ends_at")
    if window.length > current.length:
        raise Refused("window_longer_than_requested", field="ends_at")
    if window.starts_at > now + latest_start:
        raise Refused("start_too_far_for_approval", field="starts_at", longest=latest_start)
    if isinstance(current, WindowOnApproval) and not current.contains(window):
        raise Refused("start_after_latest", field="starts_at", latest_start=current.last_start)


def _check_length_reduced(current: AnyWindow, window: WindowOnApproval) -> None:
    """Raise Refused unless only the length of a window that begins with the approval changes."""
    if isinstance(current, Window) or window != replace(current, length=window.length):
        raise Refused("window_not_on_approval", field="starts_at")
    if window.length > current.length:
        raise Refused("window_longer_than_requested", field="length")
    if window.length <= timedelta(0) or window.length.microseconds:
        raise Refused("times_not_whole_seconds", field="length")


def _check_sources_reduced(current: Terms, terms: Terms) -> None:
    if not current.sources:
        return
    if not terms.sources or not all(is_inside(one, current.sources) for one in terms.sources):
        raise Refused("sources_wider_than_requested", field="sources", networks=current.sources)
