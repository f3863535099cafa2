"""One entry of the list: an action, how a session can use it to outlast its expiry, and who published this."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class BypassKind(StrEnum):
    """How an action takes a session past its expiry."""

    RIGHTS = "change permissions, its own included, or remove a Deny"
    IDENTITY = "act as another identity"
    PASSING = "give a service another role"
    ACCESS = "admit identities that outlast it"
    CODE = "run code with the rights of another role"
    HELP = "prepare one of these steps"  # never sufficient by itself: only causes a finding


@dataclass(frozen=True, slots=True)
class Bypass:
    """An action with the source that names it; with `needs`, it only works when all of those are allowed too."""

    action: str
    kind: BypassKind
    source: str
    needs: tuple[str, ...] = ()


def entries(kind: BypassKind, sources: Mapping[str, str], needs: Mapping[str, tuple[str, ...]]) -> list[Bypass]:
    """Build the entries of one way from a table of actions and sources."""
    return [Bypass(action, kind, source, needs.get(action, ())) for action, source in sources.items()]
