"""Contractors, companies and internal users: their contracts, and disabling them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import clock
from access.actions import people
from access.auth.confirmed import confirmed
from access.auth.current_user import signed_in
from access.forms.people import ContractForm
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import Company, Contractor, FactorReset, Invitation, Role, User
from access.presenters import request_views
from access.presenters.form_drafts import restore
from access.rules.facts import Refused
from access.rules.people import can_administer, can_manage, can_sponsor
from access.views import answers
from access.views.form_drafts import ends_draft

What = User | Company | Contractor
PAGE = 100


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    facts = user.facts()
    if not can_sponsor(facts):
        raise Http404("There is nothing to see.")
    contractors = Contractor.objects.select_related("user", "company", "sponsor").order_by("user__name", "pk")
    invitations = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related(
        "company", "invited_by", "chosen_sponsor"
    )
    if not facts.is_administrator:
        contractors, invitations = (
            contractors.filter(sponsor=user),
            invitations.filter(Q(invited_by=user) | Q(chosen_sponsor=user)),
        )
    sent = Paginator(invitations.order_by("-sent_at", "-pk"), PAGE).get_page(request.GET.get("invitations"))
    context = {
        "contractors": Paginator(contractors, PAGE).get_page(request.GET.get("page")),
        "sponsors_somebody": Contractor.objects.filter(sponsor=user).exists(),
        "sent": sent,
        "invitations": [(one, one.is_open(now=clock.now())) for one in sent],
        "companies": Company.objects.order_by("name") if facts.is_administrator else None,
        "colleagues": User.objects.filter(contractor=None).order_by("name") if facts.is_administrator else None,
        "resets": FactorReset.objects.waiting(now=clock.now()).select_related("person")
        if facts.is_administrator
        else [],
    }
    return render(request, "people/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to change a contract"))
@ends_draft()
def contractor(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show a contractor, and change the contract."""
    user, now = signed_in(request), clock.now()
    shown = _get_contractor_for(user, public_id)
    form = ContractForm(
        request.POST or None, contractor=shown, roles=Role.objects.filter(is_active=True, overflow_of=None)
    )
    restore(request, form)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            people.set_contract(
                by=user,
                contractor=shown,
                ends_at=typed["contract_ends_at"],
                role_ids=[role.pk for role in typed["roles"]],
                sponsor=typed["sponsor"],
                now=now,
            )
            messages.success(request, _("Contract saved."))
            return redirect("contractor", shown.public_id)
        except Refused as error:
            add_refusal(form, error)
    live = request_views.requests().filter(request_views.open_grants(), contractor=shown)
    context = {"contractor": shown, "form": form, "request_views": request_views.build_views(live, now=now)}
    return render(request, "people/contractor.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to end access"))
def disable(request: HttpRequest, kind: str, public_id: UUID) -> HttpResponse:
    """Show what would end, and with a POST end it."""
    what = _get_what_for(signed_in(request), kind, public_id)
    if request.method != "POST":
        ending = people.what_ends(what, now=clock.now())
        return render(request, "people/disable.html", {"what": what, "ending": ending})
    return _set_enabled(request, what, enabled=False)


@require_POST
@confirmed(_("to restore an account"))
def enable(request: HttpRequest, kind: str, public_id: UUID) -> HttpResponse:
    return _set_enabled(request, _get_what_for(signed_in(request), kind, public_id), enabled=True)


@require_POST
@confirmed(_("to change what an internal user can do"))
def set_rights(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let a colleague invite contractors, or no longer."""
    colleague = _get_what_for(signed_in(request), "colleague", public_id)
    if isinstance(colleague, User):
        sponsor = request.POST.get("sponsor") == "yes"
        people.set_rights(by=signed_in(request), colleague=colleague, sponsor=sponsor, now=clock.now())
        messages.success(
            request,
            (
                gettext("{person} can now invite contractors.")
                if sponsor
                else gettext("{person} is no longer a sponsor.")
            ).format(person=colleague),
        )
    return redirect("people")


def _set_enabled(request: HttpRequest, what: What, *, enabled: bool) -> HttpResponse:
    change = people.enable_person_or_company if enabled else people.disable_person_or_company
    try:
        change(by=signed_in(request), what=what, now=clock.now())
    except (Refused, Conflict) as error:
        return answers.not_done(request, error, url=reverse("people"))
    said = (
        gettext("{what} is enabled again. Access that has ended must be requested again.")
        if enabled
        else gettext("{what} is disabled. Access is being removed from AWS.")
    )
    messages.success(request, said.format(what=what))
    return redirect("people")


def _get_contractor_for(user: User, public_id: UUID) -> Contractor:
    """Return the contractor to their sponsor and to administrators; for anyone else they do not exist."""
    rows: Any = Contractor.objects.select_related("user", "company", "sponsor")
    found: Contractor | None = rows.filter(public_id=public_id).first()
    if found is None or not can_manage(user.facts(), found.sponsor_id):
        raise Http404("There is no such contractor.")
    return found


def _get_what_for(user: User, kind: str, public_id: UUID) -> What:
    """Return what is to be enabled or disabled: a contractor to their sponsor, everything to administrators."""
    if kind == "contractor":
        return _get_contractor_for(user, public_id)
    if not can_administer(user.facts()):
        raise Http404("There is nothing to see.")
    rows: Any = {"company": Company.objects, "colleague": User.objects.filter(contractor=None)}[kind]
    found: What | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404("There is nobody of that kind.")
    return found
