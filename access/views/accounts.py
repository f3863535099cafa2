"""The connected AWS accounts, for administrators: connect an account, and test the connection."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import accounts, arns, clock
from access.actions import disconnecting
from access.auth.confirmed import confirmed
from access.auth.current_user import an_administrator, signed_in
from access.forms.accounts import AccountChangeForm, AccountForm
from access.forms.refusals import add_refusal
from access.ledger.conflicts import Conflict
from access.models import Account, TestState
from access.presenters import catalogue_tables, deployment
from access.presenters.form_drafts import restore
from access.rules.facts import Refused, refusal_of
from access.texts import stored
from access.views import answers
from access.views.form_drafts import ends_draft

POLL_SECONDS = 2
_TONES = {TestState.PASSED: "done", TestState.TESTING: "activating", TestState.UNTESTED: "", TestState.FAILED: "bad"}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    an_administrator(request)
    rows = catalogue_tables.account_rows((account, _tone(account)) for account in Account.objects.order_by("name"))
    return render(request, "access/accounts.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to connect an account"))
@ends_draft()
def connect(request: HttpRequest) -> HttpResponse:
    an_administrator(request)
    form = restore(request, AccountForm(request.POST or None, initial={"hub_account_id": _usual_hub()}))
    if request.method == "POST" and form.is_valid():
        try:
            account = accounts.connect(by=signed_in(request), **form.cleaned_data, now=clock.now())
        except (Refused, arns.ArnError) as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Account added. Next, deploy the account's template and test the connection."))
            return redirect("account", account.account_id)
    return render(request, "access/account_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to change an account"))
@ends_draft()
def change(request: HttpRequest, account_id: str) -> HttpResponse:
    """Change an account's details, and test the connection again."""
    account = _get_account_for(request, account_id)
    initial = {name: getattr(account, name) for name in ("name", "region", "hub_account_id", "org_id", "issuer_arn")}
    form = restore(request, AccountChangeForm(request.POST or None, initial=initial))
    if request.method == "POST" and form.is_valid():
        try:
            accounts.change(by=signed_in(request), account=account, **form.cleaned_data, now=clock.now())
        except (Refused, arns.ArnError) as error:
            add_refusal(form, error)
        else:
            messages.success(
                request, _("Saved. If you changed the hub, organisation or issuer, redeploy the template.")
            )
            return redirect("account", account.account_id)
    return render(request, "access/account_change.html", {"form": form, "account": account})


@require_safe
def show(request: HttpRequest, account_id: str) -> HttpResponse:
    account = _get_account_for(request, account_id)
    context = _connection(account) | {
        "template": deployment.cloudformation_text(account),
        "module": deployment.terraform_text(account),
        "command": deployment.command(account),
    }
    return render(request, "access/account.html", context)


@require_safe
def state(request: HttpRequest, account_id: str) -> HttpResponse:
    return render(request, "access/_connection.html", _connection(_get_account_for(request, account_id)))


@require_POST
def test(request: HttpRequest, account_id: str) -> HttpResponse:
    account = _get_account_for(request, account_id)
    try:
        accounts.test_connection(by=signed_in(request), account=account, now=clock.now())
    except Refused as error:
        return answers.refused(request, error, url=reverse("account", args=[account_id]))
    return redirect("account", account.account_id)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed(_("to disconnect an account"))
def disconnect(request: HttpRequest, account_id: str) -> HttpResponse:
    """Show what disconnecting an account means, and what prevents it; a POST does it."""
    account, now = _get_account_for(request, account_id), clock.now()
    if request.method == "POST":
        try:
            disconnecting.disconnect(by=signed_in(request), account=account, now=now)
        except Refused as error:
            return answers.refused(request, error, url=reverse("account_disconnect", args=[account_id]))
        except Conflict as error:
            return answers.not_done(request, error, url=reverse("account", args=[account_id]))
        messages.success(request, _("Account disconnected. Now delete the template's stack in the account."))
        return redirect("account", account_id)
    context = {
        "account": account,
        "obstacle": refusal_of(lambda: disconnecting.check_can_be_disconnected(account, now=now)),
        "roles": account.roles.filter(is_active=True, overflow_of=None).order_by("name"),
    }
    return render(request, "access/account_disconnect.html", context)


@require_POST
@confirmed(_("to connect an account again"))
def reconnect(request: HttpRequest, account_id: str) -> HttpResponse:
    account = _get_account_for(request, account_id)
    try:
        disconnecting.reconnect(by=signed_in(request), account=account, now=clock.now())
    except (Refused, Conflict) as error:
        return answers.not_done(request, error, url=reverse("account", args=[account_id]))
    messages.success(request, _("Account connected again. Its roles stay disabled until you enable them."))
    return redirect("account", account_id)


@require_safe
def template(request: HttpRequest, account_id: str) -> HttpResponse:
    account = _get_account_for(request, account_id)
    return _file(deployment.cloudformation_text(account), f"daypass-{account_id}.json", "application/json")


@require_safe
def module(request: HttpRequest, account_id: str) -> HttpResponse:
    account = _get_account_for(request, account_id)
    return _file(deployment.terraform_files(account), f"daypass-{account_id}.zip", "application/zip")


def _get_account_for(request: HttpRequest, account_id: str) -> Account:
    an_administrator(request)
    account = Account.objects.filter(account_id=account_id).first()
    if account is None:
        raise Http404("There is no such account.")
    return account


def _connection(account: Account) -> dict[str, Any]:
    return {
        "account": account,
        "tone": _tone(account),
        "steps": [_shown(step) for step in account.test_steps],
        "is_testing": account.is_testing,
        "poll_seconds": POLL_SECONDS if account.is_testing else 0,
    }


def _tone(account: Account) -> str:
    """Return the tone of the last test; an account that was never tested, or is disconnected, has none."""
    return _TONES[account.test_state] if account.is_connected else "ended"


def _shown(step: dict[str, Any]) -> dict[str, Any]:
    tone = {True: "success", False: "error"}.get(step["ok"], "info")
    return {"title": stored.load(**step["title"]), "text": stored.load(**step["text"]), "tone": tone}


def _usual_hub() -> str:
    """Return the hub of the account that was connected last, as a beginning."""
    last = Account.objects.exclude(hub_account_id="").order_by("-pk").first()
    return last.hub_account_id if last else ""


def _file(content: str | bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
