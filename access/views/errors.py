"""Error pages, which say whether trying again can help."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from access.ledger.chain import AuditUnavailable


def failed(_request: HttpRequest) -> HttpResponse:
    """Answer 503 when the audit log or the database did not, else 500; the pages need neither database nor context."""
    error = sys.exc_info()[1]
    name, status = "500.html", 500
    if isinstance(error, AuditUnavailable):
        name, status = "audit_unavailable.html", 503
    elif isinstance(error, OperationalError | InterfaceError):
        name, status = "503.html", 503
    return HttpResponse(loader.get_template(name).render(), status=status)
