"""Break-glass policies, which two administrators approve in advance, and break-glass grants, which somebody reviews
afterwards.
"""

import hashlib
import json
import uuid
from datetime import datetime, timedelta

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from access.models.catalogue import Role
from access.models.people import Delegation, User
from access.models.requests import Request
from access.rules.break_glass import BreakGlassPolicyFacts
from access.rules.facts import LONGEST_BREAK_GLASS, REASON_MAX_LENGTH


class BreakGlassPolicyQuerySet(models.QuerySet["BreakGlassPolicy"]):
    def in_force(self, *, now: datetime) -> "BreakGlassPolicyQuerySet":
        """Return those that two administrators have approved and that are neither withdrawn nor over."""
        return self.filter(confirmed_at__isnull=False, withdrawn_at=None, expires_at__gt=now, role__is_active=True)


class BreakGlassPolicy(models.Model):
    """Which internal users can give themselves a role in an emergency, and for how long at most.

    One administrator makes it, another one confirms it; until then it lets nobody do anything. Only those two facts and
    its withdrawal are ever written to it again.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="break_glass_policies")
    people = models.ManyToManyField(User, related_name="break_glass_policies")
    longest = models.DurationField(default=LONGEST_BREAK_GLASS)
    reason = models.TextField(validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    expires_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = BreakGlassPolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="break_glass_policy_at_most_an_hour",
                condition=Q(longest__gt=timedelta(0), longest__lte=LONGEST_BREAK_GLASS),
            ),
            models.CheckConstraint(name="break_glass_policy_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="break_glass_policy_expires", condition=Q(expires_at__gt=F("made_at"))),
            models.CheckConstraint(
                name="break_glass_policy_confirmed_by_another",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")),
            ),
            models.CheckConstraint(
                name="break_glass_policy_confirmed_facts_together",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="break_glass_policy_withdrawn_facts_together",
                condition=Q(withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"break-glass on {self.role}"

    def content_hash(self) -> str:
        """Return the SHA-256 of the policy's content, as hex; a confirmation names what was shown."""
        people = sorted(self.people.values_list("email", flat=True))
        content = [str(self.public_id), self.role.arn, people, self.longest.total_seconds(), self.reason]
        text = json.dumps([*content, self.expires_at.isoformat(), self.made_by_id], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def responders(self, *, now: datetime) -> models.QuerySet[User]:
        """Return the people who are notified of a use and can end it: approvers, their delegates, administrators."""
        all_approvers = self.role.all_approvers().values("pk")
        delegations = Delegation.objects.in_force(now=now).filter(approver__in=all_approvers).values("delegate")
        inside = User.objects.filter(is_active=True, contractor=None)
        return inside.filter(Q(pk__in=all_approvers) | Q(pk__in=delegations) | Q(is_staff=True)).order_by(
            "name", "email"
        )

    def facts(self) -> BreakGlassPolicyFacts:
        """Return the frozen facts that the rules work with, read now."""
        return BreakGlassPolicyFacts(
            role=self.role.settings(),
            person_ids=frozenset(self.people.values_list("pk", flat=True)),
            longest=self.longest,
            expires_at=self.expires_at,
            made_by_id=self.made_by_id,
            is_confirmed=self.confirmed_at is not None,
            is_withdrawn=self.withdrawn_at is not None,
        )


class BreakGlassGrant(models.Model):
    """One use of a break-glass policy: by whom, who was notified, and what somebody else says of it
    afterwards.
    """

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", _("justified")
        NOT_JUSTIFIED = "not_justified", _("not justified")

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="break_glass_grant")
    break_glass_policy = models.ForeignKey(
        BreakGlassPolicy, on_delete=models.PROTECT, related_name="break_glass_grants"
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="break_glass_grants")
    used_at = models.DateTimeField()
    notified = models.JSONField(default=list, blank=True, help_text="Addresses to which the email went.")
    not_notified = models.JSONField(default=list, blank=True, help_text="Addresses to which no email went yet.")
    notified_at = models.DateTimeField(null=True, blank=True, help_text="When the email had gone to all.")
    verdict = models.CharField(max_length=15, choices=Verdict, blank=True)
    comment = models.TextField(blank=True, validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", condition=Q(reviewed_at=None), name="one_unreviewed_break_glass_grant_of_a_person"
            ),
            models.CheckConstraint(
                name="break_glass_grant_reviewed_by_another",
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("person")),
            ),
            models.CheckConstraint(
                name="break_glass_grant_reviewed_facts_together",
                condition=Q(verdict="", comment="", reviewed_by=None, reviewed_at=None)
                | (
                    Q(verdict__in=["justified", "not_justified"], reviewed_by__isnull=False, reviewed_at__isnull=False)
                    & ~Q(comment="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} used break-glass"
