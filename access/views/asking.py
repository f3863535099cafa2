"""Request roles, and extensions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from access import clock
from access.actions import asking, requests
from access.actions.asking import RoleRefused
from access.actions.contents import RequestDraft
from access.auth.current_user import a_contractor, signed_in
from access.forms.refusals import add_refusal
from access.forms.requests import PRESETS, UNTIL_TYPED, ExtendForm, RequestForm
from access.forms.times import place
from access.models import Principal, Request, Role, User
from access.presenters import approvers, history, permissions, request_views
from access.presenters.capacity import capacity_of
from access.presenters.request_views import WITHOUT_A_GAP
from access.rules.facts import Refused

SHOWN_BEFORE = 3  # earlier requests that are offered as templates


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    user, now = a_contractor(request), clock.now()
    roles, identities = _roles_for(user), _identities_of(user)
    initial = _usual(user, identities, now=now) | _like(user, request.GET.get("like", ""), roles, now=now)
    form = RequestForm(request.POST or None, roles=roles, identities=identities, now=now, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = _submit(request, form, now=now)
        if answer is not None:
            return answer
    context = {
        "form": form,
        "roles": _choices(list(roles), form, now=now),
        "before": _before(user),
        "zone": user.time_zone,
        "local_now": f"{_local(now, user):%H:%M}",
    }
    return render(request, "access/request_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    request_view = _own_request_view(user, public_id, now=now)
    initial = {"time_zone": user.time_zone, "ticket": request_view.request.ticket}
    form = ExtendForm(request.POST or None, role=request_view.request.role, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = _submit_extension(request, request_view, form, now=now)
        if answer is not None:
            return answer
    context = {"form": form, "request_view": request_view, "gap_possible": request_view.ends_at - now < WITHOUT_A_GAP}
    return render(request, "access/extend_form.html", context)


def _own_request_view(user: User, public_id: UUID, *, now: datetime) -> request_views.RequestView:
    """Return the request view to its requester; for anyone else it does not exist."""
    asked = request_views.of_contractor(user).filter(public_id=public_id).first()
    if asked is None:
        raise Http404("There is no such request.")
    return request_views.build_view(asked, now=now)


def _submit(request: HttpRequest, form: RequestForm, *, now: datetime) -> HttpResponse | None:
    """Submit what was typed; None when it was refused, with the sentence at the field that it is about."""
    typed, user = form.cleaned_data, signed_in(request)
    try:
        made = asking.ask(by=user, roles=list(typed["role"]), draft=_wish(typed), now=now)
    except RoleRefused as error:
        several = f"{error.role.name}: " if len(typed["role"]) > 1 else ""
        add_refusal(form, error, field=_field_of(error, form), before=several)
        return None
    asking.keep_time_zone(by=user, zone=typed["time_zone"], now=now)
    if len(made) > 1:
        messages.success(
            request,
            ngettext("{count} request submitted.", "{count} requests submitted.", len(made)).format(count=len(made)),
        )
        return redirect("home")
    messages.success(request, _("Request submitted."))
    return redirect("request", made[0].public_id)


def _wish(typed: Mapping[str, Any]) -> RequestDraft:
    return RequestDraft(
        principal=typed["principal"],
        starts_at=typed["starts_at"],
        ends_at=typed["ends_at"],
        reason=typed["reason"],
        ticket=typed.get("ticket", ""),
        asks_mfa=typed.get("mfa", False),
        sources=typed.get("sources", ()),
    )


def _submit_extension(
    request: HttpRequest, request_view: request_views.RequestView, form: ExtendForm, *, now: datetime
) -> HttpResponse | None:
    """Submit the wish for an extension; None when it was refused, with the sentence at the field that it is about."""
    typed = form.cleaned_data
    if request_view.grant is None:
        raise Http404("There is no such grant.")
    try:
        made = requests.extend(
            by=signed_in(request),
            grant=request_view.grant,
            ends_at=typed["ends_at"],
            reason=typed["reason"],
            ticket=typed.get("ticket", ""),
            now=now,
        )
    except Refused as error:
        add_refusal(form, error, field=_field_of(error, form))
        return None
    return redirect("request", made.public_id)


def _field_of(error: Refused, form: Form) -> str | None:
    """Return the field of a refusal: the end is typed, or a length is chosen instead."""
    is_length_chosen = form.cleaned_data.get("preset") not in {None, "", UNTIL_TYPED}
    return "preset" if error.field == "ends_at" and is_length_chosen else error.field


def _choices(roles: Sequence[Role], form: RequestForm, *, now: datetime) -> list[dict[str, Any]]:
    """Return the roles as the form shows them."""
    chosen = {str(value) for value in form["role"].value() or ()}
    usual, steps = history.usual_times(roles), approvers.steps_of_roles(roles, now=now)
    return [
        {
            "role": role,
            "permissions": permissions.in_words(role),
            "capacity": capacity_of(role),
            "usual": usual.get(role.pk),
            "decided": approvers.in_a_sentence(steps[role.pk]),
            "chosen": str(role.pk) in chosen,
        }
        for role in roles
    ]


def _roles_for(user: User) -> QuerySet[Role]:
    roles = Role.objects.filter(contractors__user=user, is_active=True)
    return roles.select_related("account", "snapshot").prefetch_related("further_stages").order_by("name")


def _identities_of(user: User) -> QuerySet[Principal]:
    """Return the AWS identities the requester can use: proven ones, and those that a sponsor vouches for."""
    known = Principal.objects.filter(contractor__user=user).exclude(proof=Principal.Proof.TYPED)
    return known.order_by("proof", "arn")


def _usual(user: User, identities: QuerySet[Principal], *, now: datetime) -> dict[str, Any]:
    """Return the requester's last choices as initial values."""
    last = Request.objects.filter(requester=user).order_by("-submitted_at").first()
    first = identities.first()
    roles = list(_roles_for(user).values_list("pk", flat=True)[:2])
    return {
        "principal": last.principal_id if last else first and first.pk,
        "role": [last.role_id] if last else roles if len(roles) == 1 else [],
        "ends_at": _local(now + timedelta(hours=1), user),
        "preset": "60",
        "time_zone": user.time_zone,
    }


