"""When something broke: say whether trying again in a moment may help."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader


def failed(_request: HttpRequest) -> HttpResponse:
    """Answer 503 when the database did not answer, else 500; both pages need neither database nor context."""
    broke = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    name, status = ("503.html", 503) if broke else ("500.html", 500)
    return HttpResponse(loader.get_template(name).render(), status=status)
