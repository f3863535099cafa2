"""Accounts: when an administrator can disconnect one, and what is refused afterwards."""

from dataclasses import dataclass
from datetime import datetime

from access.rules.facts import Refused


@dataclass(frozen=True, slots=True)
class AccountUse:
    """What is open in an account: grants, pending requests, and until when AWS needs the Denies of ended grants."""

    has_grants: bool
    has_requests: bool
    needs_denies_until: datetime | None


def check_connected(*, is_connected: bool) -> None:
    """Raise Refused if the account is disconnected: then nothing new can begin in it."""
    if not is_connected:
        raise Refused("account_disconnected")


def check_unused(use: AccountUse, *, now: datetime) -> None:
    """Raise Refused unless the account can be disconnected: nothing is open, and AWS needs no Deny any more."""
    if use.has_grants:
        raise Refused("account_has_grants")
    if use.has_requests:
        raise Refused("account_has_requests")
    if use.needs_denies_until is not None and use.needs_denies_until > now:
        raise Refused("account_needs_denies", until=use.needs_denies_until)
