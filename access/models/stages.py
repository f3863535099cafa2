"""Further stages of a role's decision, after the one of the role's own approvers."""

from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from access.models.catalogue import Role
from access.models.people import User
from access.rules import StageRules


class Stage(models.Model):
    """Who says yes after the stages before, and how many of them must. The role's own approvers are the first stage."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="further_stages")
    position = models.PositiveSmallIntegerField(help_text="2 comes after the role's own approvers.")
    name = models.CharField(max_length=60, blank=True)
    quorum = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    approvers = models.ManyToManyField(User, related_name="+", blank=True)
    approver_groups = models.ManyToManyField(Group, related_name="+", blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint("role", "position", name="stage_position_unique_in_role"),
            models.CheckConstraint(name="stage_comes_after_the_first", condition=Q(position__gte=2)),
            models.CheckConstraint(name="stage_quorum_positive", condition=Q(quorum__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name or f"stage {self.position}"

    def deciders(self) -> models.QuerySet[User]:
        """Give the active people of this stage."""
        named = Q(pk__in=self.approvers.through.objects.filter(stage=self).values("user"))
        in_group = Q(groups__in=self.approver_groups.through.objects.filter(stage=self).values("group"))
        return User.objects.filter(named | in_group, is_active=True).distinct()

    def rules(self) -> StageRules:
        """Give the frozen facts that the rules work with, read now."""
        return StageRules(self.quorum, frozenset(self.deciders().values_list("pk", flat=True)))
