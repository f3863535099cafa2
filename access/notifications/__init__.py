"""Notify people. An email says what to do and where; no link in it does anything by itself."""

from access.notifications.emails import send_invitation
from access.notifications.waiting import any_waiting, any_written, remind, send_waiting

__all__ = ["any_waiting", "any_written", "remind", "send_invitation", "send_waiting"]
