"""Break-glass: standing rules that two administrators approve beforehand, and the uses that somebody looks at later."""

import hashlib
import json
import uuid
from datetime import datetime, timedelta

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q

from access.models.catalogue import Role
from access.models.grants import Request
from access.models.people import Deputy, User
from access.rules import LONGEST_EMERGENCY, REASON_MAX_LENGTH, StandingRuleFacts


class StandingRuleQuerySet(models.QuerySet["StandingRule"]):
    def in_force(self, *, now: datetime) -> "StandingRuleQuerySet":
        """Give those that two administrators have approved and that are neither withdrawn nor over."""
        return self.filter(confirmed_at__isnull=False, withdrawn_at=None, expires_at__gt=now, role__is_active=True)


class StandingRule(models.Model):
    """Which people inside may give themselves a role in an emergency, and for how long at most.

    One administrator makes it, another one confirms it; until then it lets nobody do anything. Only those two facts and
    its withdrawal are ever written to it again.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="standing_rules")
    people = models.ManyToManyField(User, related_name="standing_rules")
    longest = models.DurationField(default=LONGEST_EMERGENCY)
    reason = models.TextField(validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    expires_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = StandingRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="standing_rule_at_most_an_hour",
                condition=Q(longest__gt=timedelta(0), longest__lte=LONGEST_EMERGENCY),
            ),
            models.CheckConstraint(name="standing_rule_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="standing_rule_expires", condition=Q(expires_at__gt=F("made_at"))),
            models.CheckConstraint(
                name="nobody_confirms_his_own_standing_rule",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")),
            ),
            models.CheckConstraint(
                name="standing_rule_confirmed_facts_together",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="standing_rule_withdrawn_facts_together",
                condition=Q(withdrawn_by=None, withdrawn_at=None)
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"break-glass on {self.role}"

    def content_hash(self) -> str:
        """Give the SHA-256 of what the rule says, as hex; whoever confirms it names what he was shown."""
        people = sorted(self.people.values_list("email", flat=True))
        content = [str(self.public_id), self.role.arn, people, self.longest.total_seconds(), self.reason]
        text = json.dumps([*content, self.expires_at.isoformat(), self.made_by_id], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def answering(self, *, now: datetime) -> models.QuerySet[User]:
        """Give those who are told of a use and can stop it: who decides about the role, deputies, administrators."""
        deciders = self.role.deciders().values("pk")
        deputies = Deputy.objects.in_force(now=now).filter(approver__in=deciders).values("deputy")
        inside = User.objects.filter(is_active=True, contractor=None)
        return inside.filter(Q(pk__in=deciders) | Q(pk__in=deputies) | Q(is_staff=True)).order_by("name", "email")

    def facts(self) -> StandingRuleFacts:
        """Give the frozen facts that the rules work with, read now."""
        return StandingRuleFacts(
            role=self.role.rules(),
            person_ids=frozenset(self.people.values_list("pk", flat=True)),
            longest=self.longest,
            expires_at=self.expires_at,
            made_by_id=self.made_by_id,
            is_confirmed=self.confirmed_at is not None,
            is_withdrawn=self.withdrawn_at is not None,
        )


class EmergencyUse(models.Model):
    """One use of a standing rule: whose it was, who was told of it, and what somebody else says of it afterwards."""

    class Verdict(models.TextChoices):
        FINE = "fine", "fine"
        NOT_FINE = "not_fine", "not fine"

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="emergency_use")
    standing_rule = models.ForeignKey(StandingRule, on_delete=models.PROTECT, related_name="uses")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergency_uses")
    used_at = models.DateTimeField()
    told = models.JSONField(default=list, blank=True, help_text="Addresses to which the letter went.")
    untold = models.JSONField(default=list, blank=True, help_text="Addresses to which no letter went yet.")
    told_at = models.DateTimeField(null=True, blank=True, help_text="When the letter had gone to all.")
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    remark = models.TextField(blank=True, validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", condition=Q(reviewed_at=None), name="one_unreviewed_emergency_use_of_a_person"
            ),
            models.CheckConstraint(
                name="nobody_reviews_his_own_emergency_use",
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("person")),
            ),
            models.CheckConstraint(
                name="emergency_use_reviewed_facts_together",
                condition=Q(verdict="", remark="", reviewed_by=None, reviewed_at=None)
                | (
                    Q(verdict__in=["fine", "not_fine"], reviewed_by__isnull=False, reviewed_at__isnull=False)
                    & ~Q(remark="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} broke the glass"