def _like(user: User, public_id: str, roles: QuerySet[Role], *, now: datetime) -> dict[str, Any]:
    """Return an own earlier request as initial values, and nothing when none is named."""
    if not public_id:
        return {}
    try:
        earlier = Request.objects.filter(requester=user, extends=None, public_id=UUID(public_id)).first()
    except ValueError:
        earlier = None
    if earlier is None:
        raise Http404("There is no such request.")
    length = earlier.ends_at - earlier.starts_at
    minutes = str(round(length.total_seconds() / 60))
    return {
        "role": list(roles.filter(pk=earlier.role_id).values_list("pk", flat=True)),
        "principal": earlier.principal_id,
        "preset": minutes if minutes in dict(PRESETS) else UNTIL_TYPED,
        "ends_at": _local(now + length, user),
        "mfa": earlier.asks_mfa,
        "sources": earlier.source_cidrs,
        "ticket": earlier.ticket,
        "reason": earlier.reason,
    }


def _before(user: User) -> list[Request]:
    """Return the last requests that differ in what was asked for, to begin from one of them."""
    lately = Request.objects.filter(requester=user, extends=None).select_related("role").order_by("-submitted_at")[:30]
    different = {(request.role_id, request.reason): request for request in reversed(lately)}
    return sorted(different.values(), key=lambda request: request.submitted_at, reverse=True)[:SHOWN_BEFORE]


def _local(at: datetime, user: User) -> datetime:
    """Return the time on the requester's clock, to the minute."""
    return at.astimezone(place(user.time_zone)).replace(tzinfo=None, second=0, microsecond=0)
