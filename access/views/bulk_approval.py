"""Decide several requests on one page. The page shows each request, and each decision is bound to its own hash."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from access import clock
from access.actions import deciding
from access.auth.confirmed import ask, confirmed, factor_age_for, is_confirmed
from access.auth.current_user import signed_in
from access.auth.questions import Question
from access.forms.requests import ReasonForm
from access.ledger.conflicts import Conflict
from access.models import Role
from access.presenters import approval_preview, request_views
from access.rules.facts import Refused
from access.texts.text import CodedError
from access.views import answers
from access.views.approvals import get_request_view_for, last_word

MOST = 10  # on one page; nobody reads more


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome of one of the decisions; `error` says why there is none, and `last_word` who decided before."""

    request_view: request_views.RequestView
    error: CodedError | None = None
    last_word: str = ""


def _purpose(request: HttpRequest) -> Question:
    """Return what is about to be done, and the age of a factor that the strictest of the roles accepts."""
    try:
        chosen = [get_request_view_for(signed_in(request), public_id) for public_id in _ticked(request)[:MOST]]
    except Http404:
        chosen = []
    is_denial, count = request.POST.get("verdict") == "deny", len(chosen)
    denied = ngettext("to deny {count} request", "to deny {count} requests", count)
    approved = ngettext("to approve {count} request", "to approve {count} requests", count)
    ages = [factor_age_for(one.request.role).total_seconds() for one in chosen]
    return Question((denied if is_denial else approved).format(count=count), factor_age=min(ages, default=None))


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_purpose)
def decide(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    if not Role.objects.approved_by(user, now=now).exists():
        raise Http404("You are not an approver of any role.")
    ticked = _ticked(request)
    chosen = [get_request_view_for(user, public_id) for public_id in ticked[:MOST]]
    if not chosen:
        messages.info(request, _("Select the requests that you want to review."))
        return redirect("inbox")
    if request.method == "POST" and not all(is_confirmed(request, role=one.request.role) for one in chosen):
        return ask(request, _purpose(request))
    form = ReasonForm(request.POST if request.POST.get("verdict") == "deny" else None)
    if request.method != "POST" or (form.is_bound and not form.is_valid()):
        shown = [
            approval_preview.build_preview(user, request_view, request_view.request.facts(), None, now=now)
            for request_view in chosen
        ]
        context = {"proposals": shown, "form": form, "left": len(ticked) - len(chosen)}
        return render(request, "access/bulk_approval.html", context)
    done = [_decide(request, request_view, form, now=now) for request_view in chosen]
    if all(one.error is None for one in done):
        messages.success(
            request,
            ngettext("{count} decision recorded.", "{count} decisions recorded.", len(done)).format(count=len(done)),
        )
        return redirect("inbox")
    return render(request, "access/bulk_approval_done.html", {"done": done}, status=409)


def _ticked(request: HttpRequest) -> list[UUID]:
    """Return the requests that were ticked, each once."""
    ticked = (request.POST if request.method == "POST" else request.GET).getlist("request")
    try:
        return list(dict.fromkeys(map(UUID, ticked)))
    except ValueError:
        raise Http404("There is no such request.") from None


def _decide(request: HttpRequest, request_view: request_views.RequestView, form: ReasonForm, *, now: datetime) -> Done:
    """Decide one of them by itself: what becomes of the others is not its concern."""
    by, asked = signed_in(request), request_view.request
    shown = request.POST.get(f"content_hash_{asked.public_id}", "")
    try:
        if form.is_bound:
            deciding.deny(by=by, request=asked, content_hash=shown, reason=form.cleaned_data["reason"], now=now)
        elif request.POST.get("verdict") == "approve":
            role_arn = request.POST.get(f"role_arn_{asked.public_id}", "")
            deciding.approve(by=by, request=asked, content_hash=shown, role_arn=role_arn, now=now)
        else:
            raise Refused("decision_missing")
    except (Refused, Conflict) as error:
        if not answers.was_decided(asked, by=by, verdict=request.POST.get("verdict", ""), shown=shown):
            return Done(request_view, error, last_word(asked))
    return Done(request_view)
