"""What an access may be given for, and that an approver may make it less but never more."""

from datetime import datetime

from access.networks import is_inside
from access.rules.addresses import check_sources
from access.rules.facts import IdentityFacts, Refused, RequestFacts, RoleRules, Terms, in_words


def check_conditions(role: RoleRules, identity: IdentityFacts | None, terms: Terms) -> None:
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


def check_narrows(request: RequestFacts, terms: Terms, *, now: datetime) -> None:
    """Raise Refused unless `terms` are no more than what stands: the window may be shorter, or begin later, and
    conditions may be added.
    """
    standing = request.terms
    if terms == standing:
        return
    if terms.starts_at.microsecond or terms.ends_at.microsecond:
        raise Refused("The start and the end are given in whole seconds, as IAM reads them. Choose such times.")
    if terms.starts_at < standing.starts_at:
        raise Refused("The start is earlier than what was asked for. Choose that one or a later one.")
    if terms.ends_at <= terms.starts_at:
        raise Refused("The end must be after the start.")
    if terms.ends_at <= now:
        raise Refused("The end is in the past. Choose a later one.")
    if terms.ends_at - terms.starts_at > standing.ends_at - standing.starts_at:
        raise Refused("The end is too late: the window may be moved and made shorter, never longer than was asked for.")
    if terms.starts_at > now + request.role.latest_start:
        raise Refused(f"The start is more than {in_words(request.role.latest_start)} away. Choose an earlier one.")
    if standing.asks_mfa and not terms.asks_mfa:
        raise Refused("A second factor in AWS was asked for, and an approver adds conditions only. Leave it in.")
    _check_sources_narrow(standing, terms)
    if request.extends and (terms.starts_at, terms.asks_mfa, terms.sources) != (
        standing.starts_at,
        standing.asks_mfa,
        standing.sources,
    ):
        raise Refused("The access goes on already: its new end can be made earlier, and nothing else changes.")
    check_conditions(request.role, request.identity, terms)


def _check_sources_narrow(standing: Terms, terms: Terms) -> None:
    if not standing.sources:
        return
    if not terms.sources or not all(is_inside(one, standing.sources) for one in terms.sources):
        raise Refused(
            f"Source addresses outside {', '.join(standing.sources)} were not asked for. Name some of those, or parts."
        )
