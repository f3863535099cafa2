"""The organisation's logo."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# An SVG file can contain scripts and links. With this header, a browser that opens the file runs and loads none.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox"


@login_not_required
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def logo(_request: HttpRequest, version: str) -> HttpResponse:
    """Return the logo that the settings name, or a 404 when another one or none is set."""
    set_logo = settings.BRANDING.logo
    if set_logo is None or set_logo.version != version:
        raise Http404
    headers = {"Content-Security-Policy": _POLICY}
    return HttpResponse(set_logo.content, content_type=set_logo.content_type, headers=headers)
