"""Faults on demand: throttling, errors, slow responses, and lost responses."""

import itertools
import random
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from localaws.answers import Refused, Response, error
from localaws.calls import Call

Kind = Literal["throttle", "error", "slow", "lost"]
KINDS = ("throttle", "error", "slow", "lost")
_numbers = itertools.count(1)


@dataclass
class Fault:
    """One fault: which calls it meets, what it does to them, how often.

    `action` is an API action (`UpdateAssumeRolePolicy`) or `*`; `role` narrows it to one role's name; `times`
    counts down, None means forever; `code` is the error code to answer with. `lost` means applied, then
    answered with `status` after `seconds`. With `after`, the id of another fault, it waits for that one's last call.
    """

    action: str
    kind: Kind
    status: int = 500
    seconds: float = 0.0
    times: int | None = None
    probability: float = 1.0
    role: str | None = None
    code: str | None = None
    after: int | None = None
    id: int = field(default_factory=lambda: next(_numbers))

    def meets(self, call: Call) -> bool:
        if self.times is not None and self.times <= 0:
            return False
        if self.action not in {"*", call.action} or (self.role is not None and self.role != call.role):
            return False
        return self.probability >= 1.0 or random.random() < self.probability

    def answer(self, call: Call) -> Response:
        """Return what the caller hears instead of the true answer."""
        if self.kind == "throttle":
            code, status = ("SlowDown", 503) if call.service == "s3" else ("Throttling", 400)
            return error(call.service, code, "Rate exceeded", status)
        code = self.code or ("ServiceUnavailable" if self.status == 503 else "InternalFailure")
        return error(call.service, code, "The request processing has failed because of an unknown error.", self.status)


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, wanted: dict[str, Any]) -> Fault:
        """Return the fault made from JSON; `Refused` says what is wrong with it."""
        unknown = set(wanted) - {"action", "kind", "status", "seconds", "times", "probability", "role", "code", "after"}
        if unknown or wanted.get("kind") not in KINDS or not isinstance(wanted.get("action"), str):
            raise Refused("BadFault", f"a fault has an action and one kind of {', '.join(KINDS)}; not {wanted!r}")
        default_status = 503 if wanted["kind"] == "error" else 500
        fault = Fault(**{"status": default_status, **wanted})
        self._faults.append(fault)
        return fault

    def draw(self, call: Call) -> Fault | None:
        """Return the first fault that meets this call, and count it."""
        fault = next((fault for fault in self._faults if self._has_come(fault) and fault.meets(call)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault

    def _has_come(self, fault: Fault) -> bool:
        """Return whether the fault before this one has met all its calls."""
        return fault.after is None or any(first.id == fault.after and first.times == 0 for first in self._faults)

    def clear(self) -> None:
        self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults]
