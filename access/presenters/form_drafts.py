"""Drafts of forms: offered above the form, and put back into it when somebody restores one."""

from typing import TypeVar

from django.forms import BaseForm
from django.http import HttpRequest

from access import clock
from access.auth.current_user import signed_in
from access.forms.draft_fields import CHANGES
from access.ledger.form_drafts import OpenDraft, find_draft

PARAMETER = "draft"  # of the address of a form's page: which of its forms holds its draft
WHOLE, WITH_CHANGES = "restored", "changes"
ADDRESSES = {WHOLE: "", WITH_CHANGES: CHANGES}
FormT = TypeVar("FormT", bound=BaseForm)


def which_of(address: str) -> str:
    """Return which form of its page has this address."""
    return WITH_CHANGES if address.endswith(CHANGES) else WHOLE


def page_of(address: str) -> str:
    """Return the address of the page with the form."""
    return address.partition("?")[0]


def restoring_url(address: str) -> str:
    """Return the address of the page on which the form holds its draft."""
    return f"{page_of(address)}?{PARAMETER}={which_of(address)}"


def restored_draft(request: HttpRequest, which: str = WHOLE) -> OpenDraft | None:
    """Return the draft with which this page was asked for; None when it was not, or a form was sent."""
    if request.method == "POST" or request.GET.get(PARAMETER) != which:
        return None
    return draft_at(request, request.path + ADDRESSES[which])


def draft_at(request: HttpRequest, address: str) -> OpenDraft | None:
    """Return the person's draft of the form at this address."""
    return find_draft(signed_in(request), address, now=clock.now())


def restore(request: HttpRequest, form: FormT, which: str = WHOLE) -> FormT:
    """Fill a form that was not sent with the person's draft, if they asked for that; nothing is checked yet."""
    draft = restored_draft(request, which)
    return form if draft is None else fill(form, draft)


def fill(form: FormT, draft: OpenDraft) -> FormT:
    """Fill a form with the values of a draft.

    Values of fields that the form has no longer are left out, and fields that it did not have then keep theirs.
    """
    data = draft.data()
    for name, field in form.fields.items():
        sent_as = form.add_prefix(name)
        if sent_as in draft.typed:
            form.initial[name] = field.widget.value_from_datadict(data, {}, sent_as)
    return form
