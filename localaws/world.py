"""What the parts of the layer share: clock, settings, faults, log of calls, issued secrets."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from localaws.calls import CallLog
from localaws.clock import Clock
from localaws.faults import Faults
from localaws.options import DEFAULT_ACCOUNT, Options, Settings

SECRETS_KEPT = 500_000
KNOWN_ACCOUNTS = (DEFAULT_ACCOUNT, "222222222222")  # accounts of the demo; others exist after the first call to them


@dataclass
class World:
    """The layer's own state; what must outlive the process is saved by `state`."""

    account: str = DEFAULT_ACCOUNT
    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    calls: CallLog = field(default_factory=CallLog)
    secrets: deque[str] = field(default_factory=lambda: deque(maxlen=SECRETS_KEPT))
    accounts: set[str] = field(default_factory=set)  # accounts that exist: the host's and all that ever called
    signins: dict[str, dict[str, Any]] = field(default_factory=dict)  # by sign-in token
    consoles: dict[str, dict[str, Any]] = field(default_factory=dict)  # by the browser's cookie
    dirty: bool = False

    def remember_secrets(self, *secrets: str) -> None:
        self.secrets.extend(secrets)


def world_from(options: Options) -> World:
    """Return the world of a server that was started with these options."""
    settings = Settings(options.propagation_ms, options.trust_quota, options.date_skew_seconds)
    return World(account=options.account, settings=settings, accounts={options.account, *KNOWN_ACCOUNTS})
