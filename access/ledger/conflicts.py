"""The exceptions that are raised when somebody else acted first."""

from access.texts.text import CodedError


class Conflict(CodedError):
    """Somebody else acted first, or the page was outdated."""
