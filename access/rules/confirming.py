"""Whether the checks that a session has passed confirm an action."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

# What two processes measure of the database's clock differs by less. Anything later is in the future.
SMALLEST_DIFFERENCE = timedelta(seconds=1)


class Proof(Enum):
    """What was checked. Single sign-on, recovery codes and API tokens are none of these: they confirm nothing."""

    FACTOR = "factor"  # a passkey, or a code of an authenticator app
    PASSWORD = "password"  # noqa: S105  # nosec B105  # typed again after the sign-in


@dataclass(frozen=True, slots=True)
class Check:
    """One check that Daypass itself made in the session, and when."""

    proof: Proof
    at: datetime


def is_confirmed(checks: Iterable[Check], *, within: timedelta, factor_age: timedelta, now: datetime) -> bool:
    """Return whether these checks confirm an action: a factor does for so long (`within`), never for longer than the
    role accepts (`factor_age`). A password does for so long beside a factor that the role accepts.
    """
    checked = tuple(checks)
    if has_recent(checked, Proof.FACTOR, age=min(within, factor_age), now=now):
        return True
    is_typed = has_recent(checked, Proof.PASSWORD, age=within, now=now)
    return is_typed and has_recent(checked, Proof.FACTOR, age=factor_age, now=now)


def has_recent(checks: Iterable[Check], proof: Proof, *, age: timedelta, now: datetime) -> bool:
    """Return whether this was checked less than so long ago. A check in the future counts as over."""
    return any(check.proof is proof and -SMALLEST_DIFFERENCE <= now - check.at < age for check in checks)
