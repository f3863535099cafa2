"""Show a request, and end the access early."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from access import clock, uploads
from access.actions import requests
from access.auth.current_user import signed_in
from access.forms.requests import CommentForm, ReasonForm
from access.ledger.conflicts import Conflict
from access.lifecycle import RequestState
from access.models import Grant, User
from access.presenters import approvers, inbox, outcome, permissions, request_views, snippets, timeline
from access.rules.checks import can_decide, can_extend, can_revoke, can_see, can_take_evidence, can_withdraw
from access.rules.comments import can_answer
from access.rules.facts import Refused
from access.views import answers

SETTLING = timedelta(minutes=1)  # the time until every part of AWS knows a change in IAM; usually seconds
MOVING = {"activating", "ending"}


@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user = signed_in(request)
    request_view = get_request_view_for(user, public_id)
    context = _page(request, request_view, ReasonForm())
    current = inbox.round_of(request.GET)
    if inbox.DONE in current:
        context["next"] = inbox.next_after(user, request_view.request, current, now=clock.now())
    return render(request, "access/request.html", context)


@require_safe
def state(request: HttpRequest, public_id: UUID) -> HttpResponse:
    request_view = get_request_view_for(signed_in(request), public_id)
    return render(request, "access/_state.html", _page(request, request_view, ReasonForm()))


@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    request_view = get_request_view_for(signed_in(request), public_id)
    try:
        requests.withdraw(by=signed_in(request), request=request_view.request, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(request_view.request, state=RequestState.WITHDRAWN):
            return answers.not_done(request, error, url=request_view.url)
    messages.success(request, _("Request withdrawn."))
    return redirect(request_view.url)


@require_POST
def return_access(request: HttpRequest, public_id: UUID) -> HttpResponse:
    request_view = get_request_view_for(signed_in(request), public_id)
    try:
        requests.return_access(by=signed_in(request), grant=_grant_of(request_view), now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(_grant_of(request_view), revoked_by=signed_in(request)):
            return answers.not_done(request, error, url=request_view.url)
    messages.success(request, _("Access returned. It is being removed from AWS."))
    return redirect(request_view.url)


@require_POST
def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    request_view, form = get_request_view_for(signed_in(request), public_id), ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "access/request.html", _page(request, request_view, form), status=400)
    try:
        requests.revoke(
            by=signed_in(request), grant=_grant_of(request_view), reason=form.cleaned_data["reason"], now=clock.now()
        )
    except (Refused, Conflict) as error:
        if not answers.was_done(_grant_of(request_view), revoked_by=signed_in(request)):
            return answers.not_done(request, error, url=request_view.url)
    messages.success(request, _("Revoked. Access is being removed from AWS."))
    return redirect(request_view.url)


def get_request_view_for(user: User, public_id: UUID) -> request_views.RequestView:
    """Return the request view if this person can see it; for anybody else it does not exist."""
    request = request_views.requests().filter(public_id=public_id).first()
    if request is None or not can_see(user.facts(), request.facts(), now=clock.now()):
        raise Http404("There is no such request.")
    return request_views.build_view(request, now=clock.now())


def _grant_of(request_view: request_views.RequestView) -> Grant:
    if request_view.grant is None:
        raise Http404("There is no such grant.")
    return request_view.grant


def _page(request: HttpRequest, request_view: request_views.RequestView, revoke_form: Form) -> dict[str, Any]:
    now, user = clock.now(), signed_in(request)
    role = request_view.grant.role if request_view.grant else request_view.request.role
    is_active, is_own = request_view.state == "active", user.pk == request_view.request.requester_id
    return {
        "request_view": request_view,
        "steps": approvers.steps_of_request(request_view.request, now=now),
        "role": role,
        "permissions": permissions.in_words(request_view.request.role),
        "outcome": outcome.build_outcome(request_view),
        "timeline": timeline.build_timeline(request_view, now=now),
        "may": _may(user, request_view, now=now),
        "revoke_form": revoke_form,
        "comments": list(request_view.request.comments.select_related("author")),
        "comment_form": CommentForm(),
        "may_answer": _may_answer(user, request_view),
        "snippets": _snippets(request_view, now=now) if is_active and is_own else None,
        "profile": snippets.profile_of(request_view.grant) if request_view.grant else "",
        "chosen": snippets.chosen_for(request.headers),
        "access_methods": _access_methods(request_view) if is_active and is_own else None,
        "services": snippets.SERVICES,
        "settling": _is_settling(request_view, now=now),
        "poll_seconds": _poll_seconds(request_view),
        "stuck": role.state.is_stuck and _waits_for_aws(request_view),
        "state_url": reverse("request_state", args=[request_view.request.public_id]),
    }


def _may_answer(user: User, request_view: request_views.RequestView) -> bool:
    was_asked = request_view.request.comments.filter(is_question=True).exists()
    return can_answer(user.facts(), request_view.request.facts(), was_asked=was_asked)


def _snippets(request_view: request_views.RequestView, *, now: datetime) -> dict[str, list[snippets.Snippet]] | None:
    """Return the snippets, those of one line apart, or None when Daypass issues the sessions."""
    if request_view.grant is None or request_view.grant.portal_issued:
        return None
    found = snippets.snippets_for(request_view.grant, now=now)
    return {
        "values": [one for one in found if one.language == "text"],
        "tabs": [one for one in found if one.language != "text"],
    }


def _access_methods(request_view: request_views.RequestView) -> dict[str, bool | str] | None:
    """Return the access methods that the portal offers, or None when the contractors use their own AWS identities."""
    if request_view.grant is None or not request_view.grant.portal_issued:
        return None
    role = request_view.request.role
    bucket = "/".join(uploads.only_bucket_in(role.permissions) or ())
    extended = request_view.grant.extensions.filter(state=RequestState.APPROVED).exists()
    return {
        "credentials": role.allows_portal_issued,
        "console": role.allows_console,
        "bucket": bucket,
        "extended": extended,
    }


def _is_settling(request_view: request_views.RequestView, *, now: datetime) -> bool:
    """Return whether AWS was read back so recently that part of it might not know the change yet."""
    changed = (
        {"active": request_view.grant.applied_at, "ended": request_view.grant.removed_at} if request_view.grant else {}
    )
    at = changed.get(request_view.state)
    return at is not None and now - at < SETTLING


def _waits_for_aws(request_view: request_views.RequestView) -> bool:
    """Return whether this grant itself waits for AWS: what delays another one of the role does not matter."""
    return request_view.grant is not None and bool(request_view.grant.problem or request_view.state in MOVING)


def _poll_seconds(request_view: request_views.RequestView) -> int:
    """Return how often the page asks for the state: soon while it moves, never when nothing can change any more."""
    grant = request_view.grant
    begins_soon = request_view.state == "scheduled" and grant and grant.starts_at - clock.now() < timedelta(seconds=30)
    if request_view.state in MOVING or begins_soon:
        return 2
    return 0 if request_view.state in {"ended", "denied", "withdrawn", "expired", "cancelled"} else 10


def _may(user: User, request_view: request_views.RequestView, *, now: datetime) -> dict[str, bool]:
    person, request = user.facts(), request_view.request.facts()
    grant = request_view.grant.facts() if request_view.grant else None
    own = user.pk == request_view.request.requester_id
    can_end = grant is not None and can_revoke(person, request, grant, now=now)
    return {
        "again": own
        and request_view.request.extends_id is None
        and request_view.state != "pending"
        and not request.is_break_glass,
        "withdraw": can_withdraw(person, request),
        "decide": can_decide(person, request, now=now),
        "return_access": can_end and own,
        "revoke": can_end and not own,
        "evidence": grant is not None and can_take_evidence(person, request, now=now),
        "extend": grant is not None and own and can_extend(person, request, grant, now=now),
    }
