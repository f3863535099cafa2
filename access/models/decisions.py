"""Decisions: who decided, in whose place, by which policy, and on which content."""

from datetime import timedelta
from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from access.models.people import User
from access.models.requests import Request
from access.rules.facts import REASON_MAX_LENGTH, CastVote, Terms
from access.rules.windows import AnyWindow, Window
from access.texts.text import Text


class DecisionManager(models.Manager["Decision"]):
    def get_queryset(self) -> models.QuerySet["Decision"]:
        """Return them with who decided: nobody asks for the one without the other."""
        return super().get_queryset().select_related("approver", "delegate_of")


class Decision(models.Model):
    """An approval or denial, bound to the content that was shown: by an approver, their delegate, or a policy; with
    terms of its own for an approval with changes.
    """

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("approved")
        DENY = "deny", _("denied")

    # How audit events call them, in every language.
    VERBS: ClassVar = {"approve": "decision.approved", "deny": "decision.denied"}

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="decisions")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    delegate_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    auto_approval_policy = models.ForeignKey(
        "AutoApprovalPolicy", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    stage = models.PositiveSmallIntegerField(default=1)
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    content_hash = models.CharField(max_length=64)
    reason = models.TextField(blank=True, validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    decided_at = models.DateTimeField()
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    length = models.DurationField(null=True, blank=True, help_text="Of a window that begins with the approval.")
    asks_mfa = models.BooleanField(default=False)
    source_cidrs = models.JSONField(default=list, blank=True)

    objects = DecisionManager()

    class Meta:
        indexes = [models.Index("auto_approval_policy", "decided_at", name="decision_policy_decided")]
        constraints = [
            models.UniqueConstraint("request", "approver", "content_hash", name="one_decision_per_approver_and_terms"),
            models.CheckConstraint(
                name="decision_window_together",
                condition=Q(starts_at=None, ends_at=None, length=None, asks_mfa=False)
                | Q(
                    verdict="approve",
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                    length=None,
                )
                | Q(verdict="approve", starts_at=None, ends_at=None, length__isnull=False, length__gt=timedelta(0)),
            ),
            models.UniqueConstraint(
                "request", Coalesce("delegate_of", "approver"), "content_hash", name="one_decision_per_vote_and_terms"
            ),
            models.UniqueConstraint("request", condition=Q(approver=None), name="one_decision_by_a_policy"),
            models.CheckConstraint(name="nobody_decides_their_own_request", condition=~Q(approver=F("requester"))),
            models.CheckConstraint(
                name="decision_by_a_person_or_a_policy",
                condition=Q(approver__isnull=False, auto_approval_policy=None)
                | Q(approver=None, delegate_of=None, auto_approval_policy__isnull=False, verdict="approve"),
            ),
            models.CheckConstraint(
                name="decision_delegate_of_somebody_else",
                condition=~Q(delegate_of=F("approver")) & ~Q(delegate_of=F("requester")),
            ),
            models.CheckConstraint(name="decision_stage_positive", condition=Q(stage__gte=1)),
            models.CheckConstraint(name="decision_verdict_known", condition=Q(verdict__in=["approve", "deny"])),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.get_verdict_display()}"

    @property
    def by(self) -> str:
        """Return who decided, as pages show it."""
        if self.approver is None:
            return str(Text("decided_by_policy"))
        if self.delegate_of:
            return str(Text("decided_as_delegate", {"person": str(self.approver), "approver": str(self.delegate_of)}))
        return str(self.approver)

    def vote(self) -> CastVote:
        """Return the frozen facts of a person's decision; an approval by a policy is no vote and needs no others."""
        if self.approver is None:
            raise TypeError("a rule has no vote among people")
        return CastVote(self.approver.pk, self.stage, self.delegate_of_id, self.approver.is_active)

    @property
    def reduces_terms(self) -> bool:
        """Return whether this is an approval with changes."""
        return self.starts_at is not None or self.length is not None

    def terms(self) -> Terms:
        """Return the terms of an approval with changes; raises ValueError for any other decision."""
        if self.starts_at is not None and self.ends_at is not None:
            window: AnyWindow = Window(self.starts_at, self.ends_at)
        elif self.length is not None:
            window = self.request.window(self.length)
        else:
            raise ValueError("this decision is about the terms that stood")
        return Terms(window, self.asks_mfa, tuple(self.source_cidrs))
