"""Further stages of decisions about a role, after the stage of the role's own approvers."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from access.models.catalogue import Role
from access.models.people import User


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a stage as JSON holds them, whether it names rows or their ids."""
    lists = {name: sorted(getattr(one, "pk", one) for one in values[name]) for name in ("approvers", "approver_groups")}
    return {"name": values["name"], "quorum": values["quorum"]} | lists


def people_of(values: Mapping[str, Any]) -> models.QuerySet[User]:
    """Return the active people whom the values of a stage name."""
    named = Q(pk__in=values["approvers"]) | Q(groups__in=values["approver_groups"])
    return User.objects.filter(named, is_active=True, contractor=None).distinct()


def with_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a stage as the record keeps them: people and groups by name."""
    people = User.objects.filter(pk__in=values["approvers"]).order_by("email").values_list("email", flat=True)
    groups = Group.objects.filter(pk__in=values["approver_groups"]).order_by("name").values_list("name", flat=True)
    named = {"approvers": list(people), "approver_groups": list(groups)}
    return {"name": values["name"], "quorum": values["quorum"]} | named


class Stage(models.Model):
    """A later stage: its approvers, and how many of them must approve. The first stage is the role's own approvers."""

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

    def all_approvers(self) -> models.QuerySet[User]:
        """Return the active people of this stage."""
        named = Q(pk__in=self.approvers.through.objects.filter(stage=self).values("user"))
        in_group = Q(groups__in=self.approver_groups.through.objects.filter(stage=self).values("group"))
        return User.objects.filter(named | in_group, is_active=True).distinct()

    def values(self) -> dict[str, Any]:
        """Return what the stage says as plain values, people and groups by their ids."""
        people, groups = (sorted(rows.values_list("pk", flat=True)) for rows in (self.approvers, self.approver_groups))
        return {"name": self.name, "quorum": self.quorum, "approvers": people, "approver_groups": groups}
