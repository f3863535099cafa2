"""Changes of a role that wait for a second administrator: the old and new values of fields."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from access import pauses
from access.models import stages
from access.models.catalogue import Role
from access.models.people import User

STAGES = "further_stages"  # rows of their own that change together with the role, in one list
OPEN_FOR = timedelta(days=7)  # a proposal that nobody answered expires

# The fields of a role that administrators can change. All others belong to the worker, or identify the role.
CHANGEABLE = frozenset(
    {
        "allows_console",
        "allows_own_identity",
        "allows_portal_issued",
        "allows_vouched",
        "approver_groups",
        "approvers",
        "contractors",
        "description",
        "expiry_not_enforceable",
        "external_id",
        "factor_minutes",
        "first_reminder",
        "further_stages",
        "is_active",
        "issues_per_hour",
        "expires_after",
        "largest_share",
        "latest_start",
        "live_sessions",
        "longest_window",
        "max_session_seconds",
        "office_closes",
        "office_days",
        "office_opens",
        "office_zone",
        "permissions",
        "policy_arns",
        "quorum",
        "requires_mfa",
        "source_networks",
        "source_rule",
        "allows_overflow",
        "ticket_example",
        "ticket_pattern",
    }
)


def frozen(name: str, value: Any) -> Any:
    """Return what a field of a role is to be as JSON holds it: rows as their ids, a length of time as ISO 8601."""
    if name == STAGES:
        return [stages.plain(one) for one in value]
    if _field(name).many_to_many:
        return sorted(getattr(one, "pk", one) for one in value)
    return json.loads(json.dumps(getattr(value, "pk", value), cls=DjangoJSONEncoder))


def value_in(role: Role, name: str) -> Any:
    """Return a field of a role as JSON holds it."""
    if name == STAGES:
        return frozen(name, [stage.values() for stage in role.further_stages.all()])
    if _field(name).many_to_many:
        return frozen(name, getattr(role, name).all())
    return frozen(name, _field(name).value_from_object(role))


def put(role: Role, values: Mapping[str, Any]) -> None:
    """Set fields of a role without saving it; the caller saves it and sets its lists of other rows."""
    for name, value in values.items():
        if not (name == STAGES or lists_rows(name)):
            setattr(role, _field(name).attname, _field(name).to_python(value))


def lists_rows(name: str) -> bool:
    """Return whether the field is a list of other rows: people, groups."""
    return name != STAGES and bool(_field(name).many_to_many)


def rows_of(name: str, keys: Any) -> models.QuerySet[Any]:
    """Return the rows of a field that lists rows, by their ids."""
    rows: models.QuerySet[Any] = _field(name).related_model.objects.filter(pk__in=keys)
    return rows.order_by("pk")


def _field(name: str) -> Any:
    """Return Django's description of a field, whose types are not the same for all kinds of fields."""
    return Role._meta.get_field(name)  # noqa: SLF001  # its public name in Django


class RoleChangeQuerySet(models.QuerySet["RoleChange"]):
    def waiting(self, *, now: datetime) -> "RoleChangeQuerySet":
        """Return those that a second administrator can still confirm."""
        return self.filter(outcome="", expires_at__gt=now, proposed_at__lte=now + pauses.LARGEST_SKEW)


class RoleChange(models.Model):
    """What one administrator proposes for a role on which live grants rest, until another one has confirmed it.

    Only how it was settled is ever written to a row. One that nobody settles expires at `expires_at`.
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="changes")
    before = models.JSONField(help_text="The named fields as they were when this was proposed.")
    after = models.JSONField(help_text="The same fields as they are to be.")
    content_hash = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    objects = RoleChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_confirms_their_own_role_change",
                condition=~Q(outcome="confirmed") | (Q(settled_by__isnull=False) & ~Q(settled_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="role_change_settled_facts_together",
                condition=Q(outcome="", settled_at=None, settled_by=None)
                | (Q(outcome__in=["confirmed", "withdrawn"], settled_at__isnull=False, settled_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="role_change_expires_after_it_was_proposed", condition=Q(expires_at__gt=F("proposed_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"change of {self.role}"

    def is_waiting(self, *, now: datetime) -> bool:
        """Return whether it can still be confirmed or withdrawn."""
        return not self.outcome and self.proposed_at - pauses.LARGEST_SKEW <= now < self.expires_at

    def compute_hash(self) -> str:
        """Return the SHA-256 of what is proposed for which role, as hex; a confirmation names it."""
        content = [str(self.public_id), self.role.arn, self.before, self.after]
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
