"""Change the limits of a role, and enable or disable it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock, wording
from access.auth.confirmed import confirmed
from access.auth.current_user import an_administrator, signed_in
from access.catalogue import changes as catalogue_changes
from access.catalogue.changes import change, rests_on
from access.forms.refusals import add_refusal
from access.forms.roles import LimitsForm
from access.lifecycle import RequestState
from access.models import Request, Role
from access.presenters import request_views
from access.presenters.form_drafts import restore
from access.rules.facts import Refused
from access.views import changes
from access.views.form_drafts import ends_draft


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to change how a role can be used"))
@ends_draft()
def limits(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Show how a role can be used, and with a POST change that, or propose it when live grants depend on the role."""
    role = get_role_for(request, account_id, name)
    form = restore(request, LimitsForm(request.POST or None, role=role))
    if request.method == "POST" and form.is_valid():
        try:
            proposal = change(by=signed_in(request), role=role, fields=form.cleaned_data, now=clock.now())
            return changes.answer(request, role, proposal, done=_("Limits saved."))
        except Refused as error:
            add_refusal(form, error)
    needs_second = catalogue_changes.needs_second(role, ["requires_mfa"], now=clock.now())
    return render(request, "catalogue/limits.html", {"role": role, "form": form, "needs_second": needs_second})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to enable or disable a role"))
def enable_or_disable(request: HttpRequest, account_id: str, name: str, way: str) -> HttpResponse:
    """Show what enabling or disabling a role means; a POST does it. No grant ends by it."""
    role, enabled = get_role_for(request, account_id, name), way == "enable"
    if request.method == "POST":
        try:
            fields = {"is_active": enabled}
            proposal = change(by=signed_in(request), role=role, fields=fields, now=clock.now())
            done = _("Role enabled.") if enabled else _("Role disabled. Nobody can request the role any more.")
            return changes.answer(request, role, proposal, done=done)
        except Refused as error:
            messages.error(request, wording.coded(error))
            return redirect(f"role_{way}", account_id, name)
    return render(request, "catalogue/enable_or_disable.html", _meaning(role, enabled=enabled))


def _meaning(role: Role, *, enabled: bool) -> dict[str, Any]:
    now = clock.now()
    live = request_views.requests().filter(request_views.open_grants(), grant__in=rests_on(role, now=now))
    waiting = Request.objects.filter(role=role, state=RequestState.PENDING)
    return {
        "role": role,
        "enable": enabled,
        "request_views": request_views.build_views(live, now=now),
        "waiting": waiting.count(),
    }


def get_role_for(request: HttpRequest, account_id: str, name: str, *, include_overflow: bool = False) -> Role:
    """Return a role to an administrator; for anybody else it does not exist."""
    an_administrator(request)
    rows = Role.objects.select_related("account").filter(account__account_id=account_id, name=name)
    role = (rows if include_overflow else rows.filter(overflow_of=None)).first()
    if role is None:
        raise Http404("There is no such role.")
    return role
