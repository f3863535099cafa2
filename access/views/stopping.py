"""Stop buttons: one page for each scope, the progress of a stop, and lifting it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import clock
from access.actions import stopping
from access.actions.stop_targets import Target, check_can_stop
from access.auth.confirmed import confirmed, has_new_factor, newly_confirmed
from access.auth.current_user import an_administrator, signed_in
from access.forms.refusals import add_refusal
from access.forms.stopping import StopForm
from access.ledger.conflicts import Conflict
from access.models import Account, Company, Role, Stop, User
from access.presenters import stops
from access.rules.facts import Refused, passes
from access.rules.people import can_administer
from access.rules.stopping import Scope, can_lift
from access.views import answers

POLL_SECONDS = 2
PAGE = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the stops in force, and those that were lifted."""
    user, now = signed_in(request), clock.now()
    rows, is_administrator = stops.visible_to(user, now=now), can_administer(user.facts())
    if not is_administrator and not rows.exists():
        raise Http404("There is no such page.")
    page = Paginator(rows.exclude(lifted_at=None), PAGE).get_page(request.GET.get("page"))
    context = {"stops": rows.open(), "lifted": page, "is_administrator": is_administrator}
    return render(request, "stops/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to stop a role"))
def role(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    rows = Role.objects.select_related("account").filter(account__account_id=account_id, overflow_of=None)
    return _page(request, Scope.ROLE, lambda: rows.filter(name=name).first())


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to stop an account"))
def account(request: HttpRequest, account_id: str) -> HttpResponse:
    return _page(request, Scope.ACCOUNT, lambda: Account.objects.filter(account_id=account_id).first())


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to stop a company"))
def company(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, Scope.COMPANY, lambda: Company.objects.filter(public_id=public_id).first())


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to stop a person"))
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    rows = User.objects.select_related("contractor")
    return _page(request, Scope.PERSON, lambda: rows.filter(public_id=public_id).first())


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to stop a sponsor's contractors"))
def sponsor(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stop all contractors of one sponsor."""
    rows = User.objects.filter(contractor=None)
    return _page(request, Scope.SPONSOR, lambda: rows.filter(public_id=public_id).first())


@require_http_methods(["GET", "HEAD", "POST"])
@newly_confirmed(_("to stop everything"))
def everything(request: HttpRequest) -> HttpResponse:
    return _shown(request, Target(Scope.EVERYTHING))


@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return render(request, "stops/stop.html", _progress(request, _get_stop_for(signed_in(request), public_id)))


@require_safe
def state(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return render(request, "stops/_progress.html", _progress(request, _get_stop_for(signed_in(request), public_id)))


@require_POST
@newly_confirmed(_("to lift a stop"))
def lift(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Propose to lift a stop, or confirm what another administrator proposed."""
    an_administrator(request)
    stop = _get_stop_for(signed_in(request), public_id)
    try:
        is_lifted = stopping.lift(
            by=signed_in(request), stop=stop, has_new_factor=has_new_factor(request), now=clock.now()
        )
    except (Refused, Conflict) as error:
        return answers.not_done(request, error, url=reverse("stop", args=[stop.public_id]))
    proposed = _("Proposed. Another administrator must confirm before the stop is lifted.")
    messages.success(request, _("Stop lifted. Access can be requested again.") if is_lifted else proposed)
    return redirect("stop", stop.public_id)


def _page(
    request: HttpRequest, scope: Scope, find: Callable[[], Role | Account | Company | User | None]
) -> HttpResponse:
    """Show the page of what `find` returns; for those who cannot stop it, it does not exist."""
    named = find()
    if named is None:
        raise Http404("There is no such page.")
    return _shown(request, Target(scope, named))


def _shown(request: HttpRequest, target: Target) -> HttpResponse:
    """Show what will end, and with a POST end it."""
    user, now = signed_in(request), clock.now()
    if not passes(lambda: check_can_stop(user, target, now=now)):
        raise Http404("There is no such page.")
    form = StopForm(request.POST or None, name=stops.name_to_type(target))
    if request.method == "POST" and form.is_valid():
        try:
            made = stopping.stop(
                by=user,
                target=target,
                reason=form.cleaned_data["reason"],
                has_new_factor=has_new_factor(request),
                now=now,
            )
        except Refused as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Stopped. Access is being removed from AWS."))
            return redirect("stop", made.public_id)
    context = {"target": target, "scope": Stop.Scope(target.scope.value), "form": form, "here": stops.url_of(target)}
    context |= {"preview": stops.build_preview(target, now=now), "open_stop": stops.open_stop_of(target)}
    return render(request, "stops/button.html", context)


def _get_stop_for(user: User, public_id: UUID) -> Stop:
    """Return the stop if this person can see it; for anybody else it does not exist."""
    found = stops.visible_to(user, now=clock.now()).filter(public_id=public_id).first()
    if found is None:
        raise Http404("There is no such stop.")
    return found


def _progress(request: HttpRequest, stop: Stop) -> dict[str, Any]:
    person, progress = signed_in(request).facts(), stops.progress_of(stop)
    return {
        "stop": stop,
        "progress": progress,
        "may_lift": can_lift(person, stop.lift_facts(), now=clock.now()),
        "poll_seconds": POLL_SECONDS if progress.left else 0,
    }
