"""Responses that several views give: not possible, too late, or not done."""

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from access.models import Request, User
from access.texts.text import CodedError, Text
from access.wording import Words

DISCARDED = "discarded"  # in the address of the sign-in page: a form was sent there without a session
NOTHING_CHANGED, SEE_STATE = _("Nothing was changed"), _("See the current state")


def was_done(row: Model, **facts: object) -> bool:
    """Return whether the row has these values now: then an earlier click did what this one asks for.

    A double click gets the same answer twice, instead of "done" and "not done" side by side.
    """
    return type(row)._default_manager.filter(pk=row.pk, **facts).exists()  # noqa: SLF001 - the documented name for any model


def was_decided(request: Request, *, by: User, verdict: str, shown: str) -> bool:
    """Return whether this person has decided so already, about the content with the hash `shown`."""
    # Compared here: typed text can hold characters that the database does not accept.
    return (verdict, shown) in request.decisions.filter(approver=by).values_list("verdict", "content_hash")


def refused(request: HttpRequest, error: CodedError, *, url: str) -> HttpResponse:
    """Answer 403 with the error's sentence and the way on."""
    return render(request, "access/refused.html", {"error": error, "url": url}, status=403)


def conflict(request: HttpRequest, error: CodedError, *, url: str, last_word: str = "") -> HttpResponse:
    """Return a 409 for a decision: somebody else acted first, or the page that was shown is out of date."""
    context = {"error": error, "last_word": last_word, "url": url}
    return render(request, "access/conflict.html", context, status=409)


def not_done(
    request: HttpRequest,
    error: CodedError | Text,
    *,
    url: str,
    heading: Words = NOTHING_CHANGED,
    way: Words = SEE_STATE,
) -> HttpResponse:
    """Return a 409 for an action: what was not done, why, and what to do next."""
    context = {"heading": heading, "error": error, "url": url, "way": way}
    return render(request, "access/not_done.html", context, status=409)


def not_allowed(request: HttpRequest, *, allowed: str) -> HttpResponse:
    """Answer 405 to somebody who opened a form's address or sent a form to a page; `allowed` is the Allow header."""
    context = {"is_form": request.method != "POST", "url": _nearest_page(request)}
    answer = render(request, "405.html", context, status=405)
    answer["Allow"] = allowed
    return answer


def _nearest_page(request: HttpRequest) -> str:
    """Return the address itself when it is a page, else the closest one above it; the first page if there is none."""
    path = request.path
    if request.method != "POST":
        path = _above(path)
    while path != "/" and not _resolves(path):
        path = _above(path)
    return path


def _above(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0] + "/"


def _resolves(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
