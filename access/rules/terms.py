"""What an access may be given for, and that an approver may make it less but never more."""

from dataclasses import replace
from datetime import datetime, timedelta

from access.lifecycle import GrantFacts
from access.networks import is_inside
from access.rules.addresses import check_sources
from access.rules.facts import IdentityFacts, Refused, RequestFacts, RoleSettings, Terms, in_words


def check_conditions(role: RoleSettings, identity: IdentityFacts | None, terms: Terms) -> None:
    """Raise Refused unless these conditions can be met at all, and are ones that the role knows."""
    if terms.asks_mfa and identity is None:
        raise Refused(
            "A second factor in AWS cannot be asked for where the portal hands out the sessions: it asks for one "
            "itself. Leave it out."
        )
    if terms.asks_mfa and identity is not None and identity.kind != "user":
        raise Refused(
            "A second factor in AWS cannot be asked for with this AWS identity: only IAM users carry one, and AWS "
            "would always refuse. Leave it out."
        )
    check_sources(role, terms.sources)


def check_reduces_terms(request: RequestFacts, terms: Terms, *, now: datetime) -> None:
    """Raise Refused unless `terms` are no more than what stands: the window may be shorter, or begin later, and
    conditions may be added.
    """
    current = request.terms
    if terms == current:
        return
    _check_window_reduced(current, terms, latest_start=request.role.latest_start, now=now)
    if current.asks_mfa and not terms.asks_mfa:
        raise Refused("A second factor in AWS was asked for, and an approver adds conditions only. Leave it in.")
    _check_sources_reduced(current, terms)
    if not request.extends:
        check_conditions(request.role, request.identity, terms)
    elif terms != replace(current, ends_at=terms.ends_at):
        raise Refused("The access goes on already: its new end can be made earlier, and nothing else changes.")


def check_has_all(role: RoleSettings, grant: GrantFacts) -> None:
    """Raise Refused when the role asks for more by now than this grant has: it could only go on without that.

    Where the portal hands out the sessions it asks for the second factor itself, whenever it does so.
    """
    lacks = []
    if role.requires_mfa and not (grant.requires_mfa or grant.portal_issued):
        lacks.append("a second factor in AWS")
    if role.external_id not in {"", grant.external_id}:
        lacks.append("another external id")
    inside = all(is_inside(one, role.source_networks) for one in grant.source_cidrs)
    if role.source_rule == "always" and not (grant.source_cidrs and (inside or not role.source_networks)):
        lacks.append("source addresses")
    if lacks:
        raise Refused(
            f"The role asks for more by now than this access has: {', '.join(lacks)}. It cannot be extended. "
            "Ask for a new access."
        )


def _check_window_reduced(current: Terms, terms: Terms, *, latest_start: timedelta, now: datetime) -> None:
    if terms.starts_at.microsecond or terms.ends_at.microsecond:
        raise Refused("The start and the end are given in whole seconds, as IAM reads them. Choose such times.")
    if terms.starts_at < current.starts_at:
        raise Refused("The start is earlier than what was asked for. Choose that one or a later one.")
    if terms.ends_at <= terms.starts_at:
        raise Refused("The end must be after the start.")
    if terms.ends_at <= now:
        raise Refused("The end is in the past. Choose a later one.")
    if terms.ends_at - terms.starts_at > current.ends_at - current.starts_at:
        raise Refused("The end is too late: the window may be moved and made shorter, never longer than was asked for.")
    if terms.starts_at > now + latest_start:
        raise Refused(f"The start is more than {in_words(latest_start)} away. Choose an earlier one.")


def _check_sources_reduced(current: Terms, terms: Terms) -> None:
    if not current.sources:
        return
    if not terms.sources or not all(is_inside(one, current.sources) for one in terms.sources):
        raise Refused(
            f"Source addresses outside {', '.join(current.sources)} were not asked for. Name some of those, or parts."
        )
