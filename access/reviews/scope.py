"""What one person is allowed to review."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from access.models import Contractor, Request, Role, User
from access.rules.facts import PersonFacts
from access.rules.people import can_manage, can_sponsor


@dataclass(frozen=True, slots=True)
class Scope:
    """What is one person's to answer for, by the same measure as `check_can_see`."""

    user: User
    facts: PersonFacts
    now: datetime
    approved: frozenset[int] | None = None  # the roles that they approve now, where these are known already

    @classmethod
    def of(cls, user: User, *, now: datetime, approved: frozenset[int] | None = None) -> "Scope":
        return cls(user, user.facts(), now, approved)

    @property
    def is_everything(self) -> bool:
        return self.facts.is_administrator

    def requests(self) -> QuerySet[Request]:
        """Return the requests that the person decides, and those of contractors whom they sponsor."""
        found = Request.objects.all()
        mine = self._approved("role") | Q(contractor__sponsor=self.user)
        return found if self.is_everything else found.filter(mine)

    def roles(self) -> QuerySet[Role]:
        """Return the roles for which the person approves, without their overflow roles."""
        found = Role.objects.filter(overflow_of=None).select_related("account")
        return found if self.is_everything else found.filter(self._approved("pk"))

    def contractors(self) -> QuerySet[Contractor]:
        """Return the contractors whose contracts the person can change."""
        found = Contractor.objects.select_related("user", "company", "sponsor")
        if not can_sponsor(self.facts):
            return found.none()
        return found if self.is_everything else found.filter(sponsor=self.user)

    def _approved(self, path: str) -> Q:
        """Return the filter for rows whose role, at the end of `path`, the person approves now."""
        known = Role.objects.approved_by(self.user, now=self.now) if self.approved is None else self.approved
        return Q(**{f"{path}__in": known})

    def manages(self, contractor: Contractor | None) -> bool:
        """Return whether the person can change this contractor's contract."""
        return contractor is not None and can_manage(self.facts, contractor.sponsor_id)
