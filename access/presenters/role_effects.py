"""What a proposed change of a role means: its permissions in words before and after, and its new findings."""

from dataclasses import dataclass
from typing import Any

from access.explain import Finding
from access.models import Role, RoleChange
from access.presenters import permissions
from access.texts.text import Text

_PERMISSIONS = ("permissions", "policy_arns")


@dataclass(frozen=True, slots=True)
class RoleEffects:
    """The sentences that a change adds, removes and keeps, and all findings afterwards: the new ones apart."""

    added: list[Text]
    removed: list[Text]
    kept: list[Text]
    new_findings: dict[str, Any]
    old_findings: dict[str, Any]

    @property
    def has_findings(self) -> bool:
        return bool(self.new_findings["first"] or self.old_findings["first"])


def build_effects(change: RoleChange) -> RoleEffects | None:
    """Return what the change means for the role's permissions; None for a change that leaves them as they are."""
    if not set(_PERMISSIONS) & set(change.after):
        return None
    before, after = (_chosen(change.role, values) for values in (change.before, change.after))
    old_words, new_words = before["permissions"], after["permissions"]
    old, new = _findings(before), _findings(after)
    return RoleEffects(
        added=[one for one in new_words if one not in old_words],
        removed=[one for one in old_words if one not in new_words],
        kept=[one for one in new_words if one in old_words],
        new_findings=permissions.shown([one for one in new if one not in old]),
        old_findings=permissions.shown([one for one in new if one in old]),
    )


def _chosen(role: Role, values: dict[str, Any]) -> dict[str, Any]:
    policy, arns = (values.get(name, getattr(role, name)) for name in _PERMISSIONS)
    return permissions.chosen(policy, arns)


def _findings(chosen: dict[str, Any]) -> list[Finding]:
    return [*chosen["findings"]["first"], *chosen["findings"]["others"]]
