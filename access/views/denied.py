"""Why am I denied?"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from access import clock, diagnose, rules
from access.forms import DeniedForm
from access.models import User
from access.views import stories
from access.views.people import signed_in
from access.views.visitors import address_of


@require_http_methods(["GET", "HEAD", "POST"])
def denied(request: HttpRequest, public_id: UUID) -> HttpResponse:
    story = _get_story_for(signed_in(request), public_id)
    form = DeniedForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        found = _reasons(story, typed["text"], typed["symptom"], address=_address_of_owner(request, story))
    return render(request, "access/denied.html", {"story": story, "form": form, "reasons": found})


def _get_story_for(user: User, public_id: UUID) -> stories.Story:
    """Give the story of something that was given, if this person may see it."""
    request = stories.requests().filter(public_id=public_id).first()
    if request is None or not rules.can_see(user.facts(), request.facts(), now=clock.now()):
        raise Http404("There is no such request.")
    story = stories.tell(request, now=clock.now())
    if story.grant is None:
        raise Http404("Nothing was given yet.")
    return story


def _address_of_owner(request: HttpRequest, story: stories.Story) -> str:
    """Give the address of whoever uses the access; that of somebody else who looks says nothing."""
    return address_of(request) if story.request.requester_id == signed_in(request).pk else ""


def _reasons(story: stories.Story, text: str, symptom: str, *, address: str) -> list[diagnose.Reason]:
    if story.grant is None:
        return []
    facts, role = story.grant.facts(), story.grant.role.known()
    return diagnose.reasons(text, symptom, facts, role, now=clock.now(), address=address)
