"""Break-glass: use a break-glass policy, end a break-glass grant, and review it afterwards."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import clock
from access.actions import break_glass
from access.auth.confirmed import confirmed, has_new_factor, newly_confirmed
from access.auth.current_user import signed_in
from access.forms.break_glass import BreakGlassForm, BreakGlassReviewForm
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import BreakGlassGrant, BreakGlassPolicy, Issuance, User
from access.presenters import break_glass_grants, permissions
from access.presenters.cursors import list_rows
from access.reviews.paging import Order
from access.rules.break_glass import can_review_break_glass
from access.rules.checks import can_revoke, can_see
from access.rules.facts import Refused
from access.rules.people import can_administer
from access.views import answers

PAGE = 20
_LATEST_USE = Order("used_at", is_of_time=True, is_descending=True)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    if not break_glass_grants.concerns(user, now=now):
        raise Http404("There is no such page.")
    seen = break_glass_grants.visible_to(user, now=now).order_by("-used_at", "-pk")
    past = list_rows(request, reverse("break_glass"), seen.exclude(reviewed_at=None), _LATEST_USE, size=PAGE)
    context = {
        "mine": break_glass_grants.policies_for(user, now=now),
        "waiting": break_glass_grants.build_views(seen.filter(reviewed_at=None), now=now),
        "past": past,
        "past_grants": break_glass_grants.build_views(past.rows, now=now),
        "policies_page": None,
    }
    if can_administer(user.facts()):
        page = Paginator(break_glass_grants.all_policies(now=now), PAGE).get_page(request.GET.get("policies"))
        context |= {"policies_page": page, "policies": break_glass_grants.with_status(page, now=now)}
    return render(request, "break_glass/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@newly_confirmed(_("to use break-glass"))
def use_policy(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show what it means, and with a POST do it."""
    user, now = signed_in(request), clock.now()
    policy = _get_policy_for(user, public_id)
    form = BreakGlassForm(request.POST or None, longest=policy.longest)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            made = break_glass.use_break_glass(
                by=user,
                policy=policy,
                length=timedelta(minutes=typed["minutes"]),
                reason=typed["reason"],
                has_new_factor=has_new_factor(request),
                now=now,
            )
        except Refused as error:
            add_refusal(form, error)
        else:
            messages.success(
                request, _("Break-glass access started. Everyone responsible for the role is being notified.")
            )
            return redirect("request", made.request.public_id)
    context = {"form": form, "policy": policy, "permissions": permissions.in_words(policy.role)}
    return render(request, "break_glass/use.html", context | {"responders": policy.responders(now=now)})


@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return render(
        request, "break_glass/grant.html", _page(request, _get_break_glass_grant_for(signed_in(request), public_id))
    )


@require_POST
def stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End the access immediately, with one click."""
    found = _get_break_glass_grant_for(signed_in(request), public_id)
    try:
        break_glass.stop_break_glass(by=signed_in(request), grant=found.request.grant, now=clock.now())
    except (Refused, Conflict) as error:
        if not answers.was_done(found.request.grant, revoked_by=signed_in(request)):
            return answers.not_done(request, error, url=_url(found))
    messages.success(request, _("Stopped. Access is being removed from AWS."))
    return redirect(_url(found))


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to review break-glass access"))
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record the review by another person; a GET redirects to the page."""
    found, form = _get_break_glass_grant_for(signed_in(request), public_id), BreakGlassReviewForm(request.POST)
    if request.method != "POST":
        return redirect(_url(found))
    if not form.is_valid():
        return render(request, "break_glass/grant.html", _page(request, found) | {"form": form}, status=400)
    typed = form.cleaned_data
    try:
        break_glass.review_break_glass(
            by=signed_in(request),
            break_glass_grant=found,
            is_justified=typed["verdict"] == "justified",
            comment=typed["comment"],
            now=clock.now(),
        )
    except (Refused, Conflict) as error:
        if not answers.was_done(found, reviewed_by=signed_in(request), verdict=typed["verdict"]):
            return answers.conflict(request, error, url=_url(found))
    messages.success(request, _("Review saved."))
    return redirect(_url(found))


def _get_policy_for(user: User, public_id: UUID) -> BreakGlassPolicy:
    """Return the policy if it names this person and is in force; raises Http404 otherwise."""
    rows = BreakGlassPolicy.objects.in_force(now=clock.now()).select_related(
        "role__account", "role__state", "role__snapshot"
    )
    policy = rows.filter(public_id=public_id, people=user).first()
    if policy is None or user.facts().contractor_id is not None:
        raise Http404("There is no such policy.")
    return policy


def _get_break_glass_grant_for(user: User, public_id: UUID) -> BreakGlassGrant:
    """Return the use if this person can see it; for anybody else it does not exist."""
    found = break_glass_grants.grants_with_related().filter(request__public_id=public_id).first()
    if found is None or not can_see(user.facts(), found.request.facts(), now=clock.now()):
        raise Http404("There is no such grant.")
    return found


def _page(request: HttpRequest, found: BreakGlassGrant) -> dict[str, Any]:
    user, now = signed_in(request), clock.now()
    person, facts, grant = user.facts(), found.request.facts(), found.request.grant
    opened = Issuance.objects.filter(grant=grant, outcome=Issuance.Outcome.ISSUED).order_by("-started_at")
    return {
        "break_glass_grant": break_glass_grants.build_view(found, now=now),
        "opened": opened[:20],
        "may_stop": can_revoke(person, facts, grant.facts(), now=now),
        "may_review": found.reviewed_at is None and can_review_break_glass(person, facts, grant.facts(), now=now),
        "form": BreakGlassReviewForm(),
    }


def _url(found: BreakGlassGrant) -> str:
    return reverse("break_glass_grant", args=[found.request.public_id])
