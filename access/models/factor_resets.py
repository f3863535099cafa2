"""Resets of lost second factors: proposed by one administrator, confirmed by another, or made by a command."""

import uuid
from datetime import datetime

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q

from access.models.people import User
from access.rules.factor_resets import PROPOSAL_LASTS, ResetFacts
from access.rules.facts import REASON_MAX_LENGTH


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def waiting(self, *, now: datetime) -> "FactorResetQuerySet":
        """Return the proposals that a second administrator can confirm now."""
        return self.filter(done_at=None, withdrawn_at=None, proposed_at__lte=now, proposed_at__gt=now - PROPOSAL_LASTS)


class FactorReset(models.Model):
    """One reset: of whom, why, who proposed it and who confirmed it. One that a command made names nobody."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    reason = models.TextField(validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    is_by_command = models.BooleanField(default=False)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="factor_reset_by_two_others",
                condition=Q(proposed_by=None, confirmed_by=None)
                | (~Q(proposed_by=F("person")) & Q(confirmed_by=None))
                | (~Q(proposed_by=F("person")) & ~Q(confirmed_by=F("person")) & ~Q(proposed_by=F("confirmed_by"))),
            ),
            models.CheckConstraint(
                name="factor_reset_facts_together",
                condition=Q(
                    is_by_command=True,
                    proposed_by=None,
                    confirmed_by=None,
                    done_at__isnull=False,
                    withdrawn_by=None,
                    withdrawn_at=None,
                )
                | Q(
                    is_by_command=False,
                    proposed_by__isnull=False,
                    confirmed_by__isnull=False,
                    done_at__isnull=False,
                    withdrawn_by=None,
                    withdrawn_at=None,
                )
                | Q(is_by_command=False, proposed_by__isnull=False, confirmed_by=None, done_at=None, withdrawn_at=None)
                & Q(withdrawn_by=None)
                | Q(
                    is_by_command=False,
                    proposed_by__isnull=False,
                    confirmed_by=None,
                    done_at=None,
                    withdrawn_at__isnull=False,
                ),
            ),
            models.CheckConstraint(name="factor_reset_has_a_reason", condition=~Q(reason="")),
            models.UniqueConstraint(
                "person", condition=Q(done_at=None, withdrawn_at=None), name="factor_reset_is_open_once_for_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"reset of {self.person}"

    def facts(self) -> ResetFacts:
        """Return the frozen facts that the rules work with, the proposer read now."""
        if self.proposed_by is None:
            raise TypeError("a command has no proposal")
        is_settled = self.done_at is not None or self.withdrawn_at is not None
        return ResetFacts(self.person_id, self.proposed_by.facts(), self.proposed_at, is_settled)
