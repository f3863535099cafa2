"""Heartbeats: when something that must happen regularly last happened. Heartbeats have no events."""

from datetime import datetime

from access.models import Heartbeat


def beat(name: str, *, now: datetime) -> None:
    """Store that this happened now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})
