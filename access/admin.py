"""Django's admin, read-only: every change goes through actions and the ledger.

It is a site of its own, so that it has neither the models that installed apps register (email addresses, second
factors, single sign-on accounts) nor Django's own forms for signing in and changing a password.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from access.models import (
    Account,
    AuditEvent,
    AutoApprovalPolicy,
    BreakGlassGrant,
    BreakGlassPolicy,
    Certification,
    ChainWalk,
    Checkpoint,
    Contractor,
    Decision,
    Delegation,
    Grant,
    Heartbeat,
    Issuance,
    Notification,
    Principal,
    Request,
    Role,
    RoleChange,
    SpooledEvent,
    Stage,
    User,
)
from access.texts import stored

WITH_TEXTS = {"details", "test_steps"}  # columns whose JSON holds codes and facts
NOT_SERVED = {"password_change", "password_change_done", "autocomplete"}


class Site(admin.AdminSite):
    site_header = site_title = _("Daypass: rows")
    index_title = _("What the database holds, to read")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this is an administrator; a contractor never is, whatever flags the account has."""
        person = request.user
        return isinstance(person, User) and _is_administrator(person) and not _is_contractor(person)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Send to the portal's sign-in; somebody who is signed in and no administrator gets 403."""
        answer: HttpResponse = enter(request)
        return answer

    def logout(  # type: ignore[override]
        self,
        request: HttpRequest,  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Send to the portal's own page: Django wants the URL's name."""
        return redirect("account_logout")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the URLs without Django's own sign-in and password pages."""
        return [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_SERVED]


@secure_admin_login  # type: ignore[untyped-decorator]  # allauth ships no types
def enter(request: HttpRequest) -> HttpResponse:
    if not site.has_permission(request):
        raise PermissionDenied
    return redirect("admin:index")


def _is_administrator(person: User) -> bool:
    return person.is_active and person.is_staff


def _is_contractor(person: User) -> bool:
    return Contractor.objects.filter(user=person).exists()


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes none when it runs
    """Read-only rows: nobody adds, changes or deletes them here, superusers included."""

    actions = None
    show_full_result_count = False
    list_per_page = 50

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row, or None; PostgreSQL cannot be asked about a key with a NUL in it."""
        return super().get_object(request, object_id, from_field) if object_id.isprintable() else None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """Add the sentences of rows that hold codes and facts."""
        columns = {field.name for field in self.opts.fields}
        has_texts = any(name.endswith(stored.FACTS) for name in columns) or columns & WITH_TEXTS
        return ("sentences",) if has_texts else ()

    def sentences(self, row: Any) -> str:
        """Return what the codes of a row mean, a line each."""
        values = {field.attname: getattr(row, field.attname) for field in self.opts.fields}
        found = dict.fromkeys(f"{text} ({text.code})" for text in stored.texts_of_row(values))
        return format_html_join("", "<p>{}</p>", ((line,) for line in found))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and _is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - as Django calls it
        return isinstance(request.user, User) and _is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class People(ReadOnly):
    exclude = ("password", "user_permissions")
    list_display = ("email", "name", "is_active", "is_staff", "last_login")


class Roles(ReadOnly):
    list_display = ("name", "account", "is_active", "state__problem", "state__reconciled_at")


class RoleChanges(ReadOnly):
    list_display = ("public_id", "role", "proposed_by", "proposed_at", "outcome")
    list_select_related = ("role", "proposed_by")


class Requests(ReadOnly):
    list_display = ("public_id", "requester", "role", "state", "starts_at", "ends_at")
    list_select_related = ("requester", "role")


class Decisions(ReadOnly):
    list_display = ("request", "approver", "verdict", "decided_at")
    list_select_related = ("request__requester", "request__role", "approver")


class Grants(ReadOnly):
    list_display = ("session_name", "role", "starts_at", "ends_at", "revoked_at", "applied_at", "removed_at", "problem")
    list_select_related = ("role",)


class Issuances(ReadOnly):
    list_display = ("public_id", "kind", "by", "outcome", "started_at", "expires_at")
    list_select_related = ("by",)


class BreakGlassPolicies(ReadOnly):
    list_display = ("public_id", "role", "made_by", "confirmed_by", "expires_at", "withdrawn_at")
    list_select_related = ("role", "made_by", "confirmed_by")


class BreakGlassGrants(ReadOnly):
    list_display = ("request", "person", "used_at", "notified_at", "verdict", "reviewed_by")
    list_select_related = ("request__requester", "request__role", "person", "reviewed_by")


class Certifications(ReadOnly):
    list_display = ("public_id", "verdict", "by", "at")
    list_select_related = ("by",)


class AuditEvents(ReadOnly):
    list_display = ("sequence", "at", "actor", "verb", "subject")
    search_fields = ("=subject", "=actor", "=verb")


class SpooledEvents(ReadOnly):
    list_display = ("at", "actor", "verb", "subject", "chained_at", "set_aside_at")


site = Site(name="admin")
site.register([Account, AutoApprovalPolicy, ChainWalk, Checkpoint, Delegation, Notification, Stage], ReadOnly)
site.register([Contractor, Principal, Group, Heartbeat], ReadOnly)
site.register(User, People)
site.register(Role, Roles)
site.register(RoleChange, RoleChanges)
site.register(Request, Requests)
site.register(Decision, Decisions)
site.register(Grant, Grants)
site.register(Issuance, Issuances)
site.register(BreakGlassPolicy, BreakGlassPolicies)
site.register(BreakGlassGrant, BreakGlassGrants)
site.register(Certification, Certifications)
site.register(AuditEvent, AuditEvents)
site.register(SpooledEvent, SpooledEvents)
