"""The log of all calls to the local AWS: who called what, with which documents, and the response."""

import itertools
import re
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

KEPT = 100_000
SECRET_PARAMETERS = frozenset({
    "Action", "Version", "Password", "NewPassword", "OldPassword", "SecretAccessKey", "TokenCode",
    "AuthenticationCode1", "AuthenticationCode2", "WebIdentityToken", "SAMLAssertion", "Session", "SigninToken",
    "X-Amz-Security-Token", "X-Amz-Signature",
})  # fmt: skip
_CODE = re.compile(rb"<Code>([^<]{1,100})</Code>")


@dataclass
class Call:
    """One call; `params` are the request's own words, passwords and secrets left out."""

    service: str
    action: str
    caller: str
    account: str
    params: dict[str, str]
    at: str = ""
    outcome: str = "ok"
    status: int = 0
    reason: str = ""  # the sentence of a denial, in AWS's grammar
    user_agent: str = field(default="", repr=False)
    mfa_age: int | None = field(default=None, repr=False)
    is_logged: bool = field(default=False, repr=False)

    @property
    def role(self) -> str:
        """The name of the role that the call is about, or nothing."""
        return self.params.get("RoleName") or self.params.get("RoleArn", "").rsplit("/", 1)[-1]

    def listed(self, number: int) -> dict[str, Any]:
        return {
            "n": number,
            "at": self.at,
            "service": self.service,
            "action": self.action,
            "caller": self.caller,
            "account": self.account,
            "params": {name: value for name, value in self.params.items() if name not in SECRET_PARAMETERS},
            "outcome": self.outcome,
            "status": self.status,
        }


CURRENT: ContextVar[Call] = ContextVar("localaws_current_call")


class CallLog:
    """The last calls, oldest first; numbers continue after the log was emptied."""

    def __init__(self, kept: int = KEPT) -> None:
        self._calls: deque[tuple[int, Call]] = deque(maxlen=kept)
        self._numbers = itertools.count(1)

    def add(self, call: Call) -> None:
        self._calls.append((next(self._numbers), call))

    def since(self, number: int) -> list[dict[str, Any]]:
        return [call.listed(n) for n, call in self._calls if n > number]

    def clear(self) -> None:
        self._calls.clear()


def error_code(body: bytes) -> str:
    """Return the error code in AWS's XML answer, or `Error` when it holds none."""
    found = _CODE.search(body)
    return found.group(1).decode() if found else "Error"
