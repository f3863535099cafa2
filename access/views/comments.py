"""Questions of approvers about a pending request, and the contractor's answers."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock
from access.actions import comments
from access.auth.current_user import signed_in
from access.forms.requests import CommentForm
from access.models import Comment, Request, User
from access.presenters import request_views
from access.presenters.form_drafts import restore
from access.rules.checks import can_see
from access.rules.comments import can_answer, can_ask_for_information
from access.rules.facts import Refused
from access.views import answers
from access.views.form_drafts import ends_draft


@require_http_methods(["GET", "HEAD", "POST"])
@ends_draft()
def show_comments(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show the comments, and add one: an answer to the requester's own request, otherwise a question."""
    user, now = signed_in(request), clock.now()
    request_view = _get_request_view_for(user, public_id)
    form = restore(request, CommentForm(request.POST or None))
    if request.method != "POST" or not form.is_valid():
        context = {
            "request_view": request_view,
            "comments": comments_of(request_view.request),
            "form": form,
            "say": may_say(user, request_view),
        }
        return render(request, "access/comments.html", context)
    say = comments.answer if request_view.request.requester_id == user.pk else comments.ask_for_information
    try:
        say(by=user, request=request_view.request, text=form.cleaned_data["text"], now=now)
    except Refused as error:
        return answers.not_done(request, error, url=request_view.url)
    messages.success(request, _("Message sent. Daypass notifies the recipients by email."))
    return redirect("comments", public_id)


def comments_of(asked: Request) -> list[Comment]:
    """Return what was asked and answered about a request, oldest first."""
    return list(asked.comments.select_related("author"))


def may_say(user: User, request_view: request_views.RequestView) -> str:
    """Return what this person can do now: "ask", "answer", or nothing."""
    person, facts, now = user.facts(), request_view.request.facts(), clock.now()
    if can_answer(person, facts, was_asked=request_view.request.comments.filter(is_question=True).exists()):
        return "answer"
    return "ask" if can_ask_for_information(person, facts, now=now) else ""


def _get_request_view_for(user: User, public_id: UUID) -> request_views.RequestView:
    """Return the request view if this person can see it; for anybody else it does not exist."""
    asked = request_views.requests().filter(public_id=public_id).first()
    if asked is None or not can_see(user.facts(), asked.facts(), now=clock.now()):
        raise Http404("There is no such request.")
    return request_views.build_view(asked, now=clock.now())
