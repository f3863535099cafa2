"""Request roles, and extensions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from access import clock
from access.actions import asking, obstacles, requests
from access.actions.asking import RoleRefused
from access.actions.contents import RequestDraft
from access.actions.zones import keep_zone
from access.auth.current_user import a_contractor, signed_in
from access.forms.refusals import add_refusal
from access.forms.requests import AT, LENGTHS, ON_APPROVAL, OTHER, UNTIL, ExtendForm, RequestForm
from access.models import Contractor, Principal, Request, Role, User
from access.presenters import approvers, duplicates, history, permissions, request_views
from access.presenters.capacity import capacity_of
from access.presenters.form_drafts import restore
from access.presenters.request_views import WITHOUT_A_GAP, RequestView
from access.rules.facts import Refused
from access.rules.windows import Window
from access.stops import open_stops
from access.views.form_drafts import ends_draft

SHOWN_BEFORE = 3  # earlier requests that are offered as templates


@require_http_methods(["GET", "HEAD", "POST"])
@ends_draft()
def create(request: HttpRequest) -> HttpResponse:
    user, now = a_contractor(request), clock.now()
    roles, identities = _roles_for(user), _identities_of(user)
    initial = _usual(user, identities) | _named(request.GET.get("role", ""), roles)
    initial |= _like(user, request.GET.get("like", ""), roles)
    form = restore(request, RequestForm(request.POST or None, roles=roles, identities=identities, initial=initial))
    repeated: list[RequestView] = []
    if request.method == "POST" and form.is_valid():
        repeated = duplicates.find_duplicates(user, list(form.cleaned_data["role"]), _window_of(form, now=now), now=now)
        answer = None if _are_unseen(request, repeated) else _submit(request, form, now=now)
        if answer is not None:
            return answer
    context = {
        "duplicates": repeated,
        "form": form,
        "roles": _choices(list(roles), form, by=user, now=now),
        "before": _before(user),
        "obstacle": obstacles.obstacle_to_requests(user, now=now),
    }
    return render(request, "access/request_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@ends_draft()
def extend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    user, now = signed_in(request), clock.now()
    request_view = _own_request_view(user, public_id, now=now)
    if request_view.grant is None:
        raise Http404("There is no such grant.")
    initial = {"ticket": request_view.request.ticket}
    current_end = request_view.grant.ends_at
    form = ExtendForm(request.POST or None, role=request_view.request.role, current_end=current_end, initial=initial)
    restore(request, form)
    repeated: list[RequestView] = []
    if request.method == "POST" and form.is_valid():
        wanted = {"ends_at": form.cleaned_data["ends_at"], "reason": form.cleaned_data["reason"]}
        repeated = duplicates.find_other_extensions(request_view, **wanted, now=now)
        answer = None if _are_unseen(request, repeated) else _submit_extension(request, request_view, form, now=now)
        if answer is not None:
            return answer
    is_near = current_end - now < WITHOUT_A_GAP
    context = {"form": form, "request_view": request_view, "gap_possible": is_near, "duplicates": repeated}
    context["obstacle"] = obstacles.obstacle_to_extension(user, request_view.grant, now=now)
    return render(request, "access/extend_form.html", context)


def _window_of(form: RequestForm, *, now: datetime) -> Window:
    start = form.chosen_start or now
    return Window(start, start + form.chosen_length)


def _are_unseen(request: HttpRequest, found: list[RequestView]) -> bool:
    """Return whether the request would repeat something that this page has not shown yet."""
    return duplicates.unseen(found, request.POST.get(duplicates.POINTED_OUT, "").split())


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
        made = asking.ask(by=user, roles=list(typed["role"]), draft=_draft(form), now=now)
    except RoleRefused as error:
        several = f"{error.role.name}: " if len(typed["role"]) > 1 else ""
        add_refusal(form, error, field=_field_of(error, form), before=several)
        return None
    if typed["time_zone"] != timezone.get_current_timezone_name():
        keep_zone(by=user, zone=typed["time_zone"], now=now, is_guess=True)
    if len(made) > 1:
        messages.success(
            request,
            ngettext("{count} request submitted.", "{count} requests submitted.", len(made)).format(count=len(made)),
        )
        return redirect("home")
    messages.success(request, _("Request submitted."))
    return redirect("request", made[0].public_id)


def _draft(form: RequestForm) -> RequestDraft:
    typed = form.cleaned_data
    return RequestDraft(
        principal=typed["principal"],
        starts_at=form.chosen_start,
        length=form.chosen_length,
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
    """Return the field of a refusal: the one that was typed, or the choice that was made in its place."""
    typed = form.cleaned_data
    if error.field == "starts_at" and "start" in form.fields:
        return "starts_at" if typed.get("start") == AT else "start"
    if error.field == "ends_at" and "by" in form.fields:
        return "ends_at" if typed.get("by") == UNTIL else "by"
    if error.field == "ends_at" and "length" in form.fields:
        return "other_length" if typed.get("length") == OTHER else "length"
    return error.field


def _choices(roles: Sequence[Role], form: RequestForm, *, by: User, now: datetime) -> list[dict[str, Any]]:
    """Return the roles as the form shows them."""
    among, contractor = open_stops(), Contractor.objects.get(user=by)
    chosen = {str(value) for value in form["role"].value() or ()}
    usual, steps = history.usual_times(roles), approvers.steps_of_roles(roles, now=now)
    return [
        {
            "role": role,
            "permissions": permissions.in_words(role),
            "capacity": capacity_of(role),
            "obstacle": obstacles.obstacle_to_role(role, contractor, among=among),
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


def _usual(user: User, identities: QuerySet[Principal]) -> dict[str, Any]:
    """Return the requester's last choices as initial values."""
    last = Request.objects.filter(requester=user).order_by("-submitted_at").first()
    first = identities.first()
    roles = list(_roles_for(user).values_list("pk", flat=True)[:2])
    return {
        "principal": last.principal_id if last else first and first.pk,
        "role": [last.role_id] if last else roles if len(roles) == 1 else [],
        "start": ON_APPROVAL,
        "length": "60",
    }


def _named(place: str, roles: QuerySet[Role]) -> dict[str, Any]:
    """Return the role that a link names by account and name as the initial value, and nothing when it names none."""
    account, _slash, name = place.partition("/")
    named = list(roles.filter(account__account_id=account, name=name).values_list("pk", flat=True))
    return {"role": named} if named else {}


def _like(user: User, public_id: str, roles: QuerySet[Role]) -> dict[str, Any]:
    """Return an own earlier request as initial values, and nothing when none is named."""
    if not public_id:
        return {}
    try:
        earlier = Request.objects.filter(requester=user, extends=None, public_id=UUID(public_id)).first()
    except ValueError:
        earlier = None
    if earlier is None:
        raise Http404("There is no such request.")
    length = earlier.window().length
    minutes = str(length // timedelta(minutes=1)) if not length % timedelta(minutes=1) else ""
    is_listed = minutes in dict(LENGTHS)
    return {
        "role": list(roles.filter(pk=earlier.role_id).values_list("pk", flat=True)),
        "principal": earlier.principal_id,
        "length": minutes if is_listed else OTHER,
        "other_length": None if is_listed else length,
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
