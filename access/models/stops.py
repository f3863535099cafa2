"""Stops: each ends all access in a scope until two administrators lift it."""

import uuid

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access.models.accounts import Account
from access.models.catalogue import Role
from access.models.people import Company, User
from access.rules.facts import REASON_MAX_LENGTH
from access.rules.stopping import LiftFacts, StopFacts
from access.rules.stopping import Scope as ScopeName

_OBJECTS = ("role", "account", "company", "person")


def _names(*columns: str) -> Q:
    """Return the condition that exactly these columns name an object."""
    return Q(**{f"{column}__isnull": column not in columns for column in _OBJECTS})


class StopQuerySet(models.QuerySet["Stop"]):
    def open(self) -> "StopQuerySet":
        """Return those that two administrators have not lifted."""
        return self.filter(lifted_at=None)


class Stop(models.Model):
    """One stop: what it covers, who pressed the button and why. It is in force until `lifted_at`.

    One administrator proposes to lift it, another one confirms. Only these facts and the two counts are ever written to
    it again.
    """

    class Scope(models.TextChoices):
        ROLE = ScopeName.ROLE.value, _("Role")
        ACCOUNT = ScopeName.ACCOUNT.value, _("Account")
        COMPANY = ScopeName.COMPANY.value, _("Company")
        PERSON = ScopeName.PERSON.value, _("Person")
        SPONSOR = ScopeName.SPONSOR.value, _("All contractors of a sponsor")
        EVERYTHING = ScopeName.EVERYTHING.value, _("Everything")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scope = models.CharField(max_length=10, choices=Scope)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, blank=True, related_name="stops")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="stops")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True, related_name="stops")
    person = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stops",
        help_text="The person, or the sponsor whose contractors are stopped.",
    )
    reason = models.TextField(validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField()
    withdrawn_requests = models.PositiveIntegerField(default=0)
    ended_policies = models.PositiveIntegerField(default=0)
    lift_proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lift_proposed_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = StopQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stop_names_what_its_scope_needs",
                condition=Q(_names("role"), scope="role")
                | Q(_names("account"), scope="account")
                | Q(_names("company"), scope="company")
                | Q(_names("person"), scope__in=["person", "sponsor"])
                | Q(_names(), scope="everything"),
            ),
            *(
                models.UniqueConstraint(
                    *fields, condition=Q(condition, lifted_at=None), name=f"stop_is_open_once_for_{name}"
                )
                for name, fields, condition in (
                    ("a_role", ("role",), Q(scope="role")),
                    ("an_account", ("account",), Q(scope="account")),
                    ("a_company", ("company",), Q(scope="company")),
                    ("a_person", ("scope", "person"), Q(scope__in=["person", "sponsor"])),
                    ("everything", ("scope",), Q(scope="everything")),
                )
            ),
            models.CheckConstraint(name="stop_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="stop_lift_facts_together",
                condition=Q(lift_proposed_by=None, lift_proposed_at=None, lifted_by=None, lifted_at=None)
                | Q(lift_proposed_by__isnull=False, lift_proposed_at__isnull=False, lifted_by=None, lifted_at=None)
                | Q(
                    lift_proposed_by__isnull=False,
                    lift_proposed_at__isnull=False,
                    lifted_by__isnull=False,
                    lifted_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="stop_lifted_by_another", condition=Q(lifted_by=None) | ~Q(lifted_by=F("lift_proposed_by"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.role or self.account or self.company or self.person or gettext("everything"))

    def facts(self) -> StopFacts:
        """Return the frozen facts that the rules work with."""
        found = self.role_id or self.account_id or self.company_id or self.person_id
        return StopFacts(ScopeName(self.scope), found)

    def lift_facts(self) -> LiftFacts:
        """Return how far its lifting is, read now."""
        proposer = self.lift_proposed_by.facts() if self.lift_proposed_by else None
        return LiftFacts(proposer, is_lifted=self.lifted_at is not None)
