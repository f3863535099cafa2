"""Certifications: what somebody reviewed in an access review, when, and with which result."""

import uuid
from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from access.models.catalogue import Role
from access.models.grants import Grant
from access.models.people import Contractor, User
from access.rules.facts import REASON_MAX_LENGTH

_SUBJECTS = ("grant", "role", "contractor")


class Certification(models.Model):
    """The review of a grant, a role or a contract: by whom, when, and whether it was certified. Never changed."""

    class Verdict(models.TextChoices):
        KEEP = "keep", _("kept")
        REJECT = "reject", _("rejected")

    # How audit events call them, in every language.
    VERBS: ClassVar = {"keep": "certification.kept", "reject": "certification.rejected"}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="certifications")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, blank=True, related_name="certifications")
    contractor = models.ForeignKey(
        Contractor, on_delete=models.PROTECT, null=True, blank=True, related_name="certifications"
    )
    whose = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    comment = models.TextField(blank=True, validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="certifications")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name, "at", name=f"certification_{name}_at") for name in _SUBJECTS]
        constraints = [
            models.CheckConstraint(
                name="certification_of_one_thing",
                condition=Q(grant__isnull=False, role=None, contractor=None, whose__isnull=False)
                | Q(grant=None, role__isnull=False, contractor=None, whose=None)
                | Q(grant=None, role=None, contractor__isnull=False, whose__isnull=False),
            ),
            models.CheckConstraint(name="certification_verdict_known", condition=Q(verdict__in=["keep", "reject"])),
            models.CheckConstraint(
                name="certification_rejection_has_a_comment", condition=Q(verdict="keep") | ~Q(comment="")
            ),
            models.CheckConstraint(
                name="nobody_certifies_what_is_their_own", condition=Q(whose=None) | ~Q(by=F("whose"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.by} on {self.at:%-d %b %Y}"
