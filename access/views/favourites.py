"""Mark roles as favourites, which a person's own pages list first."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from access.auth.current_user import a_contractor
from access.models import Role


@require_POST
def mark(request: HttpRequest, account_id: str, name: str) -> HttpResponse:
    """Mark or unmark a role that the contractor can request. It is only an order of pages, so no audit event."""
    user = a_contractor(request)
    own = Role.objects.filter(contractors__user=user, is_active=True, account__account_id=account_id, name=name)
    role = own.first()
    if role is None:
        raise Http404("There is no such role.")
    if request.POST.get("favourite") == "yes":
        role.favourite_of.add(user)
    else:
        role.favourite_of.remove(user)
    return redirect("home")
