"""Password reset emails that wait for the worker. They have no events; a changed password has one."""

from datetime import datetime, timedelta

from access import pauses
from access.models import ResetEmail


def store_reset_email(email: str, *, now: datetime) -> int:
    """Store that somebody requested a password reset, and return the ID of the row."""
    return ResetEmail.objects.create(email=email, asked_at=now).pk


def mark_reset_email_tried(row: ResetEmail, *, now: datetime) -> None:
    """Store that the email is being sent."""
    ResetEmail.objects.filter(pk=row.pk).update(tried_at=now)


def delete_reset_email(row: ResetEmail) -> None:
    """Delete the row of an email that needs no more attempts."""
    ResetEmail.objects.filter(pk=row.pk).delete()


def delete_old_reset_emails(*, age: timedelta, now: datetime) -> None:
    """Delete the rows that are older than `age`, and those with a time in the future."""
    ResetEmail.objects.filter(pauses.not_recent("asked_at", within=age, now=now)).delete()
