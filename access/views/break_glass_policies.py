"""Break-glass policies, for administrators: create, confirm and withdraw them."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from access import clock
from access.actions import break_glass_policies
from access.auth.confirmed import confirmed, newly_confirmed
from access.auth.current_user import an_administrator
from access.forms.break_glass import BreakGlassPolicyForm
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import BreakGlassPolicy, Role, User
from access.presenters import break_glass_grants, permissions
from access.presenters.break_glass_grants import Status
from access.presenters.form_drafts import restore
from access.rules.break_glass import can_withdraw_break_glass_policy, check_can_confirm_break_glass_policy
from access.rules.facts import Refused, refusal_of
from access.views import answers
from access.views.form_drafts import ends_draft


@require_http_methods(["GET", "HEAD", "POST"])
@newly_confirmed(_("to create a break-glass policy"))
@ends_draft()
def make(request: HttpRequest) -> HttpResponse:
    user = an_administrator(request)
    people = User.objects.filter(is_active=True, contractor=None).order_by("name", "email")
    initial = {"expires_at": (clock.now() + timedelta(days=180)).replace(second=0, microsecond=0)}
    form = BreakGlassPolicyForm(request.POST or None, roles=_roles(), people=people, initial=initial)
    restore(request, form)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            policy = break_glass_policies.create_break_glass_policy(
                by=user,
                role=typed["role"],
                people=list(typed["people"]),
                longest=timedelta(minutes=typed["minutes"]),
                expires_at=typed["expires_at"],
                reason=typed["reason"],
                now=clock.now(),
            )
        except Refused as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Policy created. Another administrator must confirm it."))
            return redirect("break_glass_policy", policy.public_id)
    return render(request, "break_glass/policy_form.html", {"form": form})


@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, now = an_administrator(request), clock.now()
    policy = _get_policy(public_id)
    facts, person, proposer = policy.facts(), user.facts(), policy.made_by.facts()
    refusal = refusal_of(lambda: check_can_confirm_break_glass_policy(person, facts, proposer=proposer, now=now))
    status = break_glass_grants.status_of(policy, now=now)
    context = {
        "policy": policy,
        "word": status.value[0],
        "tone": status.value[1],
        "people": policy.people.order_by("name", "email"),
        "shown": policy.content_hash(),
        "refusal": refusal if status is Status.UNCONFIRMED else None,
        "may_confirm": not refusal,
        "may_withdraw": can_withdraw_break_glass_policy(person, facts)
        and status in {Status.UNCONFIRMED, Status.IN_FORCE},
        "permissions": permissions.in_words(policy.role),
        "findings": permissions.findings(policy.role),
    }
    return render(request, "break_glass/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@newly_confirmed(_("to confirm a break-glass policy"))
def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm the policy; a GET redirects to its page."""
    user, policy = an_administrator(request), _get_policy(public_id)
    if request.method != "POST":
        return redirect(_url(policy))
    shown = request.POST.get("content_hash", "")
    try:
        break_glass_policies.confirm_break_glass_policy(by=user, policy=policy, content_hash=shown, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(policy, confirmed_by=user, withdrawn_by=None):
            return answers.conflict(request, error, url=_url(policy))
    messages.success(request, _("Policy confirmed. The policy is in force."))
    return redirect(_url(policy))


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to withdraw a break-glass policy"))
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Withdraw the policy and end the access opened with it; a GET redirects to its page."""
    user, policy = an_administrator(request), _get_policy(public_id)
    if request.method != "POST":
        return redirect(_url(policy))
    try:
        break_glass_policies.withdraw_break_glass_policy(by=user, policy=policy, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(policy, withdrawn_by=user):
            return answers.not_done(request, error, url=_url(policy))
    messages.success(request, _("Policy withdrawn. Access that was started under the policy is ending."))
    return redirect(_url(policy))


def _get_policy(public_id: UUID) -> BreakGlassPolicy:
    rows = BreakGlassPolicy.objects.select_related(
        "role__account", "role__state", "role__snapshot", "made_by", "confirmed_by"
    )
    policy = rows.select_related("withdrawn_by").filter(public_id=public_id).first()
    if policy is None:
        raise Http404("There is no such policy.")
    return policy


def _roles() -> QuerySet[Role]:
    """Return the roles of which the portal can issue sessions."""
    offered = Role.objects.filter(
        Q(allows_portal_issued=True) | Q(allows_console=True), is_active=True, overflow_of=None
    )
    return offered.exclude(account__issuer_arn="").exclude(source_rule="always").select_related("account")


def _url(policy: BreakGlassPolicy) -> str:
    return reverse("break_glass_policy", args=[policy.public_id])
