"""Heartbeats: when something that must happen regularly last happened. Heartbeats have no events."""

from datetime import datetime

from access.models import Heartbeat


def last_beat(name: str) -> datetime | None:
    """Return when this last happened; None if it never did."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def beat(name: str, *, now: datetime) -> None:
    """Store that this happened now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
