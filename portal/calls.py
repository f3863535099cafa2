"""The messages that the queue can contain: a call of one of Daypass's tasks, with at most one ID.

Everybody who can write to Redis can put anything there, and Celery ends at much of it. So no message reaches Celery as
it was found. It is read here, and what Celery gets is written again from only the task's name, the id and the expiry.
"""

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

TIME_LIMIT = 120  # seconds that a task can take
LARGEST = 8192  # bytes; a message of ours has about 1,200
LARGEST_ID = 2**63 - 1  # the database's BIGINT
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.ASCII)
EMBEDDED = ("callbacks", "errbacks", "chain", "chord")

# The headers that Celery writes for an ordinary call. Daypass does not pass on other headers.
PLAIN_HEADERS: Mapping[str, tuple[object, ...]] = {
    "compression": (None,),
    "eta": (None,),
    "group": (None,),
    "group_index": (None,),
    "replaced_task_nesting": (None, 0),
    "retries": (None, 0),
    "shadow": (None,),
    "stamped_headers": (None, []),
    "stamps": (None, {}),
    "timelimit": (None, [TIME_LIMIT, None], [None, None]),
}


@dataclass(frozen=True)
class Kind:
    """What a call of one task looks like: the queues that can carry it, and whether it takes an id."""

    queues: tuple[str, ...]
    takes_id: bool = True


# Each queue has its own processes with their own AWS credentials, so drop a call in the wrong queue.
KINDS: Mapping[str, Kind] = {
    "access.tasks.notify_of_clocks": Kind(("default",)),
    "access.tasks.observe_denial": Kind(("issuer",)),
    "access.tasks.reconcile_role": Kind(("urgent", "default")),
    "access.tasks.send_reset_email": Kind(("default",)),
    "access.tasks.send_notifications": Kind(("default",), takes_id=False),
    "access.tasks.sweep": Kind(("default",), takes_id=False),
    "access.tasks.notify_of_break_glass": Kind(("urgent",)),
    "access.tasks.test_connection": Kind(("default",)),
}
QUEUES = tuple(sorted({queue for kind in KINDS.values() for queue in kind.queues}))


class NotACall(ValueError):
    """A message is not one of our calls; `reason` says why, with nothing of the message itself."""

    def __init__(self, reason: str, *, queue: str, size: int) -> None:
        self.reason, self.queue, self.size = reason, queue, size
        super().__init__(reason)


Call = tuple[str, tuple[int, ...], str | None]  # the task's name, its arguments and when it expires


def read(item: bytes, *, queue: str) -> bytes:
    """Return the call in `item`, which was found in `queue`, as a message written from its parts; NotACall if none."""
    return read_call(item, queue=queue)[1]


def make(name: str, arguments: list[int], *, queue: str) -> tuple[str, bytes]:
    """Return a call of our own for `queue` as a message, with the message's id."""
    message_id = str(uuid.uuid4())
    return message_id, _write(name, message_id, arguments, None, queue)


def read_call(item: bytes, *, queue: str) -> tuple[Call, bytes]:
    """Return what `read` does, with what the call asks for: two messages that ask for the same are worth one."""
    try:
        name, message_id, arguments, expires = _read(item, queue)
        return (name, tuple(arguments), expires), _write(name, message_id, arguments, expires, queue)
    # RecursionError: JSON that is nested too deeply. OverflowError: an expiry outside the calendar.
    except (ValueError, RecursionError, OverflowError) as error:
        reason = str(error) if type(error) is _Refused else "not a message"
        raise NotACall(reason, queue=queue, size=len(item)) from None


def read_kept(entry: bytes) -> tuple[str, bytes]:
    """Return queue and message of an entry that waited for its acknowledgement; NotACall if it is not one of ours.

    An entry is the JSON list of the message, the exchange (not used) and the queue. [kombu 5.7 transport/redis.py, QoS]
    """
    try:
        kept = _json(entry)
    except (ValueError, RecursionError):
        kept = None
    match kept:
        case [dict() as message, str(), str() as queue] if queue in QUEUES:
            return queue, read(json.dumps(message).encode(), queue=queue)
    raise NotACall("not a kept message", queue="unacked", size=len(entry))


class _Refused(ValueError):
    """The text is a reason that can be logged."""


def _refuse(reason: str) -> NoReturn:
    raise _Refused(reason)


def _read(item: bytes, queue: str) -> tuple[str, str, list[int], str | None]:
    """Return the name, the message's id, the arguments and the expiry of a call."""
    match _json(item):
        case {
            "body": str() as body,
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {"task": str() as name, "id": str() as message_id, **headers},
            "properties": {"body_encoding": "base64"},
        }:
            kind = KINDS.get(name) or _refuse("not one of our tasks")
            if queue not in kind.queues:
                _refuse("a task of another queue")
            if not UUID.match(message_id):
                _refuse("not an id of a message")
            if any(headers.get(header) not in plain for header, plain in PLAIN_HEADERS.items()):
                _refuse("options that we never set")
            return name, message_id, _arguments(body, kind), _expires(headers.get("expires"))
    _refuse("not a message")


def _arguments(body: str, kind: Kind) -> list[int]:
    match _json(base64.b64decode(body, validate=True)):
        case [list() as arguments, {**keywords}, {**embedded}] if not keywords and not any(embedded.values()):
            if len(arguments) == kind.takes_id and all(_is_id(argument) for argument in arguments):
                return arguments
    _refuse("not one id" if kind.takes_id else "not without arguments")


def _is_id(argument: object) -> bool:
    return type(argument) is int and 0 < argument <= LARGEST_ID


def _expires(given: object) -> str | None:
    """Return when the call expires, in UTC; beat's sweeps and the issuer's calls do."""
    if given is None:
        return None
    expires = datetime.fromisoformat(given) if isinstance(given, str) else _refuse("not a time")
    return expires.astimezone(UTC).isoformat() if expires.tzinfo else _refuse("a time without zone")


def _json(text: bytes) -> Any:
    return json.loads(text) if len(text) <= LARGEST else _refuse("too large")


def _write(name: str, message_id: str, arguments: list[int], expires: str | None, queue: str) -> bytes:
    """Return the message as kombu reads it. The delivery tag is new: Redis keeps what waits for its end under it."""
    body = json.dumps([arguments, {}, dict.fromkeys(EMBEDDED)])
    headers = {
        **{header: plain[-1] for header, plain in PLAIN_HEADERS.items()},
        "argsrepr": repr(tuple(arguments)),
        "expires": expires,
        "id": message_id,
        "ignore_result": True,
        "kwargsrepr": "{}",
        "lang": "py",
        "root_id": message_id,
        "task": name,
    }
    properties = {
        "body_encoding": "base64",
        "correlation_id": message_id,
        "delivery_info": {"exchange": "", "routing_key": queue},
        "delivery_mode": 2,
        "delivery_tag": str(uuid.uuid4()),
        "priority": 0,
    }
    message = {
        "body": base64.b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": properties,
    }
    return json.dumps(message).encode()
