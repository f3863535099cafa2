"""Requests that a page sends by itself. They do not count as a click, so that they keep no session alive."""

from django.http import HttpRequest

HEADER = "X-Background"  # sent by static/drafts.js and static/session.js


def is_in_background(request: HttpRequest) -> bool:
    """Return whether a script sent this request without a click of the person."""
    return HEADER in request.headers or is_poll(request)


def is_poll(request: HttpRequest) -> bool:
    """Return whether a page asks for its state."""
    return request.method == "GET" and "HX-Request" in request.headers
