"""The AWS identities of a contractor: prove an identity, or let the sponsor vouch for it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import arns, aws, clock, proof, proving
from access.auth.confirmed import confirmed
from access.auth.current_user import a_contractor, signed_in
from access.forms.proving import ProofForm, VouchForm
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import Challenge, Contractor, Principal, Role, User
from access.presenters.snippets import Snippet
from access.rules.facts import Refused
from access.views import answers

REFUSALS = (Refused, Conflict, proof.ProofError, arns.ArnError, aws.AwsError)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    mine = Principal.objects.filter(contractor__user=a_contractor(request)).select_related(
        "vouched_by", "contractor__user"
    )
    return render(request, "access/identities.html", {"identities": mine.order_by("-proven_at", "arn")})


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    try:
        challenge = proving.challenge(by=a_contractor(request), now=clock.now())
    except Refused as error:
        return answers.refused(request, error, url="/")
    return redirect("identity_prove", challenge.public_id)


@sensitive_post_parameters("pasted")
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    challenge = _get_challenge_for(user, public_id)
    form = ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            principal = proving.prove(
                by=user, challenge=challenge, portal_host=_portal_host(), now=now, **form.cleaned_data
            )
        except REFUSALS as error:
            add_refusal(form, error)
            challenge = _still_open(challenge, by=user, now=now)
        else:
            messages.success(request, gettext("Identity proven: {arn}.").format(arn=principal.arn))
            return redirect("identities")
    context = {
        "form": form,
        "challenge": challenge,
        "is_open": challenge.is_open(now=now),
        "snippets": snippets(challenge, host=_host_for(user), portal_host=_portal_host()),
    }
    return render(request, "access/identity_prove.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to vouch for an AWS identity"))
def vouch(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    contractors = Contractor.objects.filter(sponsor=user, is_active=True).select_related("user")
    if not contractors:
        raise Http404("You sponsor no contractors.")
    form = VouchForm(request.POST or None, contractors=contractors.order_by("user__name"))
    if request.method == "POST" and form.is_valid():
        try:
            proving.vouch(by=user, now=clock.now(), **form.cleaned_data)
        except REFUSALS as error:
            add_refusal(form, error, field="arn")
        else:
            messages.success(request, _("You vouched for this AWS identity."))
            return redirect("identity_vouch")
    known = Principal.objects.filter(contractor__in=contractors).select_related("vouched_by", "contractor__user")
    context = {"form": form, "identities": known.order_by("contractor", "arn")}
    return render(request, "access/identity_vouch.html", context)


def _portal_host() -> str:
    """Return the host that a proof names, so that no other portal takes it: DAYPASS_URL's, with its port."""
    return str(urlsplit(settings.BASE_URL).netloc)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a snippet signs for."""

    url: str
    host: str
    region: str
    is_local: bool


def snippets(challenge: Challenge, *, host: proof.Host, portal_host: str) -> list[Snippet]:
    """Return the commands that sign a GetCallerIdentity request with the nonce in it, and print it."""
    place = _Place(host.url, host.name, host.region or "us-east-1", is_local=not host.region)
    values = {"nonce": challenge.nonce, "proof": f"{portal_host}/{challenge.nonce}", "place": place}
    return [
        Snippet(title, language, render_to_string(f"snippets/{name}.txt", values).strip() + "\n")
        for title, language, name in (
            ("AWS CLI", "bash", "proof_cli"),
            ("Python (boto3)", "python", "proof_boto3"),
            ("PowerShell", "powershell", "proof_powershell"),
        )
    ]


def _host_for(user: User) -> proof.Host:
    """Return the STS of the region of the first role the contractor can request; any of a partition knows
    everybody.
    """
    hosts = aws.sts_hosts()
    role = Role.objects.filter(contractors__user=user).select_related("account").order_by("pk").first()
    wanted = (role.account.partition, role.account.region) if role else ("aws", "us-east-1")
    return next((host for host in hosts[1:] if (host.partition, host.region) == wanted), hosts[-1 if hosts[1:] else 0])


def _get_challenge_for(user: User, public_id: UUID) -> Challenge:
    """Return the challenge if it is this person's own; for anybody else it does not exist."""
    challenge = Challenge.objects.filter(public_id=public_id, person=user).first()
    if challenge is None:
        raise Http404("There is no such command.")
    return challenge


def _still_open(challenge: Challenge, *, by: User, now: datetime) -> Challenge:
    """Return the challenge, or a fresh one when it was used up; when no more are to be had, the old one."""
    challenge.refresh_from_db()
    if challenge.is_open(now=now):
        return challenge
    try:
        return proving.challenge(by=by, now=now)
    except Refused:
        return challenge
