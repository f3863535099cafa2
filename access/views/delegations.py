"""Delegations: who decides in an approver's place."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from access import clock
from access.actions import delegations
from access.auth.confirmed import confirmed
from access.auth.current_user import signed_in
from access.forms.approval_settings import DelegationForm
from access.forms.refusals import add_refusal
from access.models import Delegation, Role, User
from access.presenters.form_drafts import restore
from access.rules.facts import Refused
from access.views.form_drafts import ends_draft


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to delegate your decisions"))
@ends_draft()
def delegation(request: HttpRequest) -> HttpResponse:
    """Show this person's delegation, and with a POST create one."""
    user, now = _an_approver(request), clock.now()
    form = DelegationForm(
        request.POST or None, person=user, initial={"from_at": now, "until_at": now + timedelta(days=7)}
    )
    restore(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            typed = {name: form.cleaned_data[name] for name in ("delegate", "from_at", "until_at")}
            row = delegations.create_delegation(by=user, now=now, **typed)
            messages.success(request, gettext("{person} is your delegate for this period.").format(person=row.delegate))
            return redirect("delegation")
        except Refused as error:
            add_refusal(form, error)
    in_force = Delegation.objects.filter(ended_at=None, until_at__gt=now).select_related("approver", "delegate")
    context = {
        "form": form if Role.objects.naming(user).exists() else None,
        "mine": in_force.filter(approver=user).first(),
        "for_others": in_force.filter(delegate=user).order_by("from_at"),
    }
    return render(request, "approval_settings/delegation.html", context)


@require_POST
@confirmed(_("to end your delegation"))
def end(request: HttpRequest) -> HttpResponse:
    user, now = _an_approver(request), clock.now()
    row = Delegation.objects.filter(approver=user, ended_at=None).select_related("approver", "delegate").first()
    if row is not None:
        delegations.end_delegation(by=user, row=row, now=now)
        messages.success(request, _("Delegation ended."))
    return redirect("delegation")


def _an_approver(request: HttpRequest) -> User:
    """Return the signed-in user if they approve for a role; for anyone else the page does not exist."""
    user = signed_in(request)
    if not Role.objects.approved_by(user, now=clock.now()).exists():
        raise Http404("You are not an approver of any role.")
    return user
