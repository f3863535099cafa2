"""Create a role, and change its permissions: entered, previewed in plain words, and only then saved."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import clock, explain
from access.auth.confirmed import confirmed
from access.auth.current_user import an_administrator, signed_in
from access.catalogue import making
from access.catalogue.changes import needs_second
from access.forms.policies import MOST_STATEMENTS
from access.forms.refusals import add_refusal
from access.forms.roles import RenameForm
from access.ledger.conflicts import Conflict
from access.models import Role
from access.presenters import diff, drafts, permissions
from access.presenters.drafts import Draft
from access.presenters.form_drafts import restore, restored_draft
from access.rules.facts import Refused
from access.views import answers, changes
from access.views.administering import get_role_for
from access.views.form_drafts import ends_draft


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show the form, or with a POST what was typed so far: more of it, or all of it before it is kept."""
    an_administrator(request)
    draft = _draft_of(request)
    if request.POST.get("step") == "preview" and draft.is_valid() and _is_role_possible(draft):
        return render(request, "catalogue/preview.html", _preview(request, draft) | {"save_url": reverse("role_make")})
    return render(request, "catalogue/make.html", _page(request, draft))


@require_POST
@confirmed(_("to create a role"))
@ends_draft("role_new")
def make(request: HttpRequest) -> HttpResponse:
    by, draft = an_administrator(request), drafts.sent(request.POST)
    if draft.role is None or not draft.is_valid():
        return render(request, "catalogue/make.html", _page(request, draft))
    try:
        planned = making.plan(permissions=draft.chosen, **draft.role.cleaned_data)
        role = making.make(by=by, role=planned, now=clock.now())
    except Refused as error:
        _add_refusal(draft, error)
        return render(request, "catalogue/make.html", _page(request, draft))
    messages.success(request, _("The role is being created in AWS. Next, choose its approvers and who can request it."))
    return redirect("role", role.account.account_id, role.name)


@require_POST
def explained(request: HttpRequest) -> HttpResponse:
    """Return what was chosen so far in plain words, as a part of the page; what is not complete says so itself."""
    an_administrator(request)
    return render(request, "catalogue/_explained.html", drafts.described(drafts.sent(request.POST)))


