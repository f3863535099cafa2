"""The catalogue: our AWS accounts, and the roles in them that can be asked for."""

import re
import secrets
from datetime import timedelta

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from access.diagnose import KnownRole
from access.identities import Reach
from access.lifecycle import RoleFacts
from access.models.people import Contractor, User
from access.rules import IssueLimits, RoleRules

STUCK_AFTER = 6

account_id_validator = RegexValidator(r"\A[0-9]{12}\Z", "An AWS account id is exactly 12 digits.")
partition_validator = RegexValidator(r"\Aaws(?:-us-gov|-cn)?\Z", "A partition is aws, aws-us-gov or aws-cn.")
region_validator = RegexValidator(r"\A[a-z]{2}(?:-[a-z]+){1,2}-[0-9]\Z", "A region is written like eu-central-1.")
org_id_validator = RegexValidator(r"\Ao-[a-z0-9]{10,32}\Z", "An organisation's id is o- and 10 to 32 a-z 0-9.")
# A role that spills gets twins named <name>-2, <name>-3 …, so no other name may end like that or leave them no room.
BASE_NAME_MAX_LENGTH = 60
_TWIN_NAME = re.compile(r"-[0-9]+\Z")
role_name_validator = RegexValidator(
    r"\A[A-Za-z0-9_+=,.@-]{1,64}\Z", "An IAM role name has 1 to 64 of A-Z a-z 0-9 _ + = , . @ -"
)
role_path_validator = RegexValidator(r"\A/(?:[A-Za-z0-9_+=,.@-]+/)*\Z", "An IAM path begins and ends with a slash.")


def new_external_id() -> str:
    """Give an external id that nobody else has: 128 random bits, in characters that no shell or form minds."""
    return secrets.token_hex(16)


