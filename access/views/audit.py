"""The audit log: events by person, role, account, company, request, kind and day, one event, and exports."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from access import clock
from access.actions import exporting
from access.auth.confirmed import confirmed_download
from access.auth.current_user import a_reviewer
from access.forms.audit import EventFilterForm
from access.ledger.chain import event_hash
from access.models import AuditEvent
from access.presenters import chain_state, event_details, events
from access.presenters.event_files import FORMATS, Format
from access.reviews import event_objects, event_options
from access.reviews.events import Cursor, EventFilter, EventPage, Reader, find_event, last_sequence, read_all, read_page
from access.reviews.scope import Scope

FIELDS = ("person", "role", "account", "company", "request", "kind", "day")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    scope = a_reviewer(request)
    reader = Reader.of(scope)
    form, event_filter = _asked(request.GET, scope, reader)
    page = _page(request, reader, event_filter) if event_filter else EventPage([])
    query = {name: value for name in FIELDS if (value := request.GET.get(name, "").strip())}
    context = {
        "form": form,
        "views": events.build_views(page.events),
        "newer_url": _url(query, after=page.newer) if page.newer else "",
        "older_url": _url(query, before=page.older) if page.older else "",
        "is_filtered": bool(query),
        "form_values": {name: query.get(name, "") for name in FIELDS},
        "state": chain_state.build_state(),
        "everything": reader.everything,
    }
    return render(request, "audit/index.html", context, status=200 if event_filter else 400)


@require_safe
def show(request: HttpRequest, sequence: int) -> HttpResponse:
    """Show one event with everything that it holds."""
    event = find_event(Reader.of(a_reviewer(request)), sequence)
    if event is None:
        raise Http404("There is no such event.")
    (view,) = events.build_views([event])
    context = {
        "view": view,
        "details": event_details.build_details(event.details),
        "state_of_event": chain_state.build_state().says_of(event),
        "is_unchanged": event.hash == event_hash(event),
    }
    return render(request, "audit/event.html", context)


def _index_of(request: HttpRequest) -> str:
    """Return the address of the list with the filter of the form that was sent."""
    return _url({name: request.POST.get(name, "") for name in FIELDS})


@require_POST
@confirmed_download(_index_of, _("to export audit events"))
def export(request: HttpRequest) -> HttpResponse:
    """Return all events of the filter as a file, which is sent while it is read."""
    scope = a_reviewer(request)
    reader = Reader.of(scope)
    form, event_filter = _asked(request.POST, scope, reader)
    file_format = FORMATS.get(request.POST.get("format", ""))
    if event_filter is None or file_format is None:
        raise Http404("There is no such export.")
    started = exporting.Export(scope.user, file_format.name, form.asked(), through=last_sequence())
    exporting.start_export(started, now=scope.now)
    batches = read_all(reader, event_filter, through=started.through)
    name = f"daypass-audit-{scope.now:%Y-%m-%d}.{file_format.name}"
    return StreamingHttpResponse(  # type: ignore[return-value]  # the stubs of both classes are unrelated
        _stream(started, batches, file_format),
        content_type=file_format.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _stream(started: exporting.Export, batches: Iterator[list[AuditEvent]], file_format: Format) -> Iterator[str]:
    """Yield the parts of the file, and record at the end how many events were sent, also when the reader left."""
    count, is_complete = 0, False
    try:
        yield file_format.head
        for batch in batches:
            count += len(batch)
            yield file_format.lines(batch)
        is_complete = True
    finally:
        exporting.finish_export(started, count=count, is_complete=is_complete, now=clock.now())


def _asked(asked: QueryDict, scope: Scope, reader: Reader) -> tuple[EventFilterForm, EventFilter | None]:
    """Return the form, and the filter if it is valid; raises Http404 for an object that is none for this person."""
    values = {name: asked.get(name, "").strip() for name in FIELDS}
    try:
        named = event_objects.read_objects(values, scope=scope, reader=reader)
    except event_objects.Unknown as error:
        raise Http404("There is no such page.") from error
    shown = values | {one.kind: one.row.email for one in named if one.kind == "person"}
    options = event_options.read_options(reader, scope.user) | {"kind": events.kinds()}
    form = EventFilterForm(shown, zone=timezone.get_current_timezone_name(), options=options)
    if not form.is_valid():
        return form, None
    since, until = form.bounds() or (None, None)
    kind = form.cleaned_data["kind"]
    about = tuple(one.pair for one in named)
    group, verb = ("", kind) if "." in kind else (kind, "")
    return form, EventFilter(about=about, group=group, verb=verb, since=since, until=until)


def _page(request: HttpRequest, reader: Reader, event_filter: EventFilter) -> EventPage:
    return read_page(reader, event_filter, before=_cursor(request, "before"), after=_cursor(request, "after"))


def _cursor(request: HttpRequest, name: str) -> Cursor | None:
    text = request.GET.get(name, "")
    try:
        return Cursor.read(text) if text else None
    except ValueError as error:
        raise Http404("There is no such page.") from error


def _url(query: dict[str, Any], **cursor: Cursor) -> str:
    asked = {name: value for name, value in (query | cursor).items() if value}
    return f"{reverse('audit')}?{urlencode(asked)}" if asked else reverse("audit")