@require_http_methods(["GET", "HEAD", "POST"])
def edit_permissions(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Show the form with what the role may do now, or with a POST what was typed so far."""
    role = get_managed_for(request, account_id, name)
    draft = _draft_of(request, role)
    context = {"role": role, "shown": request.POST.get("shown") or making.version_of(role)}
    if request.POST.get("step") == "preview" and draft.is_valid() and _are_permissions_possible(draft, role):
        url = reverse("role_permissions_save", args=[account_id, name])
        return render(request, "catalogue/preview.html", context | _preview(request, draft, role) | {"save_url": url})
    return render(request, "catalogue/make.html", context | _page(request, draft, role))


@require_POST
@confirmed(_("to change the permissions of a role"))
@ends_draft("role_permissions")
def set_permissions(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    role = get_managed_for(request, account_id, name)
    draft, typed = drafts.sent(request.POST, role=role), request.POST.get("shown", "")
    shown = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else -1
    if not draft.is_valid():
        return render(request, "catalogue/make.html", {"role": role, "shown": typed} | _page(request, draft, role))
    try:
        proposal = making.set_permissions(
            by=signed_in(request), role=role, permissions=draft.chosen, shown=shown, now=clock.now()
        )
    except Conflict as error:
        return answers.not_done(request, error, url=reverse("role", args=[account_id, name]))
    except Refused as error:
        _add_refusal(draft, error)
        return render(request, "catalogue/make.html", {"role": role, "shown": typed} | _page(request, draft, role))
    return changes.answer(
        request, role, proposal, done=_("Permissions saved. The builder is updating the role in AWS.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to rename a role"))
@ends_draft()
def rename(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Rename a role that AWS does not have yet, because its first name is taken there."""
    role = get_managed_for(request, account_id, name)
    form = restore(request, RenameForm(request.POST or None, initial={"name": role.name}))
    if request.method == "POST" and form.is_valid():
        try:
            renamed = making.rename(by=signed_in(request), role=role, name=form.cleaned_data["name"], now=clock.now())
        except Refused as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Role renamed. The builder tries again."))
            return redirect("role", account_id, renamed.name)
    return render(request, "catalogue/rename.html", {"form": form, "role": role})


@require_safe
def version(request: HttpRequest, account_id: str, name: str, number: int) -> HttpResponse:
    """Show one version of a role's permissions, and what it changed."""
    role = get_managed_for(request, account_id, name)
    versions = {one.number: one for one in role.versions.filter(number__in=[number, number - 1])}
    shown, before = versions.get(number), versions.get(number - 1)
    if shown is None:
        raise Http404("There is no such version.")
    context = {
        "role": role,
        "version": shown,
        "lines": diff.compare(before.permissions if before else {}, shown.permissions),
        "before": before,
        "is_present": number == making.version_of(role),
    }
    return render(request, "catalogue/version.html", context | permissions.chosen(shown.permissions, shown.policy_arns))


def get_managed_for(request: HttpRequest, account_id: str, name: str) -> Role:
    """Return a role that Daypass made, to an administrator; for anybody else it does not exist."""
    role = get_role_for(request, account_id, name)
    if not role.is_managed:
        raise Http404("There is no such role.")
    return role


def _draft_of(request: HttpRequest, role: Role | None = None) -> Draft:
    """Return what was typed: judged when everything is to be shown, else as it is, with a statement more if asked
    for. The values of a recipe can be in the address.
    """
    if request.method != "POST":
        kept = restored_draft(request)
        if kept is not None:
            return drafts.reopened(kept.data(), role=role)
        return drafts.begun(role=role, values=request.GET)
    if request.POST.get("step") == "preview":
        return drafts.sent(request.POST, role=role)
    if request.POST.get("step") == "json":
        return drafts.as_json(request.POST, role=role)
    return drafts.reopened(request.POST, role=role, more=int(request.POST.get("step") == "add"))


def _are_permissions_possible(draft: Draft, role: Role) -> bool:
    """Return whether the role could have these permissions; the form then says why not."""
    try:
        making.check_permissions(draft.chosen, role.account)
    except Refused as error:
        _add_refusal(draft, error)
        return False
    return True


def _is_role_possible(draft: Draft) -> bool:
    """Return whether the role could be made, as far as is known here; the form then says why not."""
    if draft.role is None:
        return True
    try:
        making.plan(permissions=draft.chosen, **draft.role.cleaned_data)
    except Refused as error:
        _add_refusal(draft, error)
        return False
    return True


def _add_refusal(draft: Draft, error: Refused) -> None:
    """Show an error in the form that has its field, else above the page's first form."""
    form = draft.permissions if draft.role is None or error.field in draft.permissions.fields else draft.role
    add_refusal(form, error)


def _page(request: HttpRequest, draft: Draft, role: Role | None = None) -> dict[str, Any]:
    """Return what the form's page shows: the forms, and beside them the permissions so far in plain words."""
    kept = restored_draft(request)
    if request.method == "POST" or kept is not None:
        described = drafts.described(drafts.sent(kept.data() if kept is not None else request.POST, role=role))
    else:
        described = drafts.described_first(request.GET, role=role)
    return described | {
        "draft": draft,
        "form": draft.role or draft.permissions,
        "statements": draft.statements,
        "services": explain.services(),
        "may_add": len(draft.statements) < MOST_STATEMENTS,
    }


def _preview(request: HttpRequest, draft: Draft, role: Role | None = None) -> dict[str, Any]:
    chosen = draft.chosen
    has_live = role is not None and needs_second(role, ["permissions"], now=clock.now())
    return permissions.chosen(chosen.policy, chosen.policy_arns) | {
        "typed": draft.role.cleaned_data if draft.role else None,
        "policy_arns": chosen.policy_arns,
        "policy_json": json.dumps(chosen.policy, indent=2) if chosen.policy else "",
        "lines": diff.compare(role.permissions, chosen.policy) if role else [],
        "needs_second": has_live,
        "carried": list(drafts.carried(request.POST)),
    }
