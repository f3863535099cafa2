"""Import an existing role, review its trust policy, and harden it statement by statement."""

import dataclasses
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from access import arns, clock, explain, trust
from access.auth.confirmed import confirmed
from access.auth.current_user import an_administrator, signed_in
from access.catalogue import importing
from access.forms.refusals import add_refusal
from access.forms.roles import ImportForm
from access.ledger.conflicts import Conflict
from access.models import HardeningChange, Role
from access.presenters import diff
from access.presenters.form_drafts import restore
from access.rules.facts import Refused
from access.trust import Hardening
from access.views import answers
from access.views.administering import get_role_for
from access.views.form_drafts import ends_draft

POLL_SECONDS = 2

_MEANS = {
    Hardening.REMOVE: _("Remove statement"),
    Hardening.EXTERNAL_ID: _("Require an external ID"),
    Hardening.MFA: _("Require MFA"),
}
_THEN = {
    Hardening.REMOVE: _(
        "Principals that only this statement admits lose access, but their open sessions continue. From "
        "then on, people must request access to this role here."
    ),
    Hardening.EXTERNAL_ID: _(
        "Daypass generates an external ID, writes it to the statement and then shows it under the trust "
        "policy. Send the external ID to everyone who assumes the role through this statement. AWS "
        "denies access to everyone without it."
    ),
    Hardening.MFA: _(
        "Principals that this statement admits must have signed in with MFA. AWS denies access to programs without MFA."
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to import a role"))
@ends_draft()
def import_role(request: HttpRequest) -> HttpResponse:
    by = an_administrator(request)
    form = restore(request, ImportForm(request.POST or None))
    if request.method == "POST" and form.is_valid():
        try:
            role = importing.import_role(by=by, **form.cleaned_data, now=clock.now())
        except (Refused, arns.ArnError) as error:
            add_refusal(form, error)
        else:
            messages.success(
                request, _("Role imported, but still disabled. Review who can assume the role, then enable it.")
            )
            return redirect("role_trust", role.account.account_id, role.name)
    return render(request, "catalogue/import.html", {"form": form})


@require_safe
def trust_policy(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Show the trust policy as the worker read it, and ask for a new read when that is old."""
    role = get_role_for(request, account_id, name, include_overflow=True)
    return render(request, "catalogue/trust.html", _page(role))


@require_safe
def trust_state(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    return render(
        request, "catalogue/_trust.html", _page(get_role_for(request, account_id, name, include_overflow=True))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to harden a trust policy"))
def harden(request: HttpRequest, account_id: str, name: str, index: int, how: str) -> HttpResponse:
    """Show what a hardening change would write, and with a POST request it for the document that was shown."""
    role, chosen = get_role_for(request, account_id, name, include_overflow=True), _hardening(how)
    url = reverse("role_trust", args=[account_id, name])
    try:
        if request.method != "POST":
            return render(request, "catalogue/harden.html", _proposed(role, index, chosen))
        shown = request.POST.get("document_hash", "")
        importing.request_hardening(
            by=signed_in(request), role=role, index=index, how=chosen, document_hash=shown, now=clock.now()
        )
    except (Refused, Conflict, trust.NotWritable) as error:
        return answers.not_done(request, error, url=url)
    messages.success(
        request,
        _("Change requested. The worker writes the change if the policy in AWS is still the policy that you saw."),
    )
    return redirect(url)


def _hardening(how: str) -> Hardening:
    if how not in list(Hardening):
        raise Http404("There is no such hardening.")
    return Hardening(how)


def _page(role: Role) -> dict[str, Any]:
    now = clock.now()
    is_asked = diff.ask_to_read(role, now=now)
    changes = HardeningChange.objects.filter(role=role).select_related("requested_by").order_by("-requested_at")[:10]
    is_pending = any(change.settled_at is None for change in changes)
    statements = [_told(role, index, one) for index, one in enumerate(trust.statements(role.state.observed_trust))]
    return {
        "role": role,
        "statements": statements,
        "changes": [(change, _MEANS[Hardening(change.how)]) for change in changes],
        "is_pending": is_pending,
        "is_asked": is_asked,
        "poll_seconds": POLL_SECONDS if is_pending or (is_asked and not role.state.problem) else 0,
    }


def _told(role: Role, index: int, statement: trust.Document) -> dict[str, Any]:
    """Return one statement as the page shows it: in words, with findings and possible changes."""
    account_id, alone = role.account.account_id, {"Version": trust.VERSION, "Statement": [statement]}
    is_ours = importing.is_ours(role, statement)
    found = [] if is_ours else explain.find_in_trust(alone, account_id=account_id)
    said = [dataclasses.replace(finding, where="") for finding in found]  # it is shown under its statement
    return {
        "index": index,
        "title": gettext("Statement {number} in IAM").format(number=index + 1),
        "words": explain.trust_in_words(alone, account_id=account_id)[0],
        "is_ours": is_ours,
        "findings": said,
        "lines": diff.statement_lines(statement),
        "offers": [(how.value, _MEANS[how]) for how in importing.offers(role, statement)],
    }


def _proposed(role: Role, index: int, how: Hardening) -> dict[str, Any]:
    statement = importing.statement_at(role, index)
    if how not in importing.offers(role, statement):
        raise Refused("statement_action_invalid")
    after = trust.harden(role.state.observed_trust or {}, statement, how, value=gettext("(generated when requested)"))
    return {
        "role": role,
        "title": _MEANS[how],
        "then": _THEN[how],
        "danger": how is Hardening.REMOVE,
        "lines": diff.compare(role.state.observed_trust, after),
        "document_hash": trust.fingerprint(role.state.observed_trust),
    }
