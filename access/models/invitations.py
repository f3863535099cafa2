"""Invitations for contractors and internal users."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from access import pauses
from access.models.catalogue import Role
from access.models.people import Company, User

VALID_FOR = timedelta(hours=72)


class Invitation(models.Model):
    """An email to one address, answered once. Without a company it is for an internal user.

    `times_sent` is part of the link, so that sending again ends the earlier link; the link itself is stored nowhere.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("email address")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations")
    chosen_sponsor = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whom an administrator chose as the sponsor; empty when the person who invites is the sponsor.",
    )
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations")
    contract_ends_at = models.DateTimeField(null=True, blank=True)
    roles = models.ManyToManyField(Role, related_name="+", blank=True)
    makes_administrator = models.BooleanField(default=False)
    makes_sponsor = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=1)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="accepted_invitation"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invitation_contractor_has_company_end_and_sponsor",
                condition=Q(company=None, contract_ends_at=None)
                | Q(
                    company__isnull=False,
                    contract_ends_at__isnull=False,
                    invited_by__isnull=False,
                    makes_administrator=False,
                    makes_sponsor=False,
                ),
            ),
            models.CheckConstraint(
                name="invitation_acceptance_facts_together",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="invitation_only_contractors_have_a_chosen_sponsor",
                condition=Q(chosen_sponsor=None) | Q(company__isnull=False),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_open_for_an_address",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email}"

    @property
    def sponsor(self) -> User | None:
        """The sponsor of the contractor."""
        return self.chosen_sponsor or self.invited_by

    def responsible_id(self, person: User) -> int | None:
        """Return the key of the person who answers for it: this person if they are the sponsor, else who invited."""
        return person.pk if person.pk == self.chosen_sponsor_id else self.invited_by_id

    @property
    def expires_at(self) -> datetime:
        return self.sent_at + VALID_FOR

    def is_open(self, *, now: datetime) -> bool:
        """Return whether it can be answered: neither answered nor withdrawn nor too old."""
        is_new = pauses.is_recent(self.sent_at, within=VALID_FOR, now=now)
        return self.accepted_at is None and self.withdrawn_at is None and is_new
