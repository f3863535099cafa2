"""The list of AWS actions that let a session bypass its expiry, with a source for each action.

Pure data below `verify`, whose gate keeps such roles out, and `explain`, whose findings show them.
"""

from access.bypass.catalogue import BYPASSES, ESCAPES, HELPERS, bypass_of, completed
from access.bypass.entry import Bypass, BypassKind
from access.bypass.launching import LAUNCHERS, launchers_for

__all__ = [
    "BYPASSES",
    "ESCAPES",
    "HELPERS",
    "LAUNCHERS",
    "Bypass",
    "BypassKind",
    "bypass_of",
    "completed",
    "launchers_for",
]
