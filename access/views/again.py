"""Submit an earlier request again, in one step."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from access import clock, wording
from access.actions import asking
from access.actions.asking import RoleRefused
from access.actions.contents import RequestDraft
from access.auth.current_user import a_contractor
from access.models import Request
from access.presenters import duplicates
from access.rules.windows import Window


@require_POST
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Submit an own earlier request again, to start when approved. A refusal leads to the form with its values."""
    user, now = a_contractor(request), clock.now()
    own = Request.objects.filter(requester=user, extends=None).select_related("role", "principal")
    earlier = own.filter(public_id=public_id).first()
    if earlier is None:
        raise Http404("There is no such request.")
    if waiting := own.waiting(now=now).filter(role=earlier.role_id).first():
        messages.info(request, _("You have already requested this role. The request is waiting for a decision."))
        return redirect("request", waiting.public_id)
    draft = _draft(earlier)
    window = Window(now, now + draft.length)
    if duplicates.find_duplicates(user, [earlier.role], window, now=now):
        messages.info(
            request, _("You already have access to this role. If you need another grant, submit the form again.")
        )
        return redirect(f"{reverse('request_new')}?like={public_id}")
    try:
        (made,) = asking.ask(by=user, roles=[earlier.role], draft=draft, now=now)
    except RoleRefused as error:
        messages.error(request, wording.coded(error))
        return redirect(f"{reverse('request_new')}?like={public_id}")
    messages.success(request, _("Request submitted."))
    return redirect("request", made.public_id)


def _draft(earlier: Request) -> RequestDraft:
    return RequestDraft(
        principal=earlier.principal,
        length=earlier.window().length,
        reason=earlier.reason,
        ticket=earlier.ticket,
        asks_mfa=earlier.asks_mfa,
        sources=tuple(earlier.source_cidrs),
    )
