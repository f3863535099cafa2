"""The approval settings of a role: who decides, within which limits, and what is auto-approved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from access import clock
from access.actions import auto_approvals
from access.actions.auto_approvals import AutoApprovalLimits
from access.auth.confirmed import confirmed, newly_confirmed
from access.auth.current_user import signed_in
from access.catalogue.changes import change
from access.forms.approval_settings import ApprovalSettingsForm, AutoApprovalPolicyForm, StageForm, StageFormSet
from access.forms.draft_fields import STAGES
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import AutoApprovalPolicy, Role, User
from access.presenters.form_drafts import fill, restore, restored_draft
from access.rules.auto_approvals import check_can_confirm_auto_approval_policy
from access.rules.facts import PersonFacts, Refused, refusal_of
from access.rules.people import can_administer
from access.texts.text import Text
from access.views import answers, changes
from access.views.administering import get_role_for
from access.views.form_drafts import ends_draft

_STAGE = ("name", "quorum", "approvers", "approver_groups")


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to change approval settings"))
@ends_draft()
def show(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Show a role's approval settings; a POST changes them, with a second administrator when live grants need it."""
    user, role = signed_in(request), get_role_for(request, account_id, name)
    data = request.POST or None
    form = restore(request, ApprovalSettingsForm(data, role=role, usual_minutes=settings.FACTOR_MAX_AGE // 60))
    stages = StageFormSet(data, prefix="stage", initial=_stages(request, role))
    if request.method == "POST" and form.is_valid() and stages.is_valid():
        fields = form.cleaned_data | {"further_stages": _wanted(stages)}
        try:
            proposal = change(by=user, role=role, fields=fields, now=clock.now())
            return changes.answer(request, role, proposal, done=_("Approval settings saved."))
        except Refused as error:
            add_refusal(form, error)
    context = {"role": role, "form": form, "stages": stages, "auto_approvals": _auto_approvals(role, user)}
    return render(request, "approval_settings/role.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@newly_confirmed(_("to create an auto-approval policy"))
@ends_draft()
def make(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Make an auto-approval policy once another administrator has confirmed it."""
    user, role = signed_in(request), get_role_for(request, account_id, name)
    form = AutoApprovalPolicyForm(request.POST or None, initial={"longest_window": role.longest_window})
    restore(request, form)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        limits = AutoApprovalLimits(**{name: typed[name] for name in AutoApprovalLimits.__slots__})
        try:
            auto_approvals.create_auto_approval_policy(
                by=user, role=role, company=typed["company"], limits=limits, now=clock.now()
            )
            messages.success(request, _("Policy created. Another administrator must confirm it."))
            return redirect(_url_of(role))
        except Refused as error:
            add_refusal(form, error)
    return render(request, "approval_settings/auto_approval_policy.html", {"role": role, "form": form})


@require_POST
@newly_confirmed(_("to confirm an auto-approval policy"))
def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    policy = _get_policy_for(signed_in(request), public_id)
    try:
        auto_approvals.confirm_auto_approval_policy(by=signed_in(request), policy=policy, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(policy, confirmed_by=signed_in(request), ended_by=None):
            return answers.conflict(request, error, url=_url_of(policy.role))
    messages.success(request, _("Policy confirmed. The policy is in force."))
    return redirect(_url_of(policy.role))


@require_POST
@confirmed(_("to end an auto-approval policy"))
def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    policy = _get_policy_for(signed_in(request), public_id)
    try:
        auto_approvals.end_auto_approval_policy(by=signed_in(request), policy=policy, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(policy, ended_by=signed_in(request)):
            return answers.not_done(request, error, url=_url_of(policy.role))
    messages.success(
        request,
        _("Policy ended. Access that the policy has approved continues until the access expires or is revoked."),
    )
    return redirect(_url_of(policy.role))


def _stages(request: HttpRequest, role: Role) -> list[dict[str, Any]]:
    """Return the further stages with which the page begins: those of the role, or of the person's draft."""
    draft = restored_draft(request)
    if draft is None:
        return [stage.values() for stage in role.further_stages.all()]
    forms = [fill(StageForm(prefix=f"stage-{number}"), draft) for number in range(STAGES)]
    return [dict(form.initial) for form in forms if any(form.initial.values())]


def _wanted(stages: Any) -> list[dict[str, Any]]:
    """Return the further stages in the order that was typed, without those that name nobody."""
    typed = [form.cleaned_data for form in stages.ordered_forms]
    named = [one for one in typed if one.get("approvers") or one.get("approver_groups")]
    return [{name: one[name] for name in _STAGE} for one in named]


def _auto_approvals(role: Role, user: User) -> list[dict[str, Any]]:
    """Return the auto-approval policies, with what is used of them and why this person cannot confirm."""
    now, person = clock.now(), user.facts()
    found = role.auto_approval_policies.select_related("company", "made_by", "confirmed_by").filter(ended_at=None)
    return [
        {
            "policy": policy,
            "hours": policy.office_hours(),
            "spent": auto_approvals.spent_by(policy, now=now),
            "is_in_force": policy.facts().is_in_force(now=now),
            "is_over": now >= policy.expires_at,
            "waits": (waits := policy.confirmed_by is None and now < policy.expires_at),
            "refusal": _refusal(policy, person, now=now) if waits else None,
        }
        for policy in found.order_by("-made_at")[:50]
    ]


def _refusal(policy: AutoApprovalPolicy, person: PersonFacts, *, now: datetime) -> Text | None:
    """Return why this person cannot confirm the policy, or an empty string."""
    facts, proposer = policy.facts(), policy.made_by.facts()
    return refusal_of(lambda: check_can_confirm_auto_approval_policy(person, facts, proposer=proposer, now=now))


def _url_of(role: Role) -> str:
    return reverse("approval_settings", args=[role.account.account_id, role.name])


def _get_policy_for(user: User, public_id: UUID) -> AutoApprovalPolicy:
    """Return the policy to an administrator; raises Http404 for anybody else."""
    found = AutoApprovalPolicy.objects.select_related("role__account", "role__state", "company", "made_by").filter(
        public_id=public_id
    )
    policy = found.first()
    if policy is None or not can_administer(user.facts()):
        raise Http404("There is no such policy.")
    return policy
