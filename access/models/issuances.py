"""Deliveries of credentials and of console links; no secret is ever stored."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from access.models.grants import Grant
from access.models.people import User
from access.models.texts import ReasonColumns

HOUR = timedelta(hours=1)
LONGEST = timedelta(hours=12)  # no session of a role lives longer [STS AssumeRole DurationSeconds]


class IssuanceQuerySet(models.QuerySet["Issuance"]):
    def counted(self, *, now: datetime) -> tuple[int, int]:
        """Return how many were opened in the last hour, and how many sessions can live; one that is still asked for
        counts for both.
        """
        opened = Q(started_at__gt=now - HOUR) & ~Q(outcome=Issuance.Outcome.FAILED)
        live = Q(outcome=Issuance.Outcome.ISSUED, expires_at__gt=now) | Q(outcome=Issuance.Outcome.OPEN)
        found = self.filter(started_at__gt=now - LONGEST).aggregate(
            opened=Count("pk", filter=opened), live=Count("pk", filter=live)
        )
        return found["opened"], found["live"]


class Issuance(ReasonColumns):
    """One delivery: first the intent, then its outcome, with the reason where nothing was issued. Holds the access key
    id and the expiry, and no secret.
    """

    class Kind(models.TextChoices):
        CREDENTIALS = "credentials", _("credentials")
        CONSOLE = "console", _("console sign-in")

    class Outcome(models.TextChoices):
        OPEN = "open", _("asked AWS")
        ISSUED = "issued", _("issued")
        FAILED = "failed", _("failed")
        DISCARDED = "discarded", _("discarded")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="issuances")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="issuances")
    kind = models.CharField(max_length=12, choices=Kind)
    started_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    access_key_id = models.CharField(max_length=128, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = IssuanceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("grant", "started_at", name="issuance_grant_started")]
        constraints = [
            models.CheckConstraint(
                name="issuance_closed_has_time",
                condition=Q(outcome="open", closed_at=None) | (~Q(outcome="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="issuance_issued_has_key_and_expiry",
                condition=~Q(outcome="issued") | (~Q(access_key_id="") & Q(expires_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome} for {self.grant.session_name}"
