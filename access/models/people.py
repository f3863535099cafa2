"""People: users of the portal, contractors, and their companies."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from access.rules.facts import DelegationFacts, PersonFacts


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person with a hashed password; None means that no password opens the account."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator who also passes Django's permission checks; the rules still apply to them."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def sponsors(self) -> "models.QuerySet[User]":
        """Return the internal users who can sponsor contractors."""
        inside = self.filter(is_active=True, contractor=None)
        return inside.filter(models.Q(is_sponsor=True) | models.Q(is_staff=True)).order_by("name")


class User(AbstractUser):
    """A person who signs in, identified by email address. `is_staff` makes an administrator of the portal."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_sponsor = models.BooleanField(default=False, help_text="May invite contractors and looks after them.")
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="In which they read and enter times; empty until it is known."
    )
    language = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="Chosen by them; empty for their browser's."
    )
    browser_language = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="Last asked for by their browser; for emails."
    )
    uses_shortcuts = models.BooleanField(
        default=True, db_default=True, help_text="Single keys do something on pages; off for those whom this disturbs."
    )

    decides_again_at = models.DateTimeField(
        null=True, blank=True, help_text="Until then they decide nothing, because their second factor was reset."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def facts(self) -> PersonFacts:
        """Return the frozen facts that the rules work with, read now."""
        present = User.objects.select_related("contractor__company", "contractor__sponsor").get(pk=self.pk)
        return present.facts_as(getattr(present, "contractor", None))

    def facts_as(self, contractor: "Contractor | None") -> PersonFacts:
        """Return the frozen facts of this person as that contractor, read already, or as an internal user."""
        return PersonFacts(
            user_id=self.pk,
            is_active=self.is_active,
            is_administrator=self.is_staff,
            is_sponsor=self.is_sponsor,
            contractor_id=contractor.pk if contractor else None,
            contractor_is_active=contractor.is_effectively_active if contractor else False,
            contract_ends_at=contractor.contract_ends_at if contractor else None,
            decides_again_at=self.decides_again_at,
        )

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Company(models.Model):
    """A company outside that sends us people."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "companies"
        constraints = [models.UniqueConstraint(Lower("name"), name="company_name_unique_ignoring_case")]

    def __str__(self) -> str:
        return self.name


class Contractor(models.Model):
    """An external person: their company, their sponsor, and the contract end that limits all of their grants."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="contractor")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="contractors")
    sponsor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sponsored_contractors")
    contract_ends_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.user} ({self.company})"

    @property
    def is_effectively_active(self) -> bool:
        """Return whether neither the contractor nor their company nor their sponsor is disabled."""
        return self.is_active and self.company.is_active and self.sponsor.is_active


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self, *, now: datetime) -> "DelegationQuerySet":
        """Return the delegations that are valid now; disabled people and contractors are never delegates."""
        named = self.filter(from_at__lte=now, until_at__gt=now, ended_at=None)
        return named.filter(approver__is_active=True, delegate__is_active=True, delegate__contractor=None)


class Delegation(models.Model):
    """Who decides in whose place, and from when until when; `ended_at` is when it ended, by itself or by somebody."""

    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="received_delegations")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delegation_to_somebody_else", condition=~models.Q(approver=models.F("delegate"))
            ),
            models.CheckConstraint(
                name="delegation_until_after_from", condition=models.Q(until_at__gt=models.F("from_at"))
            ),
            models.UniqueConstraint(
                "approver", condition=models.Q(ended_at=None), name="delegation_one_at_a_time_for_an_approver"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.approver}"

    def facts(self) -> DelegationFacts:
        """Return the frozen facts that the rules work with."""
        return DelegationFacts(self.approver_id, self.delegate_id, self.from_at, self.until_at)
