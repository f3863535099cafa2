"""What pages show of drafts: the offer to restore one, and the button that saves one."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils.http import urlencode

from access.presenters import form_drafts

register = template.Library()


@register.inclusion_tag("components/draft_offer.html", takes_context=True)
def draft_offer(context: Context, address: str = "", *, what: str = "") -> dict[str, Any]:
    """Show the person's draft of the form at this address (of this page, if none is named), or that it is restored.

    `what` names the form on a page that has several.
    After the form was sent, it shows what was sent, and no draft is offered.
    """
    request: HttpRequest = context["request"]
    address = address or request.path
    is_sent = request.method == "POST"
    draft = None if is_sent else form_drafts.draft_at(request, address)
    is_here = form_drafts.page_of(address) == request.path
    return {
        "draft": draft,
        "what": what,
        "is_restored": is_here and request.GET.get(form_drafts.PARAMETER) == form_drafts.which_of(address),
        "restore_url": form_drafts.restoring_url(address),
        "discard_url": _for_form("draft_discard", address),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/draft_save.html", takes_context=True)
def draft_save(context: Context, address: str = "", *, is_quiet: bool = False) -> dict[str, Any]:
    """Show the button that saves a draft of the form around it; with `is_quiet`, only scripts save it."""
    request: HttpRequest = context["request"]
    address = address or request.path
    return {"address": address, "save_url": _for_form("draft_save", address), "is_quiet": is_quiet}


def _for_form(name: str, address: str) -> str:
    return f"{reverse(name)}?{urlencode({'form': address})}"
