"""Save and discard drafts of forms."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from access import clock, limits, wording
from access.auth.background import is_in_background
from access.auth.confirmed import was_asked
from access.auth.current_user import signed_in
from access.forms.draft_fields import CHANGES, names_at
from access.ledger import form_drafts as ledger
from access.presenters import form_drafts
from access.recipients import account_of
from access.rules.facts import Refused

View = Callable[..., HttpResponse]
STATUS = {"draft_too_large": 413, "draft_too_often": 429}


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save what was typed as a draft; nothing is submitted. A script gets a sentence, anybody else the form again."""
    address, now = _address_of(request), clock.now()
    is_quiet = is_in_background(request)
    try:
        _save(request, address)
    except Refused as error:
        return _not_saved(request, error, is_quiet=is_quiet)
    if is_quiet:
        said = gettext("Draft saved at {time}.").format(time=wording.moment(now, wording.TIME))
        return HttpResponse(said, content_type="text/plain; charset=utf-8")
    messages.success(request, _("Draft saved. Nothing has been submitted."))
    return redirect(form_drafts.restoring_url(address))


@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Delete the draft of a form, if there is one, and show the form as it is without it."""
    address = _address_of(request)
    ledger.delete_draft(signed_in(request), [address])
    messages.success(request, _("Draft discarded."))
    return redirect(form_drafts.page_of(address))


def ends_draft(of: str = "") -> Callable[[View], View]:
    """Delete the draft of a form once the view has done what was submitted: it then redirects to another page.

    `of` names the address of the form where the view has another one.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if request.method == "POST" and response.status_code == 302 and not was_asked(request):
                page = reverse(of, args=args, kwargs=kwargs) if of else request.path
                ledger.delete_draft(signed_in(request), [page, page + CHANGES])
            return response

        return inner

    return decorate


def _address_of(request: HttpRequest) -> str:
    """Return the address of the form; raises Http404 for forms of which nothing is saved."""
    address = request.GET.get("form", "")
    if not names_at(address):
        raise Http404("There is no such form.")
    return address


def _save(request: HttpRequest, address: str) -> None:
    person, now = signed_in(request), clock.now()
    if not limits.take(limits.DRAFTS, account_of(person), now=now):
        raise Refused("draft_too_often")
    typed = {name: request.POST.getlist(name) for name in sorted(names_at(address))}
    ledger.save_draft(person, address, typed, now=now)


def _not_saved(request: HttpRequest, error: Refused, *, is_quiet: bool) -> HttpResponse:
    if is_quiet:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=STATUS[error.code])
    return render(request, "access/draft_not_saved.html", {"error": error}, status=STATUS[error.code])
