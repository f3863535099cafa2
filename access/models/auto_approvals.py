"""Auto-approval policies with a budget: one administrator creates a policy, and another one confirms it."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from access.models.catalogue import Role
from access.models.hours import HoursColumns, hours_are_whole
from access.models.people import Company, User
from access.rules.auto_approvals import AutoApprovalPolicyFacts


class AutoApprovalPolicy(HoursColumns):
    """What is auto-approved: this role, for this company, so long, so often. Its terms never change."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="auto_approval_policies")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="auto_approval_policies")
    longest_window = models.DurationField()
    per_week = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Requests in seven days.")
    hours_per_week = models.DurationField(null=True, blank=True, help_text="Their windows in seven days, added up.")
    expires_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            hours_are_whole("auto_approval_policy_hours_whole"),
            models.CheckConstraint(
                name="auto_approval_policy_confirmed_by_another",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("made_by"))),
            ),
            models.CheckConstraint(
                name="auto_approval_policy_ended_by_somebody",
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="auto_approval_policy_has_a_budget",
                condition=(Q(per_week__isnull=False) | Q(hours_per_week__isnull=False))
                & (Q(per_week=None) | Q(per_week__gte=1))
                & (Q(hours_per_week=None) | Q(hours_per_week__gt=timedelta(0))),
            ),
            models.CheckConstraint(
                name="auto_approval_policy_window_positive", condition=Q(longest_window__gt=timedelta(0))
            ),
            models.CheckConstraint(name="auto_approval_policy_expires", condition=Q(expires_at__gt=F("made_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.company}"

    def facts(self) -> AutoApprovalPolicyFacts:
        """Return the frozen facts that the rules work with."""
        return AutoApprovalPolicyFacts(
            role_id=self.role_id,
            company_id=self.company_id,
            longest_window=self.longest_window,
            hours=self.office_hours(),
            per_week=self.per_week,
            hours_per_week=self.hours_per_week,
            expires_at=self.expires_at,
            made_by=self.made_by_id,
            confirmed_by=self.confirmed_by_id,
            is_ended=self.ended_at is not None,
        )
