"""Unmanaged statements of trust and expiry policies: their text, and what happened to them."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from access.models.catalogue import Role
from access.models.people import User
from access.trust import TEXT_LIMIT, Fate

RECENTLY = timedelta(days=1)


class UnmanagedQuerySet(models.QuerySet["UnmanagedStatement"]):
    def open(self) -> "UnmanagedQuerySet":
        """Return those that AWS still has, for all that is known."""
        return self.filter(settled_at=None)

    def reported(self, *, now: datetime) -> "UnmanagedQuerySet":
        """Return those that administrators are shown: what is open, and what Daypass removed in the last day."""
        removed = Q(outcome=UnmanagedStatement.Outcome.REMOVED, settled_at__gt=now - RECENTLY)
        return self.filter(Q(settled_at=None) | removed)


class UnmanagedStatement(models.Model):
    """One statement of a role's trust or expiry policy that no grant explains, from its finding to its settlement.

    `text` is its JSON in ASCII, cut at the limit, with the document's Version if that is not the usual one; `sha256` is
    the hash of the whole text. An acceptance is bound to it.
    """

    class Kind(models.TextChoices):
        REMOVED = Fate.REMOVED.value, "an Allow that Daypass removes"
        DENY = Fate.DENY.value, "a Deny that is kept"
        NO_ROOM = Fate.NO_ROOM.value, "a Deny that the expiry policy had no room for"
        HELD = Fate.HELD.value, "an Allow beside the default-deny statement"

    class Outcome(models.TextChoices):
        REMOVED = "removed", "removed by Daypass"
        GONE = "gone", "no longer in AWS"
        ACCEPTED = "accepted", "accepted"

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="unmanaged_statements")
    kind = models.CharField(max_length=10, choices=Kind)
    sid = models.CharField(max_length=128, blank=True)
    is_in_expiry_policy = models.BooleanField(default=False, help_text="Not in the trust policy.")
    text = models.TextField()
    is_cut = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)
    is_urgent = models.BooleanField(default=False, help_text="Daypass removed the same text less than an hour before.")
    found_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    objects = UnmanagedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "role", "sha256", name="unmanaged_statement_is_open_once", condition=Q(settled_at=None)
            ),
            models.CheckConstraint(
                name="unmanaged_statement_text_is_limited", condition=LessThanOrEqual(Length("text"), TEXT_LIMIT)
            ),
            models.CheckConstraint(
                name="unmanaged_statement_accepted_facts_together",
                condition=Q(accepted_by=None, accepted_at=None)
                | Q(kind="held", accepted_by__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="unmanaged_statement_settled_has_outcome",
                condition=Q(settled_at=None, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="unmanaged_statement_accepted_by_somebody",
                condition=~Q(outcome="accepted") | Q(accepted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.role}"

    @property
    def waits(self) -> bool:
        """Return whether an administrator has to accept it or remove it in AWS."""
        return self.kind == self.Kind.HELD and self.settled_at is None and self.accepted_at is None
