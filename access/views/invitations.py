"""Invite people, and the page that an invitation leads to."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from access import clock, wording
from access.actions import invitations
from access.actions.invitations import AddressesRefused, Contract
from access.auth.confirmed import confirmed
from access.auth.current_user import an_administrator, signed_in
from access.forms.people import AcceptForm, ColleagueForm, InviteForm
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import Company, Invitation, Role, User
from access.presenters.form_drafts import restore
from access.rules.facts import Refused
from access.rules.people import can_manage, can_sponsor
from access.texts.text import Text
from access.views import answers
from access.views.form_drafts import ends_draft


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to invite a contractor"))
@ends_draft()
def invite(request: HttpRequest) -> HttpResponse:
    """Invite one or several contractors: all of them, or none if one cannot be invited."""
    user, now = _a_sponsor(request), clock.now()
    roles = Role.objects.filter(is_active=True, overflow_of=None).order_by("name")
    form = restore(request, InviteForm(request.POST or None, roles=roles, by=user))
    if request.method == "POST" and form.is_valid():
        try:
            contract, emails = _contract(form.cleaned_data), form.cleaned_data["email"]
            sent = invitations.invite_contractors(by=user, emails=emails, contract=contract, now=now)
            return _delivered(request, *sent)
        except AddressesRefused as error:
            form.add_refusals(error.refusals)
        except Refused as error:
            add_refusal(form, error)
    companies = Company.objects.filter(is_active=True).order_by("name")
    return render(request, "people/invite.html", {"form": form, "companies": companies})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to invite an internal user"))
@ends_draft()
def invite_colleague(request: HttpRequest) -> HttpResponse:
    """Invite an internal user."""
    user, form = an_administrator(request), restore(request, ColleagueForm(request.POST or None))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            invitation = invitations.invite(
                by=user,
                email=typed["email"],
                administrator=typed["administrator"],
                sponsor=typed["sponsor"],
                now=clock.now(),
            )
            return _delivered(request, invitation)
        except Refused as error:
            add_refusal(form, error)
    return render(request, "people/invite_colleague.html", {"form": form})


@require_POST
@confirmed(_("to send an invitation again"))
def resend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    invitation = _get_invitation_for(signed_in(request), public_id)
    try:
        invitations.resend(by=signed_in(request), invitation=invitation, now=clock.now())
    except (Refused, Conflict) as error:
        return answers.not_done(request, error, url=reverse("people"))
    return _delivered(request, Invitation.objects.get(pk=invitation.pk))


@require_POST
@confirmed(_("to withdraw an invitation"))
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    invitation = _get_invitation_for(signed_in(request), public_id)
    try:
        invitations.withdraw_invitation(by=signed_in(request), invitation=invitation, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(invitation, withdrawn_at__isnull=False):
            return answers.not_done(request, error, url=reverse("people"))
    messages.success(request, _("Invitation withdrawn. Its link no longer works."))
    return redirect("people")


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, link: str) -> HttpResponse:
    """Accept an invitation: opening the page changes nothing, so that a mail scanner does not use it up."""
    now = clock.now()
    try:
        invitation = invitations.invitation_of(link, now=now)
        form = AcceptForm(request.POST or None, email=invitation.email)
        if request.method == "POST" and form.is_valid():
            typed = form.cleaned_data
            password = None if form.is_by_passkey else typed["password1"]
            person = invitations.accept(link=link, name=typed["name"], password=password, now=now)
            return _continue_with_factor(request, person)
    except Refused as error:
        return render(request, "people/invitation_ended.html", {"error": error}, status=410)
    return render(request, "people/accept.html", {"form": form, "invitation": invitation})


def _continue_with_factor(request: HttpRequest, person: User) -> HttpResponse:
    """Sign the new person in, so that they set up a factor without typing again what they have just chosen."""
    if request.user.is_authenticated:
        get_adapter().logout(request)
    has_password = person.has_usable_password()
    record_authentication(request, person, method="password" if has_password else "invitation")
    request.session["setting_up"] = True
    page = reverse("mfa_index" if has_password else "mfa_add_webauthn")
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=page))
    return answer


def _contract(typed: dict[str, Any]) -> Contract:
    roles = frozenset(role.pk for role in typed["roles"])
    return Contract(typed["company"], typed["contract_ends_at"], roles, sponsor=typed.get("sponsor"))


def _delivered(request: HttpRequest, *sent: Invitation) -> HttpResponse:
    """Send the emails, and say which of them were sent."""
    unsent = [invitation.email for invitation in invitations.deliver(*sent)]
    reached = [invitation.email for invitation in sent if invitation.email not in unsent]
    if len(reached) == 1:
        messages.success(request, gettext("Invitation sent to {email}.").format(email=reached[0]))
    elif reached:
        messages.success(request, _sent(len(reached)))
    if unsent:
        listed = wording.listed(unsent)
        one, several = Text("invitation_not_sent", {"emails": listed}), Text("invitations_not_sent", {"emails": listed})
        messages.warning(request, wording.coded(several if len(sent) > 1 else one))
    return redirect("people")


def _sent(count: int) -> str:
    return ngettext("{count} invitation sent.", "{count} invitations sent.", count).format(count=count)


def _a_sponsor(request: HttpRequest) -> User:
    user = signed_in(request)
    if not can_sponsor(user.facts()):
        raise Http404("There is nothing to see.")
    return user


def _get_invitation_for(user: User, public_id: UUID) -> Invitation:
    invitation = Invitation.objects.filter(public_id=public_id).first()
    if invitation is None or not can_manage(user.facts(), invitation.responsible_id(user)):
        raise Http404("There is no such invitation.")
    return invitation
