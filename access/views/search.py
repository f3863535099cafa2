"""Search for requests, people, companies, roles and accounts, by words or by an id."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from access.auth.current_user import a_searcher
from access.presenters import search as presenter
from access.presenters.cursors import read_cursors
from access.reviews.search_text import LONGEST, SearchText, TooLong
from access.reviews.searching import ORDERS, Sight

PAGE = 50
SHORTEST = 2  # characters: fewer suggest nothing


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what was found of each kind, or lead to the one object of which the text is an id."""
    sight = Sight.of(a_searcher(request))
    try:
        asked = SearchText.read(request.GET.get("q", ""))
    except TooLong:
        return _too_long(request)
    if url := presenter.find_url(sight, asked):
        return redirect(url)
    context = {"asked": asked.text, "sections": presenter.build_sections(sight, asked)}
    return render(request, "search/index.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Return the first hits of each kind, while somebody types."""
    sight = Sight.of(a_searcher(request))
    try:
        asked = SearchText.read(request.GET.get("q", ""))
    except TooLong:
        asked = SearchText.read("")
    if len(asked.text) < SHORTEST:
        asked = SearchText.read("")
    sections = presenter.build_sections(sight, asked, size=presenter.SUGGESTED)
    count = sum(len(section.hits) + len(section.request_views) for section in sections)
    context = {"sections": sections, "count": count, "asked": asked.text, "search_url": presenter.search_url(asked)}
    return render(request, "search/_suggestions.html", context)


@require_safe
def show_list(request: HttpRequest, kind: str) -> HttpResponse:
    """Show everything that was found of one kind, in pages."""
    sight = Sight.of(a_searcher(request))
    if kind not in ORDERS:
        raise Http404("There is no such page.")
    try:
        asked = SearchText.read(request.GET.get("q", ""))
    except TooLong:
        return _too_long(request)
    section = presenter.build_list(sight, kind, asked, size=PAGE, **read_cursors(request, ORDERS[kind]))
    context = {"asked": asked.text, "section": section, "search_url": presenter.search_url(asked)}
    return render(request, "search/list.html", context)


def _too_long(request: HttpRequest) -> HttpResponse:
    said = gettext("The search text is too long. Enter at most {most} characters.").format(most=LONGEST)
    return render(request, "search/index.html", {"problem": said}, status=400)
