"""Who decides in one's place while one is away."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from access import actions, clock
from access.forms import DeputyForm
from access.models import Deputy, Role, User
from access.rules import Refused
from access.views.confirmed import confirmed
from access.views.people import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def deputy(request: HttpRequest) -> HttpResponse:
    """Show who decides in this person's place, and with a POST name somebody."""
    user, now = _an_approver(request), clock.now()
    form = DeputyForm(request.POST or None, person=user, initial={"from_at": now, "until_at": now + timedelta(days=7)})
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.name_deputy(by=user, now=now, **form.cleaned_data)
            messages.success(request, f"{row.deputy} decides in your place in that time.")
            return redirect("deputy")
        except Refused as error:
            form.add_error(None, str(error))
    standing = Deputy.objects.filter(ended_at=None, until_at__gt=now).select_related("approver", "deputy")
    context = {
        "form": form if Role.objects.naming(user).exists() else None,
        "mine": standing.filter(approver=user).first(),
        "for_others": standing.filter(deputy=user).order_by("from_at"),
    }
    return render(request, "rules/deputy.html", context)


@require_POST
@confirmed
def end(request: HttpRequest) -> HttpResponse:
    user, now = _an_approver(request), clock.now()
    row = Deputy.objects.filter(approver=user, ended_at=None).select_related("approver", "deputy").first()
    if row is not None:
        actions.end_deputy(by=user, row=row, now=now)
        messages.success(request, "You decide yourself again.")
    return redirect("deputy")


def _an_approver(request: HttpRequest) -> User:
    """Give who is signed in if he decides about a role; for anybody else there is nothing to stand in for."""
    user = signed_in(request)
    if not Role.objects.approved_by(user, now=clock.now()).exists():
        raise Http404("You decide about no role.")
    return user
