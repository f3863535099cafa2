"""Yes and no: whose, in whose place, by which rule, and of what exactly."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from access.models.grants import Request
from access.models.people import User
from access.rules import REASON_MAX_LENGTH, Terms, Vote


class DecisionManager(models.Manager["Decision"]):
    def get_queryset(self) -> models.QuerySet["Decision"]:
        """Give them with who decided: nobody asks for the one without the other."""
        return super().get_queryset().select_related("approver", "deputy_of")


class Decision(models.Model):
    """One yes or no, bound to the content that was shown: an approver's, his deputy's, or the yes of a rule; with terms
    of its own where he narrowed it.
    """

    class Verdict(models.TextChoices):
        APPROVE = "approve", "approved"
        DENY = "deny", "denied"

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="decisions")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    deputy_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.ForeignKey("AutoApproval", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    stage = models.PositiveSmallIntegerField(default=1)
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    content_hash = models.CharField(max_length=64)
    reason = models.TextField(blank=True, validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    decided_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    asks_mfa = models.BooleanField(default=False)
    source_cidrs = models.JSONField(default=list, blank=True)

    objects = DecisionManager()

    class Meta:
        indexes = [models.Index("rule", "decided_at", name="decision_rule_decided")]
        constraints = [
            models.UniqueConstraint("request", "approver", "content_hash", name="one_decision_per_approver_and_terms"),
            models.CheckConstraint(
                name="decision_window_together",
                condition=Q(starts_at=None, ends_at=None, asks_mfa=False)
                | Q(verdict="approve", starts_at__isnull=False, ends_at__isnull=False, ends_at__gt=F("starts_at")),
            ),
            models.UniqueConstraint(
                "request", Coalesce("deputy_of", "approver"), "content_hash", name="one_decision_per_voice_and_terms"
            ),
            models.UniqueConstraint("request", condition=Q(approver=None), name="one_decision_by_a_rule"),
            models.CheckConstraint(name="nobody_decides_his_own_request", condition=~Q(approver=F("requester"))),
            models.CheckConstraint(
                name="decision_by_a_person_or_a_rule",
                condition=Q(approver__isnull=False, rule=None)
                | Q(approver=None, deputy_of=None, rule__isnull=False, verdict="approve"),
            ),
            models.CheckConstraint(
                name="nobody_is_his_own_deputy_nor_the_requesters",
                condition=~Q(deputy_of=F("approver")) & ~Q(deputy_of=F("requester")),
            ),
            models.CheckConstraint(name="decision_stage_positive", condition=Q(stage__gte=1)),
            models.CheckConstraint(name="decision_verdict_known", condition=Q(verdict__in=["approve", "deny"])),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.get_verdict_display()}"

    @property
    def by(self) -> str:
        """Who decided, as people read it."""
        if self.approver is None:
            return "An auto-approval rule"
        return f"{self.approver} as deputy of {self.deputy_of}" if self.deputy_of else str(self.approver)

    def vote(self) -> Vote:
        """Give the frozen facts of a person's yes or no; a rule's yes needs no other and is no vote."""
        if self.approver is None:
            raise TypeError("a rule has no voice among people")
        return Vote(self.approver.pk, self.stage, self.deputy_of_id, self.approver.is_active)

    @property
    def narrows(self) -> bool:
        """Whether this yes was to less than what stood before."""
        return self.starts_at is not None

    def terms(self) -> Terms:
        """Give the terms of a yes that narrows; raises ValueError for any other decision, which has none of its own."""
        if self.starts_at is None or self.ends_at is None:
            raise ValueError("this decision is about the terms that stood")
        return Terms(self.starts_at, self.ends_at, self.asks_mfa, tuple(self.source_cidrs))
