"""Follow a request, and end the access early."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access import actions, clock, rules
from access.forms import ReasonForm, RemarkForm
from access.ledger import Conflict
from access.lifecycle import RequestState
from access.models import Grant, User
from access.rules import Refused
from access.views import answers, deciders, kit, permits, stories, timeline
from access.views.people import signed_in

SETTLING = timedelta(minutes=1)  # until every part of AWS knows a change of IAM; usually it takes seconds
WITHOUT_A_GAP = timedelta(minutes=2)  # an approval that comes so long before the end reaches AWS in time
MOVING = {"activating", "ending"}


@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    story = _get_story_for(signed_in(request), public_id)
    return render(request, "access/request.html", _page(request, story, ReasonForm()))


@require_safe
def state(request: HttpRequest, public_id: UUID) -> HttpResponse:
    story = _get_story_for(signed_in(request), public_id)
    return render(request, "access/_state.html", _page(request, story, ReasonForm()))


@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    story = _get_story_for(signed_in(request), public_id)
    try:
        actions.withdraw(by=signed_in(request), request=story.request, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(story.request, state=RequestState.WITHDRAWN):
            return answers.not_done(request, str(error), url=story.url)
    messages.success(request, "The request is withdrawn.")
    return redirect(story.url)


@require_POST
def give_back(request: HttpRequest, public_id: UUID) -> HttpResponse:
    story = _get_story_for(signed_in(request), public_id)
    try:
        actions.return_early(by=signed_in(request), grant=_grant_of(story), now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(_grant_of(story), revoked_by=signed_in(request)):
            return answers.not_done(request, str(error), url=story.url)
    messages.success(request, "Thank you. The access is ending.")
    return redirect(story.url)


@require_POST
def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    story, form = _get_story_for(signed_in(request), public_id), ReasonForm(request.POST)
    if not form.is_valid():
        return render(request, "access/request.html", _page(request, story, form), status=400)
    try:
        actions.revoke(
            by=signed_in(request), grant=_grant_of(story), reason=form.cleaned_data["reason"], now=clock.now()
        )
    except (Refused, Conflict) as error:
        if not answers.was_done(_grant_of(story), revoked_by=signed_in(request)):
            return answers.not_done(request, str(error), url=story.url)
    messages.success(request, "Revoked. The worker is closing the door.")
    return redirect(story.url)


def _get_story_for(user: User, public_id: UUID) -> stories.Story:
    """Give the story if this person may see it; for anybody else it does not exist."""
    request = stories.requests().filter(public_id=public_id).first()
    if request is None or not rules.can_see(user.facts(), request.facts(), now=clock.now()):
        raise Http404("There is no such request.")
    return stories.tell(request, now=clock.now())


def _grant_of(story: stories.Story) -> Grant:
    if story.grant is None:
        raise Http404("Nothing was given yet.")
    return story.grant


def _page(request: HttpRequest, story: stories.Story, revoke_form: Form) -> dict[str, Any]:
    now, user = clock.now(), signed_in(request)
    role = story.grant.role if story.grant else story.request.role
    is_active, is_own = story.state == "active", user.pk == story.request.requester_id
    return {
        "story": story,
        "steps": deciders.of_request(story.request, now=now),
        "role": role,
        "permissions": permits.in_words(story.request.role),
        "timeline": timeline.of(story, now=now),
        "may": _may(user, story, now=now),
        "revoke_form": revoke_form,
        "remarks": list(story.request.remarks.select_related("author")),
        "remark_form": RemarkForm(),
        "may_answer": _may_answer(user, story),
        "snippets": _snippets(story, now=now) if is_active and is_own else [],
        "profile": kit.profile_name(role),
        "access_methods": _access_methods(story) if is_active and is_own else None,
        "services": kit.SERVICES,
        "settling": _is_settling(story, now=now),
        "poll_seconds": _poll_seconds(story),
        "stuck": role.is_stuck and _waits_for_aws(story),
        "state_url": reverse("request_state", args=[story.request.public_id]),
    }


def _may_answer(user: User, story: stories.Story) -> bool:
    was_asked = story.request.remarks.filter(is_question=True).exists()
    return rules.can_answer(user.facts(), story.request.facts(), was_asked=was_asked)


def _snippets(story: stories.Story, *, now: datetime) -> list[kit.Snippet]:
    return kit.snippets(story.grant, now=now) if story.grant and not story.grant.portal_issued else []


def _access_methods(story: stories.Story) -> dict[str, bool] | None:
    """Give the access methods that the portal offers, or None when the contractor uses his own AWS identity."""
    if story.grant is None or not story.grant.portal_issued:
        return None
    role = story.request.role
    moved = story.grant.extensions.filter(state=RequestState.APPROVED).exists()
    return {"credentials": role.allows_portal_issued, "console": role.allows_console, "moved": moved}


def _is_settling(story: stories.Story, *, now: datetime) -> bool:
    """Say whether AWS was read back so lately that some part of it may not know the change yet."""
    changed = {"active": story.grant.applied_at, "ended": story.grant.removed_at} if story.grant else {}
    at = changed.get(story.state)
    return at is not None and now - at < SETTLING


def _waits_for_aws(story: stories.Story) -> bool:
    """Say whether this grant itself waits for AWS: what holds up another one of the role is not its concern."""
    return story.grant is not None and bool(story.grant.problem or story.state in MOVING)


def _poll_seconds(story: stories.Story) -> int:
    """Give how often the page asks for the state: soon while it moves, never when nothing can change any more."""
    begins_soon = story.state == "scheduled" and story.starts_at - clock.now() < timedelta(seconds=30)
    if story.state in MOVING or begins_soon:
        return 2
    return 0 if story.state in {"ended", "denied", "withdrawn", "lapsed"} else 10


def _may(user: User, story: stories.Story, *, now: datetime) -> dict[str, bool]:
    person, request = user.facts(), story.request.facts()
    grant = story.grant.facts() if story.grant else None
    own = user.pk == story.request.requester_id
    can_end = grant is not None and rules.can_revoke(person, request, grant, now=now)
    return {
        "again": own and story.request.extends_id is None and story.state != "pending" and not request.is_emergency,
        "withdraw": rules.can_withdraw(person, request),
        "decide": rules.can_decide(person, request, now=now),
        "return": can_end and own,
        "revoke": can_end and not own,
        "evidence": grant is not None and rules.can_take_evidence(person, request, now=now),
        "extend": grant is not None and own and rules.can_extend(person, request, grant, now=now),
    }
