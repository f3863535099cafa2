"""The versions of a role's permissions. Rows are added and never change."""

from typing import Any

from django.db import models

from access.models.catalogue import Role
from access.models.people import User


class PermissionsVersion(models.Model):
    """The permissions of a role as somebody made them; the highest number is what it has, or is about to have, in AWS.

    `made_by` is None for what was there before versions were kept. The policy has a name of its own in AWS for each
    version, because nobody of ours can put another content under a name that is attached already.
    """

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    permissions_name = models.CharField(max_length=128, blank=True)
    permissions = models.JSONField(default=dict, blank=True)
    policy_arns = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("role", "number", name="permissions_version_number_unique_in_role"),
            models.CheckConstraint(name="permissions_version_counts_from_one", condition=models.Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.role}, version {self.number}"


def policy_name(role_name: str, number: int, permissions: Any) -> str:
    """Return the name in AWS of a version's own policy, "" when it has none."""
    return f"{role_name}.v{number}" if permissions else ""
