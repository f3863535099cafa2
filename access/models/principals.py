"""AWS identities of contractors, and the nonces with which they prove them."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Literal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from access import arns, pauses
from access.models.people import Contractor, User
from access.rules.facts import IdentityFacts

HOUR = timedelta(hours=1)


def new_nonce() -> str:
    """Return a fresh nonce: 160 random bits as hex, which every shell takes without quotes."""
    return secrets.token_hex(20)


class Principal(models.Model):
    """An IAM user, role or session of the contractor, in their own account, and how we know that it is theirs."""

    class Proof(models.TextChoices):
        TYPED = "typed", _("not proven")
        SIGNED = "signed", _("proven by a signed request")
        VOUCHED = "vouched", _("vouched for")

    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, related_name="principals")
    arn = models.CharField("ARN", max_length=arns.ARN_MAX_LENGTH)
    unique_id = models.CharField(
        max_length=128, blank=True, help_text="AIDA…, AROA… or AROA…:<session>, known once it is proven."
    )
    proof = models.CharField(max_length=10, choices=Proof, default=Proof.TYPED)
    proven_at = models.DateTimeField(null=True, blank=True)
    vouched_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    vouched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("contractor", "arn", name="principal_arn_unique_per_contractor"),
            models.CheckConstraint(
                name="principal_proven_has_id_and_time",
                condition=Q(proof="signed", proven_at__isnull=False) & ~Q(unique_id="")
                | (~Q(proof="signed") & Q(proven_at=None, unique_id="")),
            ),
            models.CheckConstraint(
                name="principal_vouched_has_voucher_and_time",
                condition=Q(proof="vouched", vouched_by__isnull=False, vouched_at__isnull=False)
                | (~Q(proof="vouched") & Q(vouched_by=None, vouched_at=None)),
            ),
            models.CheckConstraint(name="principal_proof_known", condition=Q(proof__in=["typed", "signed", "vouched"])),
        ]

    def __str__(self) -> str:
        return self.arn

    @property
    def kind(self) -> Literal["user", "role", "session"]:
        """Return whether this is a user, a role, or one session of a role."""
        if ":assumed-role/" in self.arn:
            return "session"
        return "user" if ":user/" in self.arn else "role"

    @property
    def is_of_identity_center(self) -> bool:
        """Return whether this is a role that IAM Identity Center made, or a session of one."""
        return f"/{arns.IDENTITY_CENTER}" in self.arn

    def facts(self) -> IdentityFacts:
        """Return the frozen facts that the rules work with."""
        return IdentityFacts(
            contractor_id=self.contractor_id,
            kind=self.kind,
            partition=self.arn.split(":")[1],
            is_proven=self.proof == self.Proof.SIGNED,
            voucher_id=self.vouched_by_id,
        )

    def grounds(self) -> str:
        """Return what a decision depends on, as text: a new proof needs a new decision."""
        if self.proof == self.Proof.TYPED:
            return ""
        return f"{self.proof} {self.unique_id or self.vouched_by_id}"


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def of(self, person: User, *, since: datetime) -> "ChallengeQuerySet":
        return self.filter(person=person, created_at__gt=since)


class Challenge(models.Model):
    """A nonce for one person, to be signed once. The row outlives its use, so that nothing is accepted twice."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    nonce = models.CharField(max_length=40, unique=True, default=new_nonce, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="challenges")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("person", "created_at", name="challenge_person_created")]
        constraints = [
            models.CheckConstraint(
                name="challenge_used_after_made", condition=Q(used_at=None) | Q(used_at__gte=F("created_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"challenge of {self.person}"

    def is_open(self, *, now: datetime) -> bool:
        """Return whether it can still be used: not later than an hour after it was made."""
        return self.used_at is None and pauses.is_recent(self.created_at, within=HOUR, now=now)
