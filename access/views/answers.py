"""Answers that several views give: not possible, too late, or not done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(request: HttpRequest, sentence: str, *, url: str) -> HttpResponse:
    """Answer 403 with the sentence and the way on."""
    return render(request, "access/refused.html", {"sentence": sentence, "url": url}, status=403)


def conflict(request: HttpRequest, sentence: str, *, url: str) -> HttpResponse:
    """Answer 409 to whoever decided something: somebody was faster, or the page no longer tells the truth."""
    return render(request, "access/conflict.html", {"sentence": sentence, "url": url}, status=409)


def not_done(
    request: HttpRequest,
    sentence: str,
    *,
    url: str,
    heading: str = "That was not done",
    way: str = "See how it stands now",
) -> HttpResponse:
    """Answer 409 to whoever wanted something done: what was not done, why, and the way on."""
    context = {"heading": heading, "sentence": sentence, "url": url, "way": way}
    return render(request, "access/not_done.html", context, status=409)
