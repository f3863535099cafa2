"""A change of a role that waits for a second administrator: review it line by line, confirm or withdraw it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_duration
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from access import clock, wording
from access.auth.confirmed import confirmed, confirmed_by_factor
from access.auth.current_user import signed_in
from access.catalogue import changes
from access.ledger.conflicts import Conflict
from access.ledger.roles import recorded_values
from access.models import Role, RoleChange
from access.models.changes import STAGES
from access.presenters import diff
from access.rules.facts import Refused, refusal_of
from access.rules.people import can_administer, check_can_confirm
from access.views import answers
from access.wording import Words

_WORDS = {
    "allows_console": _("AWS console sign-in through Daypass"),
    "allows_own_identity": _("Contractor's own AWS identity"),
    "allows_portal_issued": _("Portal-issued credentials"),
    "approver_groups": _("Approver groups"),
    "approvers": _("Approvers"),
    "description": _("Description"),
    "longest_window": _("Longest window"),
    "permissions": _("Permissions"),
    "quorum": _("Quorum"),
    "allows_vouched": _("AWS identities that only a sponsor vouches for"),
    "external_id": _("External ID"),
    "factor_minutes": _("Second factor valid for (minutes)"),
    "first_reminder": _("First reminder after"),
    "further_stages": _("Later stages"),
    "is_active": _("Enabled"),
    "expires_after": _("Pending requests expire after"),
    "latest_start": _("Latest start"),
    "issues_per_hour": _("Sessions per hour"),
    "largest_share": _("Largest share per contractor (%)"),
    "live_sessions": _("Concurrent sessions"),
    "max_session_seconds": _("Longest session (seconds)"),
    "office_closes": _("Office hours end at"),
    "office_days": _("Office days (1 is Monday)"),
    "office_opens": _("Office hours start at"),
    "office_zone": _("Time zone of the office hours"),
    "policy_arns": _("Managed policies"),
    "requires_mfa": _("Require MFA in AWS"),
    "source_networks": _("Allowed networks"),
    "source_rule": _("Source addresses"),
    "allows_overflow": _("Use overflow roles when the role is full"),
    "ticket_example": _("Example ticket number"),
    "ticket_pattern": _("Ticket number pattern"),
}


_LENGTHS = frozenset({"first_reminder", "expires_after", "latest_start", "longest_window"})


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a change: in words, or line by line where it is a document."""

    title: Words
    before: str = ""
    after: str = ""
    lines: tuple[diff.Line, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_by_factor
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a change, and with a POST confirm it as it was shown."""
    change = _get_change_for(request, public_id)
    if request.method != "POST":
        return render(request, "catalogue/change.html", _page(request, change))
    try:
        shown = request.POST.get("content_hash", "")
        changes.confirm(by=signed_in(request), change=change, content_hash=shown, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(change, outcome=RoleChange.Outcome.CONFIRMED, settled_by=signed_in(request)):
            return answers.conflict(request, str(error), url=reverse("role_change", args=[public_id]))
    messages.success(request, _("Change confirmed. The role is updated."))
    return redirect("role", change.role.account.account_id, change.role.name)


@require_POST
@confirmed
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    change = _get_change_for(request, public_id)
    try:
        changes.withdraw(by=signed_in(request), change=change, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(change, outcome=RoleChange.Outcome.WITHDRAWN, settled_by=signed_in(request)):
            return answers.not_done(request, str(error), url=reverse("role_change", args=[public_id]))
    messages.success(request, _("Proposal withdrawn. The role stays unchanged."))
    return redirect("role", change.role.account.account_id, change.role.name)


def answer(request: HttpRequest, role: Role, proposal: RoleChange | None, *, done: Words) -> HttpResponse:
    """Answer the administrator who sent a change: it is done, or waits for a second administrator."""
    if proposal is None:
        messages.success(request, str(done))
        return redirect("role", role.account.account_id, role.name)
    messages.info(
        request,
        _(
            "The role has live grants, so another administrator must confirm the change. All administrators "
            "have been emailed."
        ),
    )
    return redirect("role_change", proposal.public_id)


def rows(change: RoleChange) -> list[Row]:
    """Return the fields of a change as people read them."""
    before, after = recorded_values(change.before), recorded_values(change.after)
    return [_row(name, before[name], after[name]) for name in sorted(after)]


def _row(name: str, before: Any, after: Any) -> Row:
    title = _WORDS.get(name, name.replace("_", " ").capitalize())
    if name == "permissions":
        return Row(title, lines=tuple(diff.compare(before, after)))
    return Row(title, _in_words(name, before), _in_words(name, after))


def _in_words(name: str, value: Any) -> str:
    if name == STAGES:
        return ", ".join(_stage_in_words(stage) for stage in value) or "none"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str) and name in _LENGTHS:
        return wording.length(parse_duration(value) or timedelta(0))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return wording.listed(value) or gettext("none")
    if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
        return wording.listed(f"{key} = {one}" for key, one in sorted(value.items())) or gettext("none")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value) if value not in ("", None) else gettext("none")


def _stage_in_words(stage: Mapping[str, Any]) -> str:
    groups = [gettext("group {name}").format(name=name) for name in stage["approver_groups"]]
    who = wording.listed([*stage["approvers"], *groups])
    name = stage["name"] or gettext("Another stage")
    return gettext("{stage}: {quorum} of {approvers}").format(stage=name, quorum=stage["quorum"], approvers=who)


def _get_change_for(request: HttpRequest, public_id: UUID) -> RoleChange:
    """Return the change to an administrator; for anybody else it does not exist."""
    found = RoleChange.objects.select_related("role__account", "role__state", "proposed_by", "settled_by")
    change = found.filter(public_id=public_id).first()
    if change is None or not can_administer(signed_in(request).facts()):
        raise Http404("There is no such change.")
    return change


def _page(request: HttpRequest, change: RoleChange) -> dict[str, Any]:
    now = clock.now()
    person, proposer = signed_in(request).facts(), change.proposed_by.facts()
    refusal = refusal_of(lambda: check_can_confirm(person, proposer=proposer))
    is_waiting = change.is_waiting(now=now)
    return {
        "change": change,
        "role": change.role,
        "rows": rows(change),
        "is_waiting": is_waiting,
        "may_confirm": is_waiting and not refusal,
        "refusal": refusal,
        "is_own": person.user_id == change.proposed_by_id,
        "live": changes.rests_on(change.role, now=now).count(),
    }
