"""Check passwords against a local list of breached passwords, so that Daypass sends nothing to a service."""

import hashlib
import os
from pathlib import Path

import structlog
from django.conf import settings
from django.utils.translation import gettext

from access import wording
from access.models import User

log = structlog.get_logger(__name__)

DIGITS = 40  # of a SHA-1 in hex, with which each line of the list begins


class BreachedPasswordValidator:
    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002  # the signature is Django's
        """Raise ValidationError for a listed password, and when there is a list that cannot be read."""
        if not settings.BREACHED_PASSWORDS:
            return
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            found = is_listed(digest, Path(settings.BREACHED_PASSWORDS))
        except OSError as error:
            log.error("breached.unread", reason=type(error).__name__)
            raise wording.invalid("password_unchecked") from None
        if found:
            raise wording.invalid("password_breached")

    def get_help_text(self) -> str:
        return gettext("Your password must not be on a list of stolen passwords.")


def is_listed(digest: str, file: Path) -> bool:
    """Return whether a line of the file begins with the digest. Its lines are sorted; some forty are read."""
    wanted = digest.encode()
    with file.open("rb") as lines:
        low, high = 0, lines.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            lines.seek(max(middle - 1, low))
            if middle > low:
                lines.readline()  # the rest of a line that begins before the middle
            start, line = lines.tell(), lines.readline()[:DIGITS].upper()
            if line == wanted:
                return True
            low, high = (lines.tell(), high) if start < high and line < wanted else (low, middle)
    return False
