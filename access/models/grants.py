"""Grants: the approved access, and what AWS contains for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from access import arns, trust
from access.lifecycle import PASSING_PROBLEMS, GrantFacts, GrantState, Problem, RoleFacts, grant_state
from access.models.catalogue import Role
from access.models.people import Contractor, User
from access.models.requests import Request
from access.models.texts import ProblemColumns, RevocationColumns
from access.rules.facts import LONGEST_BREAK_GLASS
from access.rules.windows import Window


def in_state(state: GrantState, *, now: datetime, prefix: str = "") -> Q:
    """Return the filter for grants in this state, as `lifecycle.grant_state` computes it for one.

    `prefix` leads to the grant from the rows that are filtered, such as "grant__".
    """

    def where(**facts: Any) -> Q:
        return Q(**{f"{prefix}{name}": value for name, value in facts.items()})

    over = where(revoked_at__isnull=False) | where(ends_at__lte=now)
    live = where(revoked_at=None, ends_at__gt=now)
    free = where(problem__in=["", *sorted(PASSING_PROBLEMS)])
    return {
        GrantState.ENDED: over & where(removed_at__isnull=False),
        GrantState.ENDING: over & where(removed_at=None),
        GrantState.BLOCKED: live & ~free,
        GrantState.SCHEDULED: live & free & where(starts_at__gt=now),
        GrantState.ACTIVATING: live & free & where(starts_at__lte=now, applied_at=None),
        GrantState.ACTIVE: live & free & where(starts_at__lte=now, applied_at__isnull=False),
    }[state]


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_documents(self, *, now: datetime) -> "GrantQuerySet":
        """Return those of `role.grants` that the role's documents speak of, in no order: open ones, and ended ones
        whose sessions may be alive.
        """
        since = now - trust.KEEP_AFTER_END
        alive = Q(removed_at=None) | Q(removed_at__gt=since) | Q(ends_at__gt=since)
        mine = [field.name for field in self.model._meta.concrete_fields]  # noqa: SLF001  # Django's documented way
        named = self.select_related("request").only(*mine, "request__public_id")
        return named.filter(alive)

    def former(
        self, shown: Mapping[str, Any] | None, *, role: RoleFacts, beside: Sequence[GrantFacts]
    ) -> frozenset[str]:
        """Return the sessions in the expiry policy `shown` of those of `role.grants` that are not in `beside`."""
        names = trust.sessions_named(role, shown) - {grant.session_name for grant in beside}
        return frozenset(self.filter(session_name__in=names).values_list("session_name", flat=True))

    def to_end(self, *, now: datetime) -> "GrantQuerySet":
        """Return those that can be ended, as `lifecycle.can_be_ended` says of one."""
        return self.filter(Q(removed_at=None) | Q(ends_at__gt=now), revoked_at=None)


class Grant(ProblemColumns, RevocationColumns):
    """What was given and what AWS holds of it: facts only, the state is computed from them."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="grant")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    break_glass_policy = models.ForeignKey(
        "BreakGlassPolicy", on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    session_name = models.CharField(max_length=16, unique=True)
    principal_arn = models.CharField(max_length=arns.ARN_MAX_LENGTH, blank=True)
    principal_unique_id = models.CharField(max_length=128, blank=True)
    portal_issued = models.BooleanField(default=False)
    external_id = models.CharField(max_length=64, blank=True)
    requires_mfa = models.BooleanField(default=False)
    source_cidrs = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_by_stop = models.ForeignKey("Stop", on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    written_at = models.DateTimeField(
        null=True, blank=True, help_text="When its statement was sent to AWS, where `applied_at` does not say so."
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True, help_text="When AWS was seen to refuse the issuer.")

    objects = GrantQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("role", "removed_at", "ends_at", name="grant_role_live"),
            models.Index("ends_at", condition=Q(removed_at=None), name="grant_open_by_end"),
            models.Index("ends_at", name="grant_by_end"),
        ]
        constraints = [
            models.CheckConstraint(name="grant_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="grant_revocation_facts_together",
                condition=Q(revoked_at=None, revoked_by=None, revoked_reason="", revoked_code="")
                | (Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_reason="", revoked_code="")),
            ),
            models.CheckConstraint(
                name="grant_ended_by_a_stop_is_revoked",
                condition=Q(ended_by_stop=None) | Q(revoked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_to_a_contractor_or_by_break_glass",
                condition=Q(contractor__isnull=False, break_glass_policy=None)
                | Q(
                    contractor=None,
                    break_glass_policy__isnull=False,
                    portal_issued=True,
                    ends_at__lte=F("starts_at") + LONGEST_BREAK_GLASS,
                ),
            ),
            models.CheckConstraint(
                name="grant_removed_only_when_over",
                condition=Q(removed_at=None) | Q(revoked_at__isnull=False) | Q(removed_at__gte=F("ends_at")),
            ),
            models.CheckConstraint(
                name="grant_refusal_seen_only_of_the_issuer_and_after_the_end",
                condition=Q(refused_at=None) | Q(portal_issued=True, removed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_own_principal_or_portal_issued",
                condition=Q(portal_issued=True, principal_arn="") | (Q(portal_issued=False) & ~Q(principal_arn="")),
            ),
            models.CheckConstraint(
                name="grant_problem_has_code",
                condition=Q(problem="", problem_code="") | (~Q(problem="") & ~Q(problem_code="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_name} on {self.role}"

    @property
    def window(self) -> Window:
        """Return from when until when it can be used."""
        return Window(self.starts_at, self.ends_at)

    def facts(self) -> GrantFacts:
        """Return the frozen facts that the pure floors work with; a portal-issued grant's principal is our issuer."""
        return GrantFacts(
            session_name=self.session_name,
            principal_arn=self.role.account.issuer_arn if self.portal_issued else self.principal_arn,
            unique_id=self.principal_unique_id,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            external_id=self.external_id,
            requires_mfa=self.requires_mfa,
            source_cidrs=tuple(self.source_cidrs),
            portal_issued=self.portal_issued,
            contractor=str(self.contractor_id or f"break-glass policy {self.break_glass_policy_id}"),
            revoked_at=self.revoked_at,
            written_at=self.written_at,
            applied_at=self.applied_at,
            removed_at=self.removed_at,
            problem=Problem(self.problem) if self.problem else "",
        )

    def state(self, *, now: datetime) -> GrantState:
        """Return the state that the facts amount to at `now`."""
        return grant_state(self.facts(), now=now)
