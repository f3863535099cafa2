"""Answers that several views give: not possible, or too late."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(request: HttpRequest, sentence: str, *, url: str) -> HttpResponse:
    """Answer 403 with the sentence and the way on."""
    return render(request, "access/refused.html", {"sentence": sentence, "url": url}, status=403)


def conflict(request: HttpRequest, sentence: str, *, url: str) -> HttpResponse:
    """Answer 409: somebody was faster, or the page no longer tells the truth."""
    return render(request, "access/conflict.html", {"sentence": sentence, "url": url}, status=409)
