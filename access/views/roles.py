"""The roles that people can request."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from access import clock, uploads
from access.auth.current_user import signed_in
from access.lifecycle import Problem
from access.models import AutoApprovalPolicy, Role, RoleChange, User
from access.presenters import approvers, catalogue_tables, permissions, request_views, snippets, stops
from access.presenters.capacity import capacity_of
from access.rules.people import can_administer
from access.views import unmanaged


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    visible = _visible_to(user, now=now).filter(overflow_of=None)
    accounts = catalogue_tables.role_rows(visible, user=user, now=now)
    context = {
        "accounts": accounts,
        # Those who see a role that they cannot request decide about it.
        "is_manager": user.is_staff or any(not row.ask_url for account in accounts for row in account.entries),
        "changes": _changes_for(user),
    }
    return render(request, "access/roles.html", context)


@require_safe
def show(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    role = _visible_to(user, now=now).filter(account__account_id=account_id, name=name).first()
    if role is None:
        raise Http404("There is no such role.")
    is_manager = user.is_staff or _answers_for(user, role, now=now)
    family = Q(grant__role=role) | Q(grant__role__overflow_of=role)
    live = request_views.requests().filter(family, request_views.open_grants())
    shown = live if is_manager else live.filter(requester=user)
    context: dict[str, Any] = {
        "ask_url": _ask_url(user, role),
        "request_views": request_views.build_views(shown, now=now),
        "changes": _changes_for(user, role),
        "stopped": stops.on_role(role),
        "may_stop": is_manager and role.overflow_of_id is None,
    }
    if can_administer(user.facts()):
        context |= _to_administer(role, user)
    return render(request, "access/role.html", _page(role, is_manager) | context)


def _ask_url(user: User, role: Role) -> str:
    """Return where this person requests the role, or "" when they cannot."""
    can_request = role.is_active and role.overflow_of is None and role.contractors.filter(user=user).exists()
    query = urlencode({"role": f"{role.account.account_id}/{role.name}"})
    return f"{reverse('request_new')}?{query}" if can_request else ""


def _answers_for(user: User, role: Role, *, now: datetime) -> bool:
    return Role.objects.approved_by(user, now=now).filter(pk=role.pk).exists()


def _visible_to(user: User, *, now: datetime) -> QuerySet[Role]:
    roles = Role.objects.select_related("account", "overflow_of")
    if user.is_staff:
        return roles
    asks_for = Role.objects.filter(contractors__user=user, is_active=True)
    return roles.filter(Q(pk__in=Role.objects.approved_by(user, now=now)) | Q(pk__in=asks_for))


def _changes_for(user: User, role: Role | None = None) -> QuerySet[RoleChange]:
    """Return the changes that wait for a second administrator, of one role or of all; to administrators only."""
    waiting = RoleChange.objects.waiting(now=clock.now()).select_related("role__account", "role__state", "proposed_by")
    if not can_administer(user.facts()):
        return waiting.none()
    return (waiting.filter(role=role) if role else waiting).order_by("proposed_at")


def _to_administer(role: Role, user: User) -> dict[str, Any]:
    """Return what only administrators are shown: the versions of the permissions, and whether the builder is at
    work.
    """
    return {
        "is_administrator": True,
        "unmanaged": unmanaged.shown_to(user, role),
        "versions": role.versions.select_related("made_by").order_by("-number"),
        "is_refused": role.state.problem == Problem.POLICY_REFUSED and (role.to_build or role.to_update),
    }


def _auto_approvals(role: Role) -> QuerySet[AutoApprovalPolicy]:
    """Return the rules that approve without a person, those in force."""
    in_force = role.auto_approval_policies.filter(ended_at=None, expires_at__gt=clock.now())
    return in_force.exclude(confirmed_at=None).select_related("company").order_by("made_at")


def _page(role: Role, is_manager: bool) -> dict[str, Any]:
    return {
        "role": role,
        "permissions": permissions.in_words(role),
        "permissions_json": json.dumps(role.permissions, indent=2),
        "steps": approvers.steps_of_role(role, now=clock.now()),
        "auto_approvals": _auto_approvals(role) if is_manager else (),
        "is_manager": is_manager,
        "findings": permissions.findings(role) if is_manager else None,
        "trust": permissions.trust(role) if is_manager and role.state.observed_trust else None,
        "capacity": capacity_of(role) if is_manager else None,
        "upload": uploads.command(role.permissions, profile=snippets.profile_name(role))
        if uploads.asks_for_ownership(role.permissions)
        else "",
    }
