"""Decide a request."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access import actions, admission, rules
from access.forms import ReasonForm
from access.ledger import Conflict
from access.models import Request, Role, User
from access.rules import Refused
from access.views import answers, deciders, diff, permits, stories
from access.views.confirmed import ask_for_factor, confirmed_by_factor, has_fresh_factor
from access.views.people import signed_in
from access.views.requests import WITHOUT_A_GAP


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_by_factor
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    story = _get_story_for(user, public_id)
    if request.method == "POST" and not has_fresh_factor(request, role=story.request.role):
        return ask_for_factor(request)
    form = ReasonForm(request.POST if request.POST.get("verdict") == "deny" else None)
    if request.method != "POST" or (form.is_bound and not form.is_valid()):
        return render(request, "access/approval.html", _page(user, story, form, now=now))
    try:
        _decide(request, story.request, form, now=now)
    except (Refused, Conflict) as error:
        return answers.conflict(request, f"{error} {_last_word(story.request)}", url=story.url)
    messages.success(request, "Your decision is recorded.")
    return redirect(story.url)


def _get_story_for(user: User, public_id: UUID) -> stories.Story:
    """Give the story if this person is an approver of its role; for anybody else there is nothing to decide."""
    request = stories.requests().filter(public_id=public_id).first()
    if request is None or not rules.decides_about(user.pk, request.role.rules(), now=timezone.now()):
        raise Http404("There is no such request.")
    return stories.tell(request, now=timezone.now())


def _decide(request: HttpRequest, asked: Request, form: ReasonForm, *, now: datetime) -> None:
    by, shown = signed_in(request), request.POST.get("content_hash", "")
    if form.is_bound:
        actions.deny(by=by, request=asked, content_hash=shown, reason=form.cleaned_data["reason"], now=now)
    elif request.POST.get("verdict") == "approve":
        role_arn = request.POST.get("role_arn", "")
        actions.approve(by=by, request=asked, content_hash=shown, role_arn=role_arn, now=now)
    else:
        raise Refused("Say yes or no.")


def _last_word(asked: Request) -> str:
    """Say who decided last and when, or nothing when nobody did."""
    last = asked.decisions.order_by("-decided_at").first()
    return f"{last.by} {last.get_verdict_display()} it on {last.decided_at:%-d %b %Y at %H:%M} UTC." if last else ""


def _page(user: User, story: stories.Story, form: ReasonForm, *, now: datetime) -> dict[str, Any]:
    asked, place, refusal = story.request, None, ""
    person, facts = user.facts(), asked.facts()
    try:
        rules.check_can_approve(person, facts, now=now)
        if asked.extends is None:
            place = admission.find_place(asked.role, actions.terms(asked, now=now).facts(), now=now)
    except Refused as error:
        refusal = str(error)
    earlier = Request.objects.filter(contractor=asked.contractor, submitted_at__lt=asked.submitted_at)
    return {
        "story": story,
        "steps": deciders.of_request(asked, now=now),
        "permissions": permits.in_words(asked.role),
        "findings": permits.findings(asked.role),
        "gap_possible": asked.extends is not None and asked.starts_at - now < WITHOUT_A_GAP,
        "asked_before": earlier.count(),
        "place": place,
        "refusal": refusal,
        "diff": None if refusal else diff.of(asked, place.role if place else _held_by(asked), now=now),
        "may_deny": rules.can_decide(person, facts, now=now),
        "form": form,
    }


def _held_by(asked: Request) -> Role:
    """Give the role that holds the access to be prolonged."""
    return asked.extends.role if asked.extends else asked.role
