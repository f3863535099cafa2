"""A change of a role that waits for a second administrator: review it line by line, confirm or withdraw it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from access import clock
from access.auth.confirmed import confirmed, newly_confirmed
from access.auth.current_user import signed_in
from access.catalogue import changes
from access.ledger.conflicts import Conflict
from access.ledger.roles import recorded_values
from access.models import Role, RoleChange
from access.presenters import changed_fields, role_effects
from access.rules.facts import Refused, refusal_of
from access.rules.people import can_administer, check_can_confirm
from access.views import answers
from access.wording import Words


@require_http_methods(["GET", "HEAD", "POST"])
@newly_confirmed(_("to confirm the change of a role"))
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
            return answers.conflict(request, error, url=reverse("role_change", args=[public_id]))
    messages.success(request, _("Change confirmed. The role is updated."))
    return redirect("role", change.role.account.account_id, change.role.name)


@require_POST
@confirmed(_("to withdraw the change of a role"))
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    change = _get_change_for(request, public_id)
    try:
        changes.withdraw(by=signed_in(request), change=change, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(change, outcome=RoleChange.Outcome.WITHDRAWN, settled_by=signed_in(request)):
            return answers.not_done(request, error, url=reverse("role_change", args=[public_id]))
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
            "The role has live grants, so another administrator must confirm the change. Daypass has emailed all "
            "administrators."
        ),
    )
    return redirect("role_change", proposal.public_id)


def rows(change: RoleChange) -> list[changed_fields.Row]:
    """Return the fields of a change as people read them."""
    return changed_fields.build_rows(recorded_values(change.before), recorded_values(change.after))


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
    refusal = refusal_of(lambda: check_can_confirm(person, proposer=proposer, now=now))
    is_waiting = change.is_waiting(now=now)
    return {
        "change": change,
        "role": change.role,
        "rows": rows(change),
        "effects": role_effects.build_effects(change),
        "is_waiting": is_waiting,
        "may_confirm": is_waiting and not refusal,
        "refusal": refusal,
        "is_own": person.user_id == change.proposed_by_id,
        "live": changes.rests_on(change.role, now=now).count(),
    }
