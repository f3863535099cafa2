"""The keyboard shortcuts, and the setting that disables them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from access import clock
from access.actions.preferences import keep_shortcuts
from access.auth.current_user import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Show the shortcuts of this person, and save whether they use them."""
    if request.method != "POST":
        return render(request, "access/shortcuts.html")
    enabled = request.POST.get("enabled") == "on"
    keep_shortcuts(by=signed_in(request), enabled=enabled, now=clock.now())
    messages.success(request, _("Keyboard shortcuts are on.") if enabled else _("Keyboard shortcuts are off."))
    return redirect("shortcuts")
