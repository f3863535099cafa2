"""What was in force in AWS, and when: put together from the local AWS's log of calls."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from tests.faults.oracle import Document
from tests.localaws.server import LocalAws

EXPIRY_POLICY_NAME = "daypass-closing"
WORKER = "daypass-worker"
NEVER = datetime.max.replace(tzinfo=UTC)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
_KEPT = {"CreateRole", "UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "GetRole", "AssumeRole"}
_KEPT_OBJECT = "PutObject"


@dataclass(frozen=True)
class Change:
    """One write to a role, and the two documents that were in force after it.

    `since` is a moment when it was not in force for longer than AWS took to answer, `until` that of the next one. It is
    `late` when AWS had been sent it before the write that it came after.
    """

    n: int
    role: str
    action: str
    by_worker: bool
    since: datetime
    until: datetime
    trust: Document
    expiry_policy: Document | None
    sent: datetime
    late: bool


@dataclass
class CallBook:
    """Every call that matters, collected while the log in the local AWS goes round.

    The log is in the order in which calls were finished and has the time at which each came. A slow one came long
    before it took effect, but did so after all those came that were finished before it: `done` is the latest of these.
    """

    aws: LocalAws
    calls: list[dict[str, Any]] = field(default_factory=list)
    _last: int = 0
    _done: datetime = LONG_AGO

    def read(self) -> list[dict[str, Any]]:
        """Take over what is new in the log, and give everything so far in the order in which AWS finished it."""
        for call in self.aws.calls(self._last):
            self._last = call["n"]
            self._done = max(self._done, datetime.fromisoformat(call["at"]))
            if call["action"] in _KEPT or call["action"] == _KEPT_OBJECT:
                self.calls.append({**call, "done": self._done})
        return self.calls

    def changes(self) -> list[Change]:
        """Return every write that took effect, role by role in order."""
        writes: dict[str, list[Change]] = {}
        for call in self.read():
            at: datetime = call["done"]
            if call["outcome"] == "ok" and call["action"] not in {"GetRole", "AssumeRole", _KEPT_OBJECT}:
                written = writes.setdefault(call["params"]["RoleName"], [])
                change = _after(call, at, written[-1] if written else None)
                if change is not None:
                    written[-1:] = [*(_ended(last, at) for last in written[-1:]), change]
        return [change for written in writes.values() for change in written]

    def sessions(self) -> list[tuple[dict[str, Any], datetime]]:
        """Return every AssumeRole that AWS granted, with its time."""
        return [
            (call, datetime.fromisoformat(call["at"]))
            for call in self.read()
            if call["action"] == "AssumeRole" and call["outcome"] == "ok"
        ]

    def uploads(self) -> list[tuple[dict[str, Any], datetime]]:
        """Return every PutObject that AWS let through, with its time."""
        return [
            (call, datetime.fromisoformat(call["at"]))
            for call in self.read()
            if call["action"] == _KEPT_OBJECT and call["outcome"] == "ok"
        ]

    def first_look(self, role: str, *, since: datetime) -> datetime:
        """Return when the worker first read this role with GetRole after `since`; NEVER if it did not."""
        return min((call["done"] for call in self._looks(role) if call["done"] > since), default=NEVER)

    def _looks(self, role: str) -> list[dict[str, Any]]:
        return [
            call
            for call in self.read()
            if call["action"] == "GetRole" and call["params"].get("RoleName") == role and WORKER in call["caller"]
        ]

    def last_look(self, role: str, *, before: int, behind: timedelta) -> int:
        """Return the number of the last call that the worker's last GetRole of this role before `before` could show.

        It is the look itself unless AWS's answers are `behind`; 0 if there is none.
        """
        look = max((call for call in self._looks(role) if call["n"] < before), key=itemgetter("n"), default=None)
        if look is None:
            return 0
        shown = look["done"] - behind
        return max((call["n"] for call in self.calls if call["n"] <= look["n"] and call["done"] <= shown), default=0)


def _after(call: dict[str, Any], at: datetime, last: Change | None) -> Change | None:
    words, action = call["params"], call["action"]
    trust, expiry_policy = (last.trust, last.expiry_policy) if last else ({}, None)
    if action in {"CreateRole", "UpdateAssumeRolePolicy"}:
        trust = json.loads(words["AssumeRolePolicyDocument" if action == "CreateRole" else "PolicyDocument"])
    elif words["PolicyName"] != EXPIRY_POLICY_NAME:
        return None
    else:
        expiry_policy = json.loads(words["PolicyDocument"]) if action == "PutRolePolicy" else None
    sent = datetime.fromisoformat(call["at"])
    late = last is not None and sent < last.sent
    return Change(
        call["n"],
        words["RoleName"],
        action,
        WORKER in call["caller"],
        at,
        NEVER,
        trust,
        expiry_policy,
        sent=sent,
        late=late,
    )


def _ended(change: Change, at: datetime) -> Change:
    return Change(**{**vars(change), "until": at})
