"""Rows of limits and one-time values. They are deleted when they have expired, and never earlier."""

from django.db import models

KEY_LENGTH = 64  # a SHA-256 in hex: a value that is typed or shown once is in no row


class Attempts(models.Model):
    """The latest tries that count against one limit, for one account, person, browser or address."""

    key = models.CharField(max_length=KEY_LENGTH, primary_key=True)
    times = models.JSONField(default=list, help_text="Seconds since 1970, never more of them than the limit allows.")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return f"{len(self.times)} attempts until {self.expires_at}"


class ExpiringValue(models.Model):
    """One value under a key, stored once: a spent code, a used assertion, what a library keeps for a while."""

    key = models.CharField(max_length=KEY_LENGTH, primary_key=True)
    value = models.TextField(blank=True, help_text="Sealed; empty where only the key counts.")
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"value until {self.expires_at}"
