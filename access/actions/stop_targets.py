"""What a stop covers: the grants, requests, policies, people and roles in a scope."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from access.lifecycle import RequestState
from access.models import (
    Account,
    AutoApprovalPolicy,
    BreakGlassPolicy,
    Company,
    Contractor,
    Grant,
    Request,
    Role,
    Stop,
    User,
)
from access.rules.stopping import (
    Scope,
    check_can_stop_anything,
    check_can_stop_contractor,
    check_can_stop_role,
    check_can_stop_sponsored,
)

_ROLES = {Scope.ROLE, Scope.ACCOUNT, Scope.EVERYTHING}


@dataclass(frozen=True, slots=True)
class Target:
    """A scope, and the role, account, company or person that it names; None for everything."""

    scope: Scope
    named: Role | Account | Company | User | None = None

    @property
    def key(self) -> int:
        """Return the database id of what is named; 0, which no row has, for everything."""
        return self.named.pk if self.named else 0

    def columns(self) -> dict[str, Any]:
        """Return the values of the columns of `Stop` that say what it covers."""
        column = {Scope.SPONSOR: "person", Scope.EVERYTHING: ""}.get(self.scope, self.scope.value)
        return {"scope": self.scope.value} | ({column: self.named} if column else {})

    def open_stop(self) -> Stop | None:
        """Return the stop in force with exactly this scope, if there is one."""
        return Stop.objects.open().filter(**self.columns()).first()

    def contractor(self) -> Contractor | None:
        """Return the contractor whom the scope of one person names; None for an internal user and other scopes."""
        return getattr(self.named, "contractor", None) if self.scope is Scope.PERSON else None

    def contractors(self) -> QuerySet[Contractor]:
        """Return the contractors by whom the scope is defined; none where roles define it."""
        whose = {
            Scope.COMPANY: Q(company=self.key),
            Scope.PERSON: Q(user=self.key),
            Scope.SPONSOR: Q(sponsor=self.key),
        }.get(self.scope)
        return Contractor.objects.none() if whose is None else Contractor.objects.filter(whose).order_by("pk")

    def _roles(self, prefix: str) -> Q:
        """Return the filter for the scope's roles, seen from a model that reaches a role by `prefix`."""
        if self.scope is Scope.ROLE:
            family = Q(**{f"{prefix}pk": self.key})
            return family | Q(**{f"{prefix}overflow_of": self.key})
        return Q(**{f"{prefix}account": self.key}) if self.scope is Scope.ACCOUNT else Q()

    def _people(self) -> Q:
        whose = {
            Scope.COMPANY: Q(contractor__company=self.key),
            Scope.PERSON: Q(contractor__user=self.key),
            Scope.SPONSOR: Q(contractor__sponsor=self.key),
        }
        return whose[self.scope]

    def grants(self, *, now: datetime) -> QuerySet[Grant]:
        """Return the grants that can be ended. An internal user has those that they gave themselves."""
        if self.scope in _ROLES:
            covered = self._roles("role__") | self._roles("request__role__")
        elif self.scope is Scope.PERSON:
            covered = self._people() | Q(contractor=None, request__requester=self.key)
        else:
            covered = self._people()
        return Grant.objects.filter(covered).to_end(now=now).order_by("pk")

    def requests(self) -> QuerySet[Request]:
        """Return the pending requests."""
        covered = self._roles("role__") if self.scope in _ROLES else self._people()
        return Request.objects.filter(covered, state=RequestState.PENDING).order_by("pk")

    def auto_approval_policies(self, *, now: datetime) -> QuerySet[AutoApprovalPolicy]:
        """Return the policies that approve requests in the scope, or would after a confirmation."""
        rows = AutoApprovalPolicy.objects.filter(ended_at=None, expires_at__gt=now).order_by("pk")
        if self.scope in _ROLES:
            return rows.filter(self._roles("role__"))
        return rows.filter(company=self.key) if self.scope is Scope.COMPANY else rows.none()

    def break_glass_policies(self, *, now: datetime) -> QuerySet[BreakGlassPolicy]:
        """Return the policies for the scope's roles, or that name nobody but its person: others stay for the others."""
        rows = BreakGlassPolicy.objects.filter(withdrawn_at=None, expires_at__gt=now).order_by("pk")
        if self.scope in _ROLES:
            return rows.filter(self._roles("role__"))
        if self.scope is not Scope.PERSON:
            return rows.none()
        others = BreakGlassPolicy.people.through.objects.exclude(user=self.key).values("breakglasspolicy")
        return rows.filter(people=self.key).exclude(pk__in=others)

    def roles(self, *, now: datetime) -> QuerySet[Role]:
        """Return the roles on which something can be requested, granted or used that the scope covers."""
        if self.scope in _ROLES:
            return Role.objects.filter(self._roles("")).order_by("pk")
        used = Q(pk__in=self.grants(now=now).values("role")) | Q(pk__in=self.requests().values("role"))
        used |= Q(pk__in=self.auto_approval_policies(now=now).values("role"))
        if self.scope is Scope.PERSON:
            named = BreakGlassPolicy.objects.filter(people=self.key).values("role")
            used |= Q(pk__in=named) | Q(overflow_of__in=named)
        return Role.objects.filter(used).order_by("pk")


def check_can_stop(by: User, target: Target, *, now: datetime) -> None:
    """Raise Refused unless this person can stop this: administrators anything, approvers their roles, sponsors their
    contractors.
    """
    person, contractor = by.facts(), target.contractor()
    if isinstance(target.named, Role):
        check_can_stop_role(person, target.named.settings(), now=now)
    elif contractor is not None:
        check_can_stop_contractor(person, contractor.sponsor_id)
    elif target.scope is Scope.SPONSOR and target.named is not None:
        check_can_stop_sponsored(person, target.named.pk)
    else:
        check_can_stop_anything(person)


def target_of(stop: Stop) -> Target:
    """Return what a stop covers."""
    return Target(Scope(stop.scope), stop.role or stop.account or stop.company or stop.person)
