"""Decide on a request: approve, approve with changes, or deny."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock, wording
from access.actions import deciding
from access.auth.confirmed import ask, confirmed, factor_age_for, is_confirmed
from access.auth.current_user import signed_in
from access.auth.questions import Question
from access.forms.approve_with_changes import ApproveWithChangesForm, terms_from_text
from access.forms.draft_fields import CHANGES
from access.forms.refusals import add_refusal
from access.forms.requests import CommentForm, ReasonForm
from access.ledger.conflicts import Conflict
from access.models import Decision, Request, User
from access.presenters import approval_preview, approvers, inbox, request_views
from access.presenters.form_drafts import WITH_CHANGES, restore, restored_draft
from access.rules.deciding import decides_about
from access.rules.facts import Refused, RequestFacts, Terms
from access.rules.terms import check_reduces_terms
from access.views import answers, comments
from access.views.form_drafts import ends_draft


def _purpose(request: HttpRequest, public_id: UUID) -> Question:
    """Return what an approver is about to do; to anybody else the request does not exist."""
    try:
        asked = get_request_view_for(signed_in(request), public_id).request
    except Http404:
        return Question(gettext("to decide about a request"))
    is_denial = request.POST.get("verdict") == "deny"
    said = gettext("to deny {person}'s request") if is_denial else gettext("to approve {person}'s request")
    age = factor_age_for(asked.role).total_seconds()
    return Question(said.format(person=asked.requester), factor_age=age)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_purpose)
@ends_draft()
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    request_view = get_request_view_for(user, public_id)
    if request.method == "POST" and not is_confirmed(request, role=request_view.request.role):
        return ask(request, _purpose(request, public_id))
    form = restore(request, ReasonForm(request.POST if request.POST.get("verdict") == "deny" else None))
    if request.method != "POST" or (form.is_bound and not form.is_valid()):
        return _show(request, request_view, form, now=now)
    try:
        _decide(request, request_view.request, form, now=now)
    except (Refused, Conflict) as error:
        verdict, shown = request.POST.get("verdict", ""), request.POST.get("content_hash", "")
        if not answers.was_decided(request_view.request, by=user, verdict=verdict, shown=shown):
            return answers.conflict(request, error, url=request_view.url, last_word=last_word(request_view.request))
    messages.success(request, _("Decision recorded."))
    return redirect(request_view.url + _round_after(request, request_view.request, now=now))


def _round_after(request: HttpRequest, decided: Request, *, now: datetime) -> str:
    """Return the query with which the request's page leads to the next one, empty when no other one waits."""
    current = inbox.round_of(request.POST)
    current[inbox.DONE] = str(min(int(current.get(inbox.DONE, "0")) + 1, inbox.MOST_DONE))
    following = inbox.next_after(signed_in(request), decided, current, now=now)
    return f"?{following.query}" if following else ""


def _show(
    request: HttpRequest, request_view: request_views.RequestView, form: ReasonForm, *, now: datetime
) -> HttpResponse:
    """Show the current request, or with the changes that the approver has typed."""
    user, facts = signed_in(request), request_view.request.facts()
    typed = request.GET if "changes" in request.GET else None
    current = inbox.round_of(request.POST if request.method == "POST" else request.GET)
    changes_form = ApproveWithChangesForm(typed, facts=facts, zone=timezone.get_current_timezone_name(), now=now)
    context = {
        "it": approval_preview.build_preview(
            user, request_view, facts, _typed_terms(changes_form, facts, now=now), now=now
        ),
        "request_view": request_view,
        "steps": approvers.steps_of_request(request_view.request, now=now),
        "others": inbox.others_waiting(request_view.request, now=now),
        "round": current,
        "place": inbox.place_in(user, current, now=now),
        "inbox_url": inbox.list_url(current),
        "form": form,
        "changes_form": restore(request, changes_form, WITH_CHANGES),
        "changes_address": request.path + CHANGES,
        "restores_changes": restored_draft(request, WITH_CHANGES) is not None,
        "comments": comments.comments_of(request_view.request),
        "comment_form": CommentForm(),
    }
    return render(request, "access/approval.html", context)


def _typed_terms(form: ApproveWithChangesForm, facts: RequestFacts, *, now: datetime) -> Terms | None:
    """Return the changed terms that the approver typed, if any; errors are shown in the form."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        check_reduces_terms(facts, form.terms(), now=now)
    except Refused as error:
        add_refusal(form, error)
        return None
    return form.terms()


def get_request_view_for(user: User, public_id: UUID) -> request_views.RequestView:
    """Return the request view if this person is an approver of its role; for anybody else there is nothing to
    decide.
    """
    request = request_views.requests().filter(public_id=public_id).first()
    if request is None or not decides_about(user.pk, request.role.settings(), now=clock.now()):
        raise Http404("There is no such request.")
    return request_views.build_view(request, now=clock.now())


def _decide(request: HttpRequest, asked: Request, form: ReasonForm, *, now: datetime) -> None:
    by, shown = signed_in(request), request.POST.get("content_hash", "")
    if form.is_bound:
        deciding.deny(by=by, request=asked, content_hash=shown, reason=form.cleaned_data["reason"], now=now)
    elif request.POST.get("verdict") == "approve":
        role_arn = request.POST.get("role_arn", "")
        terms = terms_from_text(request.POST.get("terms", ""))
        deciding.approve(by=by, request=asked, content_hash=shown, role_arn=role_arn, terms=terms, now=now)
    else:
        raise Refused("decision_missing")


def last_word(asked: Request) -> str:
    """Return who decided last and when, or nothing when nobody did."""
    last = asked.decisions.order_by("-decided_at").first()
    if last is None:
        return ""
    said = (
        gettext("{person} approved the request on {moment}.")
        if last.verdict == Decision.Verdict.APPROVE
        else gettext("{person} denied the request on {moment}.")
    )
    return said.format(person=last.by, moment=wording.moment(last.decided_at))
