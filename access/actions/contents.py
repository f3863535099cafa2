"""The hash of a request's content, and the grant that an approval creates from the request."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.ledger.conflicts import Conflict
from access.models import Grant, Principal, Request, window_content
from access.rules.facts import Terms
from access.rules.windows import AnyWindow, Window, on_approval, up_to_second


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDraft:
    """What a person asks for, apart from the role. Without `principal` the portal issues the sessions; without
    `starts_at`, which is in UTC, the window of this length begins when the request is approved.
    """

    principal: Principal | None
    length: timedelta
    reason: str
    starts_at: datetime | None = None
    ticket: str = ""
    asks_mfa: bool = False
    sources: tuple[str, ...] = ()

    def terms(self, *, deadline: datetime, contract_ends_at: datetime | None) -> Terms:
        """Return the window, in whole seconds as IAM's dates are, and the conditions; `deadline` is when the request
        expires undecided.
        """
        length = timedelta(seconds=int(self.length.total_seconds()))
        window: AnyWindow = (
            Window(start := up_to_second(self.starts_at), start + length)
            if self.starts_at
            else on_approval(length, deadline=deadline, contract_ends_at=contract_ends_at)
        )
        return Terms(window, self.asks_mfa, self.sources)


_BOUND = ("policy_arns", "requires_mfa", "external_id", "allows_console")


def content_hash(request: Request) -> str:
    """Return the SHA-256 of a request's content, as hex. A decision names it, so it is valid for nothing else."""
    content = {
        "contractor": request.contractor_id,
        "requester": request.requester_id,
        "role": request.role.arn,
        "permissions": request.role.permissions,
        "principal": str(request.principal or ""),
        "extends": request.extends.session_name if request.extends else "",
        "session_name": request.session_name,
        "reason": request.reason,
        **window_content(request.window()),
    }
    if request.break_glass_policy:
        content["break_glass_policy"] = str(request.break_glass_policy.public_id)
    if request.principal and (grounds := request.principal.grounds()):
        content["principal_grounds"] = grounds
    conditions = {"ticket": request.ticket, "asks_mfa": request.asks_mfa, "source_cidrs": request.source_cidrs}
    content |= {name: value for name, value in conditions.items() if value}
    # Approvers also approve the role's own limits and permissions, so the hash covers them.
    content |= {name: value for name in _BOUND if (value := getattr(request.role, name))}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check_shown(request: Request, shown: str, *, terms: Terms) -> None:
    """Raise Conflict unless the page showed the request with just these terms."""
    if shown != request.shown_as(terms):
        raise Conflict("page_outdated_request")


def check_unchanged(request: Request) -> None:
    """Raise Conflict when the role, or what is known of the AWS identity, is no longer as it was asked for."""
    if content_hash(request) != request.content_hash:
        raise Conflict("request_content_changed")


def new_grant(request: Request, *, now: datetime, terms: Terms | None = None) -> Grant:
    """Return the unsaved grant that an approval at `now` makes of the request, with these terms or as requested. It
    never begins before the approval; a length begins with it.
    """
    terms = terms or request.terms()
    window = terms.window.if_approved(now=now)
    return Grant(
        request=request,
        role=request.role,
        contractor=request.contractor,
        break_glass_policy=request.break_glass_policy,
        session_name=request.session_name,
        principal_arn=request.principal.arn if request.principal else "",
        principal_unique_id=request.principal.unique_id if request.principal else "",
        portal_issued=request.portal_issued,
        external_id=request.role.external_id,
        requires_mfa=request.role.requires_mfa or terms.asks_mfa,
        source_cidrs=list(terms.sources),
        starts_at=window.starts_at,
        ends_at=window.ends_at,
    )
