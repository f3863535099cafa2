"""Pack the evidence of one grant: as JSON, and as a page to print."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from access import languages
from access.evidence.content import DOCUMENTS, Content, content_of
from access.ledger.chain import append
from access.ledger.subjects import subject_of
from access.models import Grant, Request, User
from access.rules.checks import check_can_take_evidence

_ENDINGS = {"image/png": "png", "image/svg+xml": "svg"}


@transaction.atomic
def pack(grant: Grant, *, by: User, now: datetime) -> bytes:
    """Return a ZIP with the evidence as JSON and as a page to print, and record that it was taken.

    Raises Refused when this is not for `by` to take.
    """
    # Read again: the caller may have read the grant before the worker wrote.
    grant = Grant.objects.select_related("role__account", "role__state", "revoked_by").get(pk=grant.pk)
    request = Request.objects.select_related("role__account", "role__state", "contractor__sponsor").get(
        pk=grant.request_id
    )
    check_can_take_evidence(by.facts(), request.facts(), now=now)
    with languages.in_english():
        content = content_of(grant, by=by, now=now)
        logo = _logo()
        page = render_to_string("evidence/pack.html", _printable(content) | {"logo": next(iter(logo), "")})
    files: dict[str, str | bytes] = {
        "evidence.json": json.dumps(content, indent=2),
        "evidence.html": page,
        "evidence.css": render_to_string("evidence/evidence.css"),
    }
    packed = _zipped(files | logo, now=now)
    sha256 = hashlib.sha256(packed).hexdigest()
    append(verb="evidence.taken", subject=subject_of(request), by=by, now=now, sha256=sha256)
    return packed


def _logo() -> dict[str, bytes]:
    """Return the organisation's logo by the name of its file in the pack; nothing if there is none."""
    logo = settings.BRANDING.logo
    return {} if logo is None else {f"logo.{_ENDINGS[logo.content_type]}": logo.content}


def _printable(content: Content) -> Content:
    """Return the content for the page, documents as text."""

    def told(row: Content, *names: str) -> Content:
        return row | {name: json.dumps(row[name], indent=2, ensure_ascii=False) for name in names if row[name]}

    return content | {
        "policies": [told(row, *DOCUMENTS) for row in content["policies"]],
        "ends": [told(row, "details") for row in content["ends"]],
        "events": [told(row, "details") for row in content["events"]],
    }


def _zipped(files: Mapping[str, str | bytes], *, now: datetime) -> bytes:
    """Return the files as one; the same content at the same second gives the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=(now.year, now.month, now.day, now.hour, now.minute, now.second))
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return packed.getvalue()
