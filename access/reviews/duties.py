"""What waits for one person on the overview: what another administrator proposed, and what has to be reviewed."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from access.models import (
    AutoApprovalPolicy,
    BreakGlassGrant,
    BreakGlassPolicy,
    FactorReset,
    RoleChange,
    Stop,
    UnmanagedStatement,
    User,
)
from access.reviews.history import role_cell
from access.reviews.oversight import Oversight
from access.reviews.table import Cell


def role_changes(oversight: Oversight) -> QuerySet[RoleChange]:
    """Return the changes that this administrator can confirm."""
    found = RoleChange.objects.waiting(now=oversight.now).filter(_by_another("proposed_by", oversight))
    return found.select_related("role__account", "role__state", "proposed_by")


def role_change_cells(rows: Sequence[RoleChange]) -> list[list[Cell]]:
    return [
        [
            Cell(row.role.name, row.role.account.name, reverse("role_change", args=[row.public_id])),
            Cell(str(row.proposed_by)),
            Cell(at=row.proposed_at),
            Cell(at=row.expires_at),
        ]
        for row in rows
    ]


def auto_approval_policies(oversight: Oversight) -> QuerySet[AutoApprovalPolicy]:
    """Return the auto-approval policies that this administrator can confirm."""
    waiting = AutoApprovalPolicy.objects.filter(confirmed_at=None, ended_at=None, expires_at__gt=oversight.now)
    found = waiting.filter(_by_another("made_by", oversight))
    return found.select_related("role__account", "role__state", "company", "made_by")


def auto_approval_policy_cells(rows: Sequence[AutoApprovalPolicy]) -> list[list[Cell]]:
    return [
        [
            Cell(
                row.role.name,
                row.company.name,
                reverse("approval_settings", args=[row.role.account.account_id, row.role.name]),
            ),
            *_proposed(row.made_by, row.made_at),
        ]
        for row in rows
    ]


def break_glass_policies(oversight: Oversight) -> QuerySet[BreakGlassPolicy]:
    """Return the break-glass policies that this administrator can confirm: not their own, and none that names them."""
    waiting = BreakGlassPolicy.objects.filter(confirmed_at=None, withdrawn_at=None, expires_at__gt=oversight.now)
    named = BreakGlassPolicy.people.through.objects.filter(user=oversight.user).values("breakglasspolicy")
    found = waiting.filter(_by_another("made_by", oversight)).exclude(pk__in=named)
    return found.select_related("role__account", "role__state", "made_by")


def break_glass_policy_cells(rows: Sequence[BreakGlassPolicy]) -> list[list[Cell]]:
    return [
        [
            Cell(row.role.name, row.role.account.name, reverse("break_glass_policy", args=[row.public_id])),
            *_proposed(row.made_by, row.made_at),
        ]
        for row in rows
    ]


def lifts(oversight: Oversight) -> QuerySet[Stop]:
    """Return the stops that another administrator proposed to lift."""
    found = Stop.objects.open().filter(_by_another("lift_proposed_by", oversight), lift_proposed_at__isnull=False)
    return found.select_related("role__state", "account", "company", "person", "lift_proposed_by")


def lift_cells(rows: Sequence[Stop]) -> list[list[Cell]]:
    return [
        [
            Cell(str(row), row.get_scope_display(), reverse("stop", args=[row.public_id])),
            Cell(str(row.lift_proposed_by)),
            Cell(at=row.lift_proposed_at),
        ]
        for row in rows
    ]


def factor_resets(oversight: Oversight) -> QuerySet[FactorReset]:
    """Return the resets of second factors that this administrator can confirm."""
    found = FactorReset.objects.waiting(now=oversight.now).filter(_by_another("proposed_by", oversight))
    return found.exclude(person=oversight.user).select_related("person", "proposed_by")


def factor_reset_cells(rows: Sequence[FactorReset]) -> list[list[Cell]]:
    return [
        [
            Cell(str(row.person), row.person.email, reverse("factor_reset", args=[row.person.public_id])),
            Cell(str(row.proposed_by)),
            Cell(at=row.proposed_at),
        ]
        for row in rows
    ]


def held_statements(oversight: Oversight) -> QuerySet[UnmanagedStatement]:
    """Return the statements that an administrator has to accept, or to remove in AWS."""
    held = UnmanagedStatement.objects.open().filter(kind=UnmanagedStatement.Kind.HELD, accepted_at=None)
    return held.filter(oversight.of_roles("role")).select_related("role__account", "role__state", "accepted_by")


def break_glass_grants(oversight: Oversight) -> QuerySet[BreakGlassGrant]:
    """Return the break-glass grants of others that are over, and that nobody has reviewed."""
    over = Q(request__grant__revoked_at__isnull=False) | Q(request__grant__ends_at__lte=oversight.now)
    found = BreakGlassGrant.objects.filter(over, oversight.of_roles("request__role"), reviewed_at=None)
    found = found.exclude(person=oversight.user)
    return found.select_related("request__role__account", "request__role__state", "person")


def break_glass_grant_cells(rows: Sequence[BreakGlassGrant]) -> list[list[Cell]]:
    return [
        [
            Cell(str(row.person), url=reverse("break_glass_grant", args=[row.request.public_id])),
            role_cell(row.request.role),
            Cell(at=row.used_at),
        ]
        for row in rows
    ]


def _by_another(field: str, oversight: Oversight) -> Q:
    """Return the filter for what another person proposed who is still an administrator: two answer for it."""
    still = Q(**{f"{field}__is_active": True, f"{field}__is_staff": True, f"{field}__contractor": None})
    return still & ~Q(**{field: oversight.user})


def _proposed(by: User, at: datetime) -> tuple[Cell, Cell]:
    return Cell(str(by)), Cell(at=at)
