"""The catalogue: the roles that people can request."""

import functools
import operator
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction

from access.diagnose import KnownRole
from access.lifecycle import RoleFacts
from access.models import approver_queries
from access.models.accounts import Account
from access.models.limits import LIMITS, LimitColumns
from access.models.names import (
    BASE_NAME_MAX_LENGTH,
    OVERFLOW_NAME,
    role_description_validator,
    role_name_validator,
    role_path_validator,
)
from access.models.people import Contractor, Delegation, User
from access.models.role_states import RoleState
from access.rules.addresses import read_sources
from access.rules.facts import DelegationFacts, IssueLimits, Refused, RoleSettings, StageFacts
from access.rules.tickets import check_pattern
from access.wording import invalid


class RoleQuerySet(models.QuerySet["Role"]):
    def approved_by(self, user: User, *, now: datetime) -> "RoleQuerySet":
        """Return the roles about which this person decides now, in any stage: by name, as a member of a group, or as a
        delegate.
        """
        delegating = Delegation.objects.in_force(now=now).filter(delegate=user).values("approver")
        whose = User.objects.filter(models.Q(pk=user.pk) | models.Q(pk__in=delegating))
        return self.filter(approver_queries.naming_any_of(whose.values("pk"), roles=Role))

    def lock(self) -> "RoleQuerySet":
        """Return the rows locked until the transaction ends, each with its state: a role is locked whole.

        Everybody who changes a role, its state, or what hangs on it locks the roles first, in the order of their keys.
        No key of a role ever changes, so foreign keys to it need not wait: who has only the state would deadlock.
        """
        return self.exclude(state=None).select_related("state").select_for_update(of=("self", "state"), no_key=True)

    def naming(self, user: User) -> "RoleQuerySet":
        """Return the roles of which this person is an approver, not only a delegate."""
        return self.filter(approver_queries.naming_any_of(User.objects.filter(pk=user.pk).values("pk"), roles=Role))


class RoleManager(models.Manager["Role"]):
    """Reads a role with its state in one query."""

    def get_queryset(self) -> models.QuerySet["Role"]:
        return super().get_queryset().select_related("state")


