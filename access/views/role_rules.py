"""The rules of a role: who decides and within which limits, and what is approved without a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access import actions, catalogue, clock, rules
from access.forms import AutoApprovalForm, RoleRulesForm, StageFormSet
from access.ledger import Conflict
from access.models import AutoApproval, Role, User
from access.rules import PersonFacts, Refused
from access.views import answers, changes
from access.views.administering import get_role_for
from access.views.confirmed import confirmed_by_factor
from access.views.people import signed_in

_STAGE = ("name", "quorum", "approvers", "approver_groups")


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_by_factor
def show(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Show the rules of a role, and with a POST change them, by two administrators where live access rests on it."""
    user, role = signed_in(request), get_role_for(request, account_id, name)
    data = request.POST or None
    form = RoleRulesForm(data, role=role, usual_minutes=settings.FACTOR_MAX_AGE // 60)
    stages = StageFormSet(data, prefix="stage", initial=[stage.values() for stage in role.further_stages.all()])
    if request.method == "POST" and form.is_valid() and stages.is_valid():
        fields = form.cleaned_data | {"further_stages": _wanted(stages)}
        try:
            proposal = catalogue.change(by=user, role=role, fields=fields, now=clock.now())
            return changes.answer(request, role, proposal, done="The rules are changed.")
        except Refused as error:
            form.add_error(None, str(error))
    context = {"role": role, "form": form, "stages": stages, "automatic": _automatic(role, user)}
    return render(request, "rules/role.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_by_factor
def make(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Make a rule that approves by itself once another administrator has confirmed it."""
    user, role = signed_in(request), get_role_for(request, account_id, name)
    form = AutoApprovalForm(request.POST or None, initial={"longest_window": role.longest_window})
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        company = typed.pop("company")
        try:
            actions.make_rule(by=user, role=role, company=company, terms=actions.AutoTerms(**typed), now=clock.now())
            messages.success(request, "The rule waits for another administrator to confirm it.")
            return redirect(_url_of(role))
        except Refused as error:
            form.add_error(None, str(error))
    return render(request, "rules/automatic.html", {"role": role, "form": form})


@require_POST
@confirmed_by_factor
def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    rule = _get_rule_for(signed_in(request), public_id)
    try:
        actions.confirm_rule(by=signed_in(request), rule=rule, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(rule, confirmed_by=signed_in(request), ended_by=None):
            return answers.conflict(request, str(error), url=_url_of(rule.role))
    messages.success(request, "The rule is in force.")
    return redirect(_url_of(rule.role))


@require_POST
@confirmed_by_factor
def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    rule = _get_rule_for(signed_in(request), public_id)
    try:
        actions.end_rule(by=signed_in(request), rule=rule, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(rule, ended_by=signed_in(request)):
            return answers.not_done(request, str(error), url=_url_of(rule.role))
    messages.success(request, "The rule approves nothing any more. What it gave stays until it ends or is revoked.")
    return redirect(_url_of(rule.role))


def _wanted(stages: Any) -> list[dict[str, Any]]:
    """Give the further stages in the order that was typed, without those that name nobody."""
    typed = [form.cleaned_data for form in stages.ordered_forms]
    named = [one for one in typed if one.get("approvers") or one.get("approver_groups")]
    return [{name: one[name] for name in _STAGE} for one in named]


def _automatic(role: Role, user: User) -> list[dict[str, Any]]:
    """Give the rules that approve by themselves, with what is used of them and why this person may not confirm."""
    now, person = clock.now(), user.facts()
    found = role.auto_approvals.select_related("company", "made_by", "confirmed_by").filter(ended_at=None)
    return [
        {
            "rule": rule,
            "hours": rule.office_hours(),
            "spent": actions.spent_by(rule, now=now),
            "is_in_force": rule.facts().is_in_force(now=now),
            "is_over": now >= rule.expires_at,
            "waits": (waits := rule.confirmed_by is None and now < rule.expires_at),
            "refusal": _refusal(rule, person, now=now) if waits else "",
        }
        for rule in found.order_by("-made_at")[:50]
    ]


def _refusal(rule: AutoApproval, person: PersonFacts, *, now: datetime) -> str:
    """Give why this person cannot confirm the rule, empty when he can."""
    facts, proposer = rule.facts(), rule.made_by.facts()
    return rules.refusal_of(lambda: rules.check_can_confirm_rule(person, facts, proposer=proposer, now=now))


def _url_of(role: Role) -> str:
    return reverse("role_rules", args=[role.account.account_id, role.name])


def _get_rule_for(user: User, public_id: UUID) -> AutoApproval:
    """Give the rule to an administrator; for anybody else it does not exist."""
    found = AutoApproval.objects.select_related("role__account", "company", "made_by").filter(public_id=public_id)
    rule = found.first()
    if rule is None or not rules.can_administer(user.facts()):
        raise Http404("There is no such rule.")
    return rule
