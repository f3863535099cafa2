"""Use a portal-issued grant: get credentials, or sign in to the console. A GET request does nothing here."""

import functools
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from access import aws, clock, credentials
from access.auth.client_address import address_of
from access.auth.confirmed import confirmed
from access.auth.current_user import signed_in
from access.lifecycle import RequestState
from access.models import Grant, User
from access.presenters import session_snippets, snippets
from access.rules.facts import Refused
from access.texts.text import Text
from access.views import answers

View = Callable[[HttpRequest, UUID], HttpResponse]


def only_by_post(view: View) -> View:
    """Redirect a GET to the request's page, so that no reload, bookmark or prefetch issues credentials."""

    @functools.wraps(view)
    def inner(request: HttpRequest, public_id: UUID) -> HttpResponse:
        if request.method != "POST":
            return redirect("request", public_id)
        return view(request, public_id)

    return inner


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@only_by_post
@confirmed(_("to get credentials"))
@sensitive_variables()
def issue(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open a session and show it once, as a page or as JSON in the shape of `credential_process`."""
    grant = _get_grant_for(signed_in(request), public_id)
    try:
        issued = credentials.issue(
            by=signed_in(request),
            grant=grant,
            now=clock.now,
            seconds=_seconds(request),
            address=address_of(request),
        )
    except (Refused, aws.AwsError) as error:
        return _no(request, error, public_id)
    if _wants_json(request):
        return JsonResponse(session_snippets.credential_process(issued.session))
    context = {
        "grant": grant,
        "public_id": public_id,
        "expires_at": issued.session.expires_at,
        "values": session_snippets.values(issued.session, region=grant.role.account.region),
        "tabs": session_snippets.tabs(issued.session, grant=grant),
        "chosen": snippets.chosen_for(request.headers),
    }
    return render(request, "access/credentials.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@only_by_post
@confirmed(_("to open the AWS console"))
@sensitive_variables()
def console(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign in to the console: the link goes into the redirect and nowhere else."""
    try:
        link = credentials.console_url(
            by=signed_in(request),
            grant=_get_grant_for(signed_in(request), public_id),
            service=request.POST.get("service", "console"),
            issuer=settings.BASE_URL + _page_of(public_id),
            now=clock.now,
            address=address_of(request),
        )
    except (Refused, aws.AwsError) as error:
        return _no(request, error, public_id)
    return HttpResponseRedirect(link, headers={"Referrer-Policy": "no-referrer"})


@require_http_methods(["GET", "HEAD", "POST"])
@only_by_post
def sign_out_of_aws(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Leave whatever AWS account the browser is signed in to, which the console asks for before another one."""
    partition = _get_grant_for(signed_in(request), public_id).role.account.partition
    return HttpResponseRedirect(aws.signout_url(partition=partition), headers={"Referrer-Policy": "no-referrer"})


def _get_grant_for(user: User, public_id: UUID) -> Grant:
    """Return the person's own grant, by its request or by one that extended it; for others it does not exist."""
    own = Grant.objects.filter(request__requester=user).only("pk", "role_id")
    found = own.filter(request__public_id=public_id).first()
    if found is None:
        found = own.filter(extensions__public_id=public_id, extensions__state=RequestState.APPROVED).first()
    if found is None:
        raise Http404("There is no such grant.")
    return found


def _page_of(public_id: UUID) -> str:
    return reverse("request", args=[public_id])


def _seconds(request: HttpRequest) -> int | None:
    typed = request.POST.get("seconds", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 5 else None


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _no(request: HttpRequest, error: Refused | aws.AwsError, public_id: UUID) -> HttpResponse:
    text = Text("session_not_issued", {"cause": error.text}) if isinstance(error, aws.AwsError) else error.text
    if _wants_json(request):
        return JsonResponse({"error": str(text), "code": text.code}, status=409)
    page = {
        "url": _page_of(public_id),
        "heading": gettext("No session was issued"),
        "way": gettext("Back to the request"),
    }
    return answers.not_done(request, text, **page)
