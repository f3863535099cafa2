"""Password reset emails that wait to be sent."""

from django.db import models


class ResetEmail(models.Model):
    """One form about a forgotten password that somebody sent, until the worker has answered it by email.

    The page writes such a row for every address and looks for no account, so it does not tell who has one.
    """

    email = models.EmailField()
    asked_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Email {self.pk} about a forgotten password"