class Account(models.Model):
    """An AWS account of ours, the way to reach it, and what the last test of that way found."""

    name = models.CharField(max_length=100)
    account_id = models.CharField("AWS account id", max_length=12, unique=True, validators=[account_id_validator])
    partition = models.CharField(max_length=20, default="aws", validators=[partition_validator])
    region = models.CharField(max_length=30, default="us-east-1", validators=[region_validator])
    issuer_arn = models.CharField(
        max_length=512, blank=True, help_text="The portal's own identity that portal-issued statements name."
    )
    boundary_arn = models.CharField(
        max_length=512, blank=True, help_text="The permissions boundary of every role that Daypass makes here."
    )
    external_id = models.CharField(
        max_length=64, blank=True, help_text="Made by Daypass; empty when our identities are in the account themselves."
    )
    hub_account_id = models.CharField(
        max_length=12, blank=True, validators=[account_id_validator], help_text="The account that Daypass runs in."
    )
    org_id = models.CharField(max_length=36, blank=True, validators=[org_id_validator])
    unanswered_at = models.DateTimeField(null=True, blank=True, help_text="When AWS last did not answer for it.")
    test_asked_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_steps = models.JSONField(default=list, blank=True, help_text="What the last test of the connection found.")
    trust_quota = models.PositiveIntegerField(default=2048, help_text="Characters of a trust policy, as IAM says.")
    trust_quota_read_at = models.DateTimeField(null=True, blank=True)
    throttled_at = models.DateTimeField(null=True, blank=True, help_text="When AWS last answered with throttling.")
    next_write_at = models.DateTimeField(null=True, blank=True, help_text="While throttled, writes take turns.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_id_is_12_digits", condition=models.Q(account_id__regex=r"^[0-9]{12}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    @property
    def is_testing(self) -> bool:
        """Whether a test of the connection was asked for and is not done."""
        asked, done = self.test_asked_at, self.tested_at
        return asked is not None and (done is None or done < asked)

    def reach(self) -> Reach:
        """Give the frozen facts that AWS is asked with."""
        return Reach(self.account_id, self.partition, self.region, self.external_id)


class RoleQuerySet(models.QuerySet["Role"]):
    def approved_by(self, user: User) -> "RoleQuerySet":
        """Give the roles about which this person decides, named himself or as a member of a group."""
        named = Role.approvers.through.objects.filter(user=user).values("role")
        in_group = Role.approver_groups.through.objects.filter(group__user=user).values("role")
        return self.filter(models.Q(pk__in=named) | models.Q(pk__in=in_group))


class Role(models.Model):
    """An IAM role of ours that can be asked for, and where the worker stands with it.

    `generation` grows whenever what should be changes; the worker copies the one it has made true into
    `reconciled_generation`. The lease fields make one writer per role. `seen_*` is AWS as the worker last read it.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(max_length=64, validators=[role_name_validator])
    path = models.CharField(max_length=512, default="/daypass/", validators=[role_path_validator])
    description = models.CharField(max_length=1000, blank=True)
    is_managed = models.BooleanField(default=True, help_text="Made by Daypass; off for an adopted role.")
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
        default=20, help_text="Sessions that one grant may open an hour."
    )
    live_sessions = models.PositiveSmallIntegerField(
        default=5, help_text="Sessions of one grant that may live at once."
    )
    longest_window = models.DurationField(default=timedelta(hours=8))
    requires_mfa = models.BooleanField(default=False)
    external_id = models.CharField(
        max_length=64, blank=True, help_text="Made by Daypass; empty when the role asks for none."
    )
    allows_own_identity = models.BooleanField(
        default=True, help_text="Contractors assume it from their own AWS account."
    )
    allows_vouched = models.BooleanField(
        default=False, help_text="A sponsor's word is enough where the contractor did not prove his AWS identity."
    )
    allows_portal_issued = models.BooleanField(default=False, help_text="The portal hands out sessions.")
    largest_share = models.PositiveSmallIntegerField(
        default=60, help_text="Per cent of the trust policy that one contractor may fill."
    )
    spills = models.BooleanField(
        default=False,
        help_text="When full, more grants go to numbered twins; bucket and key policies must name those too.",
    )
    twin_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="twins")
    to_build = models.BooleanField(default=False, help_text="Not in AWS yet; the builder makes it.")
    may_undo_end = models.JSONField(
        default=list, blank=True, help_text="Why a session of this role could outlive its end."
    )
    permissions_read_at = models.DateTimeField(null=True, blank=True)
    end_not_enforceable = models.BooleanField(
        default=False, help_text="An administrator knows that the end cannot be enforced and lets it be asked for."
    )
    quorum = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    approvers = models.ManyToManyField(User, related_name="approves_roles", blank=True)
    approver_groups = models.ManyToManyField(
        Group, related_name="approves_roles", blank=True, help_text="Their members decide like named approvers."
    )
    contractors = models.ManyToManyField(Contractor, related_name="roles", blank=True)

    unique_id = models.CharField(max_length=128, blank=True, help_text="AROA…, as the worker read it.")
    generation = models.PositiveBigIntegerField(default=0)
    reconciled_generation = models.PositiveBigIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    next_change_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    lease_holder = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=40, blank=True)
    problem_text = models.CharField(max_length=1000, blank=True)
    seen_trust = models.JSONField(null=True, blank=True)
    seen_closing = models.JSONField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("account", "name", name="role_name_unique_in_account"),
            models.CheckConstraint(
                name="role_session_length_within_iam_limits",
                condition=models.Q(max_session_seconds__gte=3600, max_session_seconds__lte=43200),
            ),
            models.CheckConstraint(
                name="role_longest_window_positive", condition=models.Q(longest_window__gt=timedelta(0))
            ),
            models.CheckConstraint(
                name="role_share_is_per_cent", condition=models.Q(largest_share__gte=1, largest_share__lte=100)
            ),
            models.CheckConstraint(
                name="role_twins_neither_spill_nor_are_adopted",
                condition=models.Q(twin_of=None) | models.Q(spills=False, is_managed=True),
            ),
            models.CheckConstraint(
                name="role_spills_only_when_managed", condition=models.Q(spills=False) | models.Q(is_managed=True)
            ),
            models.CheckConstraint(name="role_quorum_positive", condition=models.Q(quorum__gte=1)),
            models.CheckConstraint(
                name="role_lease_holder_and_end_together",
                condition=models.Q(lease_holder="", leased_until=None)
                | (~models.Q(lease_holder="") & models.Q(leased_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="role_problem_has_sentence",
                condition=models.Q(problem="", problem_text="") | (~models.Q(problem="") & ~models.Q(problem_text="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse names that the numbered twins of a role need for themselves."""
        if self.twin_of_id is None and self.is_managed and _TWIN_NAME.search(self.name):
            raise ValidationError({"name": "Names that end in a dash and a number are kept for twins. Choose another."})
        if self.spills and len(self.name) > BASE_NAME_MAX_LENGTH:
            raise ValidationError(
                {"name": f"A role with twins has a name of at most {BASE_NAME_MAX_LENGTH} characters."}
            )

    @property
    def is_stuck(self) -> bool:
        """Whether bringing the role in line failed so often that somebody should look; it is tried on all the same."""
        return self.failures >= STUCK_AFTER

    @property
    def arn(self) -> str:
        return f"arn:{self.account.partition}:iam::{self.account.account_id}:role{self.path}{self.name}"

    def facts(self) -> RoleFacts:
        """Give the frozen facts that the pure floors work with."""
        return RoleFacts(
            arn=self.arn, unique_id=self.unique_id, managed=self.is_managed, issuer_arn=self.account.issuer_arn
        )

    def known(self) -> KnownRole:
        """Give what is known of the role when somebody asks why he is denied."""
        others = bool(self.policy_arns) or not self.is_managed
        return KnownRole(self.arn, self.permissions, others, seen_trust=self.seen_trust, seen_at=self.seen_at)

    def deciders(self) -> models.QuerySet[User]:
        """Give the active people who decide about this role: its approvers, and the members of its groups."""
        named = models.Q(pk__in=self.approvers.through.objects.filter(role=self).values("user"))
        in_group = models.Q(groups__in=self.approver_groups.through.objects.filter(role=self).values("group"))
        return User.objects.filter(named | in_group, is_active=True).distinct()

    def issue_limits(self) -> IssueLimits:
        """Give how many sessions one grant may open."""
        return IssueLimits(per_hour=self.issues_per_hour, live=self.live_sessions)

    def rules(self) -> RoleRules:
        """Give the frozen facts that the rules work with, read now."""
        return RoleRules(
            role_id=self.pk,
            account_id=self.account.account_id,
            is_active=self.is_active,
            longest_window=self.longest_window,
            allows_own_identity=self.allows_own_identity,
            allows_portal_issued=self.allows_portal_issued,
            allows_console=self.allows_console,
            allows_vouched=self.allows_vouched,
            requires_mfa=self.requires_mfa,
            partition=self.account.partition,
            quorum=self.quorum,
            approver_ids=frozenset(self.deciders().values_list("pk", flat=True)),
            contractor_ids=frozenset(self.contractors.values_list("pk", flat=True)),
        )
