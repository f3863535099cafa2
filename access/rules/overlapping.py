"""Overlaps: an approval must not repeat access that the requester got after they made the request."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from access.rules.facts import Refused
from access.rules.windows import Window


@dataclass(frozen=True, slots=True)
class OtherGrant:
    """An open grant of the same person for the same role and identity: its window, and when it was approved."""

    window: Window
    approved_at: datetime


def check_overlap(window: Window, others: Collection[OtherGrant], *, asked_at: datetime, now: datetime) -> None:
    """Raise Refused if the window overlaps a grant that was approved after the request was made.

    The form pointed out earlier grants, and the requester submitted the request in spite of them. Requests that are
    approved at the same moment were reviewed together.
    """
    for other in others:
        meets = window.starts_at < other.window.ends_at and other.window.starts_at < window.ends_at
        if meets and asked_at < other.approved_at < now:
            raise Refused("overlaps_newer_grant", until=other.window.ends_at)
