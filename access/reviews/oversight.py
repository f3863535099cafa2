"""Whose access one person oversees: administrators everybody's, approvers that of the roles that they approve now."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from access.models import Contractor, Grant, Request, Role, User
from access.rules.people import can_administer


@dataclass(frozen=True, slots=True)
class Oversight:
    """What one person sees on the overview: `everything`, or the roles that they approve now, by database ids.

    `family` are these roles and their overflow roles.
    """

    user: User
    now: datetime
    everything: bool
    roles: frozenset[int] = frozenset()
    family: frozenset[int] = frozenset()

    @classmethod
    def of(cls, user: User, *, now: datetime) -> "Oversight | None":
        """Return what this person oversees now; None for contractors and people who oversee nothing."""
        if Contractor.objects.filter(user=user).exists():
            return None
        if can_administer(user.facts()):
            return cls(user, now, everything=True)
        roles = frozenset(Role.objects.approved_by(user, now=now).values_list("pk", flat=True))
        overflow = Role.objects.filter(overflow_of__in=roles).values_list("pk", flat=True) if roles else ()
        return cls(user, now, everything=False, roles=roles, family=roles.union(overflow)) if roles else None

    def of_roles(self, path: str) -> Q:
        """Return the filter for rows whose role, at the end of `path`, this person oversees."""
        return Q() if self.everything else Q(**{f"{path}__in": self.family})

    def all_roles(self) -> QuerySet[Role]:
        return Role.objects.select_related("account", "overflow_of").filter(self.of_roles("pk"))

    def open_grants(self) -> QuerySet[Grant]:
        """Return the grants that are not known to have ended."""
        return Grant.objects.filter(self.of_roles("role"), removed_at=None)

    def waiting(self) -> QuerySet[Request]:
        """Return the requests that still wait for a decision."""
        return Request.objects.waiting(now=self.now).filter(self.of_roles("role"))
