"""Decide several requests on one page. The page shows each request, and each decision is bound to its own hash."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
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
from access.models import Role, User, settings_of
from access.presenters import bulk_preview, inbox, request_views
from access.rules.deciding import decides_about
from access.rules.facts import Refused
from access.texts.text import CodedError
from access.views import answers
from access.views.approvals import last_word

MOST = 10  # on one page; nobody reads more
PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome of one of the decisions; `error` says why there is none, and `last_word` who decided before."""

    request_view: request_views.RequestView
    error: CodedError | None = None
    last_word: str = ""


def _purpose(request: HttpRequest) -> Question:
    """Return what is about to be done, and the age of a factor that the strictest of the roles accepts."""
    try:
        keys = _named(request.POST, "request")[:MOST]
        chosen = _views_for(signed_in(request), keys, now=clock.now())
    except Http404:
        chosen = []
    is_denial, count = request.POST.get("verdict") == "deny", len(chosen)
    denied = ngettext("to deny {count} request", "to deny {count} requests", count)
    approved = ngettext("to approve {count} request", "to approve {count} requests", count)
    ages = [factor_age_for(one.request.role).total_seconds() for one in chosen]
    return Question((denied if is_denial else approved).format(count=count), factor_age=min(ages, default=None))


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest) -> HttpResponse:
    """Show the requests, or decide those that are ticked; the preview of other ticks is a page of its own."""
    if request.POST.get("verdict") != PREVIEW:
        return _show_or_decide(request)
    query = {"request": [str(key) for key in _named(request.POST, "request")], **inbox.round_of(request.POST)}
    return redirect(f"{reverse('bulk_approval')}?{urlencode(query, doseq=True)}")


@confirmed(_purpose)
def _show_or_decide(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    if not Role.objects.approved_by(user, now=now).exists():
        raise Http404("You are not an approver of any role.")
    sent = request.POST if request.method == "POST" else request.GET
    shown = list(dict.fromkeys([*_named(sent, "shown"), *_named(sent, "request")]))
    views = {view.request.public_id: view for view in _views_for(user, shown[:MOST], now=now)}
    chosen = [views[key] for key in _named(sent, "request") if key in views]
    if not chosen:
        messages.info(request, _("Select the requests that you want to review."))
        return redirect(inbox.list_url(inbox.round_of(sent)))
    if request.method == "POST" and not all(is_confirmed(request, role=one.request.role) for one in chosen):
        return ask(request, _purpose(request))
    form = ReasonForm(request.POST if request.POST.get("verdict") == "deny" else None)
    if request.method != "POST" or (form.is_bound and not form.is_valid()):
        ticked = [view.request for view in chosen] if request.method == "POST" else None
        preview = bulk_preview.build_bulk_preview(user, list(views.values()), ticked=ticked, now=now)
        context = {"preview": preview, "form": form, "left": len(shown) - len(views), "round": inbox.round_of(sent)}
        return render(request, "access/bulk_approval.html", context)
    return _answer(request, [_decide(request, request_view, form, now=now) for request_view in chosen])


def _answer(request: HttpRequest, done: list[Done]) -> HttpResponse:
    if all(one.error is None for one in done):
        messages.success(
            request,
            ngettext("{count} decision recorded.", "{count} decisions recorded.", len(done)).format(count=len(done)),
        )
        return redirect(inbox.list_url(inbox.round_of(request.POST)))
    return render(request, "access/bulk_approval_done.html", {"done": done}, status=409)


def _named(sent: QueryDict, name: str) -> list[UUID]:
    """Return the requests that were sent under this name, each once."""
    try:
        return list(dict.fromkeys(map(UUID, sent.getlist(name))))
    except ValueError:
        raise Http404("There is no such request.") from None


def _views_for(user: User, keys: list[UUID], *, now: datetime) -> list[request_views.RequestView]:
    """Return these requests in this order if this person is an approver of all their roles; a request of another
    role does not exist for them.
    """
    rows = request_views.requests().select_related("role__snapshot").prefetch_related("decisions")
    found = {one.public_id: one for one in rows.filter(public_id__in=keys)}
    settings = settings_of({one.role_id: one.role for one in found.values()}.values())
    if not all(key in found and decides_about(user.pk, settings[found[key].role_id], now=now) for key in keys):
        raise Http404("There is no such request.")
    return [request_views.build_view(found[key], now=now) for key in keys]


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
