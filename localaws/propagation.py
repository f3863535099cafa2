"""Make changes of a role take effect only after a delay, if a test wants that, because IAM is eventually consistent."""

import time
from collections import deque
from typing import Any

from localaws.inside import ROLES
from localaws.options import Settings

Role = dict[str, Any]
Key = tuple[str, str]


class Propagation:
    """What the judge sees of each role; `GetRole` and the other readers see every change immediately."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._past: dict[Key, deque[tuple[float, Role | None]]] = {}

    def seen(self, account: str, name: str) -> Role | None:
        """Return the role as STS and the policy check see it now."""
        waiting = self._past.get((account, name))
        while waiting:
            until, role = waiting[0]
            if time.monotonic() < until:
                return role
            waiting.popleft()
        found: Role | None = ROLES.get_scoped(account, None, name)
        return found

    def before(self, account: str, name: str) -> Role | None:
        """Return a copy of the role to give to `changed` after the change; None when there is none yet."""
        role = ROLES.get_scoped(account, None, name)
        if role is None or not self._settings.propagation_ms:
            return None
        return {
            **role,
            "InlinePolicies": dict(role["InlinePolicies"]),
            "AttachedPolicies": list(role["AttachedPolicies"]),
        }

    def changed(self, account: str, name: str, before: Role | None) -> None:
        """Let the judge see the role as it was before, for the propagation delay."""
        if self._settings.propagation_ms:
            until = time.monotonic() + self._settings.propagation_ms / 1000
            self._past.setdefault((account, name), deque()).append((until, before))

    def forget(self) -> None:
        self._past.clear()
