"""Imported roles that principals without a grant can assume."""

from collections.abc import Sequence

from access import explain, wording
from access.explain import Finding, Weight
from access.models import Role
from access.reviews.history import role_cell
from access.reviews.scope import Scope
from access.reviews.table import Cell, ReportFilter

_LOUD = (Weight.HIGH, Weight.MEDIUM)
_TONES = {Weight.HIGH: "bad", Weight.MEDIUM: "warning"}

Row = tuple[Role, list[Finding]]


def overly_permissive(scope: Scope, _report_filter: ReportFilter) -> list[Row]:
    """Return the imported roles whose trust policy, as AWS was last read, is wide or wrong, the weightiest first."""
    imported = scope.roles().filter(is_managed=False, state__observed_trust__isnull=False).order_by("name")
    found = [(role, _findings(role)) for role in imported.defer("permissions", "state__observed_expiry_policy")]
    return sorted([row for row in found if row[1]], key=lambda row: (row[1][0].weight.rank, -len(row[1])))


def overly_permissive_cells(rows: Sequence[Row], _scope: Scope) -> list[list[Cell]]:
    return [
        [
            role_cell(role),
            Cell(wording.weight(found[0].weight), tone=_TONES[found[0].weight]),
            Cell(found[0].sentence, found[0].fix),
            Cell(str(len(found) - 1) if len(found) > 1 else ""),
            Cell(at=role.state.observed_at),
        ]
        for role, found in rows
    ]


def _findings(role: Role) -> list[Finding]:
    found = explain.find_in_trust(role.state.observed_trust or {}, account_id=role.account.account_id)
    return [finding for finding in found if finding.weight in _LOUD]
