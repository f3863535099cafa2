"""A role's permissions as the worker read them. They have their own row because managed policies can be long."""

from django.db import models

from access.models.catalogue import Role


class PermissionsSnapshot(models.Model):
    """The managed policies of a role as AWS has them, when it was last used, and what Access Analyzer says of it.

    `analysis` is None where there is no Access Analyzer, else a list of kind, code, sentence and where.
    """

    role = models.OneToOneField(Role, on_delete=models.CASCADE, related_name="snapshot")
    managed = models.JSONField(default=dict, help_text="The documents of the attached managed policies by their ARN.")
    analysis = models.JSONField(null=True, blank=True, help_text="What Access Analyzer found, when it answered.")
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text="When IAM saw a session of the role at work; empty when not in 400 days."
    )
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"permissions of {self.role}"
