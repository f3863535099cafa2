"""Read what somebody searches for: words, or the id of one object."""

import re
import uuid
from dataclasses import dataclass

from access import arns
from access.arns import ArnError

LONGEST = 200  # characters
_SESSION_NAME = re.compile(r"dp[a-z2-7]{14}\Z", re.ASCII)
_SESSION_ID = re.compile(r"AROA[A-Z0-9]{12,59}:(dp[a-z2-7]{14})\Z", re.ASCII)


class TooLong(ValueError):
    """The text has more than LONGEST characters."""


@dataclass(frozen=True, slots=True)
class SearchText:
    """The text as one line, and the ids that it can be; each is empty or None where it is none.

    `role` is the account id and the name of an AWS role, `session_name` the session name of a request.
    """

    text: str
    public_id: uuid.UUID | None = None
    session_name: str = ""
    role: tuple[str, str] | None = None

    @classmethod
    def read(cls, typed: str) -> "SearchText":
        """Return what was typed, without characters that nobody sees; raises TooLong."""
        text = " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())
        if len(text) > LONGEST:
            raise TooLong
        return cls(text, _uuid(text), _session_name(text), _role(text))

    @property
    def is_email(self) -> bool:
        return "@" in self.text and " " not in self.text

    @property
    def is_account_id(self) -> bool:
        return arns.is_account_id(self.text)

    @property
    def is_unique_id(self) -> bool:
        return arns.is_unique_id(self.text)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _session_name(text: str) -> str:
    """Return the session name in a name, in the ARN of a session, or in its `aws:userid`; empty if there is none."""
    if match := _SESSION_ID.match(text):
        return match[1]
    try:
        name = arns.parse_session(text).session_name
    except ArnError:
        name = text.lower()
    return name if _SESSION_NAME.match(name) else ""


def _role(text: str) -> tuple[str, str] | None:
    """Return the account id and the name of the role in an ARN: its own, or that of one of its sessions."""
    try:
        session = arns.parse_session(text)
        return session.account_id, session.role_name
    except ArnError:
        pass
    try:
        arn = arns.parse(text)
    except ArnError:
        return None
    return (arn.account_id, arn.name) if arn.kind == "role" else None
