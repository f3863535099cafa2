"""Questions of approvers about a request that waits, and the contractor's answers."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from access import actions, clock, rules
from access.forms import RemarkForm
from access.models import Remark, Request, User
from access.rules import Refused
from access.views import answers, stories
from access.views.people import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def remarks(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show what was asked and answered, and take the next remark: an answer of his own request's, else a question."""
    user, now = signed_in(request), clock.now()
    story = _get_story_for(user, public_id)
    form = RemarkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {"story": story, "remarks": of(story.request), "form": form, "say": may_say(user, story)}
        return render(request, "access/remarks.html", context)
    say = actions.answer if story.request.requester_id == user.pk else actions.ask_back
    try:
        say(by=user, request=story.request, text=form.cleaned_data["text"], now=now)
    except Refused as error:
        return answers.not_done(request, str(error), url=story.url)
    messages.success(request, "Sent. The other side gets a letter that says so.")
    return redirect("remarks", public_id)


def of(asked: Request) -> list[Remark]:
    """Give what was asked and answered about a request, oldest first."""
    return list(asked.remarks.select_related("author"))


def may_say(user: User, story: stories.Story) -> str:
    """Give what this person may do now: "ask", "answer", or nothing."""
    person, facts, now = user.facts(), story.request.facts(), clock.now()
    if rules.can_answer(person, facts, was_asked=story.request.remarks.filter(is_question=True).exists()):
        return "answer"
    return "ask" if rules.can_ask_back(person, facts, now=now) else ""


def _get_story_for(user: User, public_id: UUID) -> stories.Story:
    """Give the story if this person may see it; for anybody else it does not exist."""
    asked = stories.requests().filter(public_id=public_id).first()
    if asked is None or not rules.can_see(user.facts(), asked.facts(), now=clock.now()):
        raise Http404("There is no such request.")
    return stories.tell(asked, now=clock.now())