class Role(LimitColumns):
    """An IAM role of ours that can be requested: what IAM should have, and who can request and approve what.

    The worker's state of it is its `state`.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(max_length=64, validators=[role_name_validator])
    path = models.CharField(max_length=512, default="/daypass/", validators=[role_path_validator])
    description = models.CharField(max_length=1000, blank=True, validators=[role_description_validator])
    is_managed = models.BooleanField(default=True, help_text="Made by Daypass; off for an imported role.")
    is_active = models.BooleanField(default=True, help_text="Can be asked for.")
    permissions_name = models.CharField(max_length=128, blank=True)
    permissions = models.JSONField(default=dict, blank=True, help_text="The permissions policy, as IAM reads it.")
    policy_arns = models.JSONField(default=list, blank=True, help_text="Managed policies attached to the role.")
    tags = models.JSONField(default=dict, blank=True)
    max_session_seconds = models.PositiveIntegerField(
        default=3600, validators=[MinValueValidator(3600), MaxValueValidator(43200)]
    )
    allows_console = models.BooleanField(default=False, help_text="The portal signs in to the AWS console.")
    issues_per_hour = models.PositiveSmallIntegerField(
        default=20, help_text="Sessions that one grant can open an hour."
    )
    live_sessions = models.PositiveSmallIntegerField(
        default=5, help_text="How many sessions of one grant can be live at the same time."
    )
    requires_mfa = models.BooleanField(default=False)
    external_id = models.CharField(
        max_length=64, blank=True, help_text="Made by Daypass; empty when the role asks for none."
    )
    allows_own_identity = models.BooleanField(
        default=True, help_text="Contractors assume it from their own AWS account."
    )
    allows_vouched = models.BooleanField(
        default=False, help_text="A sponsor can vouch for an AWS identity that the contractor did not prove."
    )
    allows_portal_issued = models.BooleanField(default=False, help_text="The portal issues sessions.")
    largest_share = models.PositiveSmallIntegerField(
        default=60, help_text="Per cent of the trust policy that one contractor can fill."
    )
    allows_overflow = models.BooleanField(
        default=False,
        help_text="When full, more grants go to numbered overflow roles; bucket and key policies must name those too.",
    )
    overflow_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="overflow_roles"
    )
    to_build = models.BooleanField(default=False, help_text="Not in AWS yet; the builder makes it.")
    to_update = models.BooleanField(
        default=False, help_text="In AWS with other permissions or limits; the builder changes them."
    )
    expiry_not_enforceable = models.BooleanField(
        default=False, help_text="An administrator knows that the end cannot be enforced and lets it be asked for."
    )
    quorum = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    approvers = models.ManyToManyField(User, related_name="approves_roles", blank=True)
    approver_groups = models.ManyToManyField(
        Group, related_name="approves_roles", blank=True, help_text="Their members decide like named approvers."
    )
    contractors = models.ManyToManyField(Contractor, related_name="roles", blank=True)
    favourite_of = models.ManyToManyField(
        User, related_name="favourite_roles", blank=True, help_text="Whose pages list the role first."
    )

    unique_id = models.CharField(max_length=128, blank=True, help_text="AROA…, as the worker read it.")

    objects = RoleManager.from_queryset(RoleQuerySet)()

    class Meta:
        base_manager_name = "objects"  # a role that another row names comes with its state as well
        constraints = [
            models.UniqueConstraint("account", "name", name="role_name_unique_in_account"),
            models.CheckConstraint(
                name="role_session_length_within_iam_limits",
                condition=models.Q(max_session_seconds__gte=3600, max_session_seconds__lte=43200),
            ),
            *LIMITS,
            models.CheckConstraint(
                name="role_share_is_per_cent", condition=models.Q(largest_share__gte=1, largest_share__lte=100)
            ),
            models.CheckConstraint(
                name="role_overflow_roles_are_managed_and_last",
                condition=models.Q(overflow_of=None) | models.Q(allows_overflow=False, is_managed=True),
            ),
            models.CheckConstraint(
                name="role_overflow_only_when_managed",
                condition=models.Q(allows_overflow=False) | models.Q(is_managed=True),
            ),
            models.CheckConstraint(name="role_quorum_positive", condition=models.Q(quorum__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse names that the numbered overflow roles of a role need for themselves."""
        if self.overflow_of_id is None and self.is_managed and OVERFLOW_NAME.search(self.name):
            raise ValidationError({"name": invalid("role_name_reserved")})
        if self.allows_overflow and len(self.name) > BASE_NAME_MAX_LENGTH:
            raise ValidationError({"name": invalid("role_name_too_long", most=BASE_NAME_MAX_LENGTH)})
        try:
            check_pattern(self.ticket_pattern, self.ticket_example)
        except Refused as error:
            raise ValidationError({"ticket_pattern": ValidationError(str(error), code=error.code)}) from None
        try:
            self.source_networks = list(read_sources(" ".join(self.source_networks)))
        except Refused as error:
            raise ValidationError({"source_networks": ValidationError(str(error), code=error.code)}) from None

    def save(self, *args: Any, **options: Any) -> None:
        """Store the role; a new one with its state."""
        if not self._state.adding:
            super().save(*args, **options)
            return
        state = getattr(self, "state", None) or RoleState()
        with transaction.atomic(savepoint=False):
            super().save(*args, **options)
            state.role = self
            state.save(force_insert=True)

    @classmethod
    def new(cls, **columns: Any) -> "Role":
        """Return a role that is not stored yet, with a state."""
        role = cls(**columns)
        RoleState(role=role)
        return role

    @property
    def arn(self) -> str:
        return f"arn:{self.account.partition}:iam::{self.account.account_id}:role{self.path}{self.name}"

    def facts(self) -> RoleFacts:
        """Return the frozen facts that the pure floors work with."""
        return RoleFacts(
            arn=self.arn, unique_id=self.unique_id, managed=self.is_managed, issuer_arn=self.account.issuer_arn
        )

    def known(self) -> KnownRole:
        """Return what is known of the role when somebody asks why AWS denies them."""
        others = bool(self.policy_arns) or not self.is_managed
        return KnownRole(
            self.arn,
            self.permissions,
            others,
            observed_trust=self.state.observed_trust,
            observed_at=self.state.observed_at,
        )

    def all_approvers(self) -> models.QuerySet[User]:
        """Return the active people who decide about this role, in whatever stage: named, or members of a group."""
        stages = [self.first_stage(), *(stage.all_approvers() for stage in self.further_stages.all())]
        return User.objects.filter(
            functools.reduce(operator.or_, (models.Q(pk__in=stage.values("pk")) for stage in stages))
        )

    def first_stage(self) -> models.QuerySet[User]:
        """Return the active people who decide first: the role's own approvers, and the members of its groups."""
        named = models.Q(pk__in=self.approvers.through.objects.filter(role=self).values("user"))
        in_group = models.Q(groups__in=self.approver_groups.through.objects.filter(role=self).values("group"))
        return User.objects.filter(named | in_group, is_active=True).distinct()

    def issue_limits(self) -> IssueLimits:
        """Return how many sessions one grant can open."""
        return IssueLimits(per_hour=self.issues_per_hour, live=self.live_sessions)

    def settings(self) -> RoleSettings:
        """Return the frozen facts that the rules work with, read now."""
        return settings_of([self])[self.pk]

    def settings_as(
        self, stages: tuple[StageFacts, ...], delegations: Iterable[DelegationFacts], contractor_ids: frozenset[int]
    ) -> RoleSettings:
        """Return the frozen facts that the rules work with, from people who are already loaded."""
        everybody = frozenset().union(*(stage.approver_ids for stage in stages))
        return RoleSettings(
            role_id=self.pk,
            account_id=self.account.account_id,
            is_active=self.is_active,
            longest_window=self.longest_window,
            allows_own_identity=self.allows_own_identity,
            allows_portal_issued=self.allows_portal_issued,
            allows_console=self.allows_console,
            allows_vouched=self.allows_vouched,
            ticket_pattern=self.ticket_pattern,
            ticket_example=self.ticket_example,
            source_rule=self.source_rule,
            source_networks=tuple(self.source_networks),
            requires_mfa=self.requires_mfa,
            external_id=self.external_id,
            partition=self.account.partition,
            quorum=self.quorum,
            approver_ids=everybody,
            contractor_ids=contractor_ids,
            stages=stages,
            delegations=tuple(one for one in delegations if one.approver_id in everybody),
            latest_start=self.latest_start,
            office_hours=self.office_hours(),
            factor_age=self.factor_age(),
        )


def settings_of(roles: Collection[Role]) -> dict[int, RoleSettings]:
    """Return the rules of each of these roles by its id, read now, in as many queries for a hundred as for one."""
    rows = Role.objects.filter(pk__in={role.pk for role in roles})
    first, further, contractors = (
        approver_queries.approvers_of(rows),
        approver_queries.further_stages_of(rows),
        approver_queries.contractors_of(rows),
    )
    stages = {role.pk: (StageFacts(role.quorum, first[role.pk]), *further[role.pk]) for role in roles}
    delegations = approver_queries.delegations_of(
        {key for some in stages.values() for stage in some for key in stage.approver_ids}
    )
    return {role.pk: role.settings_as(stages[role.pk], delegations, contractors[role.pk]) for role in roles}
