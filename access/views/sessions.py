"""The sessions and known browsers of a person, and how to end them."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from access import clock, wording
from access.auth import client_address, known_browsers
from access.auth.current_user import idle_age, signed_in
from access.auth.session_ends import SessionEnd, end_of_session
from access.ledger.browsers import browsers_of, forget_browsers
from access.ledger.sessions import close_others
from access.models import Session, User
from access.models.sessions import hash_of_key


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Show the signed-in person's sessions and browsers; a POST ends all but this session."""
    person, now, current = signed_in(request), clock.now(), hash_of_key(request.session.session_key or "")
    if request.method == "POST":
        close_others(person, kept=current, address=client_address.address_of(request), now=now)
        messages.success(request, _("Your other sessions have ended, and the list of known browsers is empty."))
        return redirect("usersessions_list")
    ages = (idle_age(person), settings.SESSION_COOKIE_AGE)
    idle, longest = (wording.length(timedelta(seconds=age)) for age in ages)
    context = {
        "subtitle": gettext(
            "A session ends {idle} after its last request, and at most {longest} after sign-in."
        ).format(idle=idle, longest=longest),
        "sessions": list(Session.objects.open_of(person, now=now)),
        "current": current,
        "browsers": browsers_of(person, now=now),
        "this_browser": known_browsers.of_person(request, person),
    }
    return render(request, "usersessions/usersession_list.html", context)


@require_POST
def forget_browser(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Forget one browser of the signed-in person; one that is already gone is no error."""
    person, address = signed_in(request), client_address.address_of(request)
    which = Q(public_id=public_id)
    if forget_browsers(person, which, why="by_hand", by=person, address=address, now=clock.now()):
        messages.success(request, _("Browser forgotten."))
    return redirect("usersessions_list")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_end(request: HttpRequest) -> HttpResponse:
    """Return when this session ends, and the sentence of the warning. A POST is a click, which the middleware notes."""
    person = request.user
    end = end_of_session(request, idle_age=idle_age(person)) if isinstance(person, User) else None
    return JsonResponse(
        {"ends_at": end and end.at.isoformat(), "can_stay": bool(end and not end.is_final), "said": _said(end)}
    )


def _said(end: SessionEnd | None) -> str:
    if end is None:
        return gettext("Your session has ended. Daypass does not process what you submit on this page.")
    if end.is_final:
        said = gettext("Your session ends at {time}, {longest} after you signed in. You cannot extend it.")
    else:
        said = gettext("Your session ends at {time} because you have not used Daypass for a while.")
    longest = wording.length(timedelta(seconds=settings.SESSION_COOKIE_AGE))
    return said.format(time=wording.moment(end.at, wording.TIME), longest=longest)
