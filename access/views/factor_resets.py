"""Reset the lost second factor of somebody: an administrator proposes it, and another one confirms it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from access import clock
from access.actions import factor_resets
from access.auth.confirmed import confirmed, has_new_factor, newly_confirmed
from access.auth.current_user import an_administrator, signed_in
from access.forms.people import FactorResetForm
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import FactorReset, User
from access.rules.factor_resets import can_confirm_reset, can_propose_reset
from access.rules.facts import Refused
from access.rules.people import can_administer
from access.views import answers


@require_http_methods(["GET", "HEAD", "POST"])
@newly_confirmed(_("to propose the reset of a second factor"))
def propose(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show what a reset means and whether one waits; a POST proposes one."""
    person, now = _get_person_for(signed_in(request), public_id), clock.now()
    form = FactorResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factor_resets.propose_factor_reset(
                by=an_administrator(request),
                person=person,
                reason=form.cleaned_data["reason"],
                has_new_factor=has_new_factor(request),
                now=now,
            )
        except Refused as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Reset proposed. Another administrator must confirm it within 24 hours."))
            return redirect("factor_reset", public_id)
    return render(request, "people/factor_reset.html", _page(signed_in(request), person, form))


@require_POST
@newly_confirmed(_("to confirm the reset of a second factor"))
def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    by, reset = an_administrator(request), _get_reset(public_id)
    url = reverse("factor_reset", args=[reset.person.public_id])
    try:
        factor_resets.confirm_factor_reset(by=by, reset=reset, has_new_factor=has_new_factor(request), now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(reset, confirmed_by=by):
            return answers.not_done(request, error, url=url)
    messages.success(request, _("Second factor removed. The person can now set up a new one."))
    return redirect(url)


@require_POST
@confirmed(_("to withdraw the reset of a second factor"))
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    by, reset = signed_in(request), _get_reset(public_id)
    if by.pk != reset.person_id:
        an_administrator(request)
    try:
        factor_resets.withdraw_factor_reset(by=by, reset=reset, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(reset, withdrawn_by=by):
            return answers.not_done(request, error, url=reverse("home"))
    messages.success(request, _("Reset withdrawn. The second factor stays."))
    return redirect("home" if by.pk == reset.person_id else "people")


def _page(user: User, person: User, form: forms.Form) -> dict[str, Any]:
    now = clock.now()
    facts, waiting = user.facts(), _waiting(person)
    return {
        "person": person,
        "form": form,
        "reset": waiting,
        "may_propose": waiting is None and can_propose_reset(facts, person.facts(), now=now),
        "may_confirm": waiting is not None and can_confirm_reset(facts, waiting.facts(), now=now),
        "last": person.factor_resets.exclude(done_at=None).select_related("proposed_by", "confirmed_by").last(),
    }


def _waiting(person: User) -> FactorReset | None:
    rows = FactorReset.objects.waiting(now=clock.now()).select_related("person", "proposed_by")
    return rows.filter(person=person).first()


def _get_person_for(user: User, public_id: UUID) -> User:
    """Return the person to an administrator, and to the person themselves while a proposal waits; for anybody else
    there is no such page.
    """
    person = User.objects.filter(public_id=public_id).first()
    if person is None or not (can_administer(user.facts()) or (person == user and _waiting(person))):
        raise Http404("There is no such page.")
    return person


def _get_reset(public_id: UUID) -> FactorReset:
    reset = FactorReset.objects.select_related("person", "proposed_by").filter(public_id=public_id).first()
    if reset is None:
        raise Http404("There is no such reset.")
    return reset
