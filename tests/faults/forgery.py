"""What somebody might put into Redis who can write to it: messages, kept messages and keys, none of them ours.

Each is named. None of them may end a worker, and each is counted when it is dropped.
"""

import base64
import json
import time
import uuid
from typing import Any

import redis

ABSENT = object()
FOLDED = "[" * 4000 + "]" * 4000
PAST = 5000  # seconds ago, for unacknowledged messages
TYPES = ("string", "list", "hash", "set", "zset", "stream")
# The keys that kombu uses or would use, each with the one type at which it does not stumble.
KEYS = {
    "urgent": "list",
    "default": "list",
    "issuer": "list",
    "unacked": "hash",
    "unacked_index": "zset",
    "unacked_mutex": "string",
    "_kombu.binding.default": "set",
    "_kombu.binding.urgent": "set",
    "_kombu.binding.celeryev": "set",
    "_kombu.binding.celery.pidbox": "set",
    "_kombu.binding_permanent.default": "set",
    "_kombu.binding_deadlines": "zset",
}


def message(task: Any = "access.tasks.reconcile_role", *, body: Any = ABSENT, **headers: Any) -> dict[str, Any]:
    """Return a message as Celery writes it, with headers of one's own; `body` is the text within it."""
    embedded = dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))
    text = json.dumps([[1], {}, embedded]) if body is ABSENT else body
    identity = str(uuid.uuid4())
    known = {"lang": "py", "task": task, "id": identity, "root_id": identity, "retries": 0, "argsrepr": "(1,)"}
    return {
        "body": base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {**known, "eta": None, "expires": None, "timelimit": [None, None], **headers},
        "properties": {
            "body_encoding": "base64",
            "correlation_id": identity,
            "delivery_info": {"exchange": "", "routing_key": "default"},
            "delivery_tag": str(uuid.uuid4()),
            "priority": 0,
        },
    }


def forgeries() -> dict[str, bytes]:
    """Return items for a queue by what is wrong with them."""
    return {
        name: item if isinstance(item, bytes) else json.dumps(item).encode()
        for name, item in {**_no_messages(), **_odd_bodies(), **_odd_headers(), **_odd_envelopes()}.items()
    }


def _no_messages() -> dict[str, Any]:
    huge = message() | {"body": "A" * 10_000_000}
    texts = ("not even json", "", "null", "5", "true", '"text"', "[]", "{}", "NaN", "[" * 100_000, '{"a":' * 50_000)
    typed = ('{"__type__": "uuid", "__value__": "x"}', '{"__type__": "datetime", "__value__": 5}')
    return {
        **{f"the item {text[:12]!r}": text.encode() for text in (*texts, *typed)},
        "bytes": b"\xff\xfe\x00",
        "ten million emails": b"x" * 10_000_000,
        "a huge message": huge,
        "a message and more": json.dumps(message()).encode() + b"x",
        "a number of ten thousand digits": b"9" * 10_000,
    }


def _odd_bodies() -> dict[str, Any]:
    whole = ("null", "5", "true", '"text"', "{}", "[]", "[1, 2, 3, 4]", "[[], {}]", '{"args": [1]}', "[[1", FOLDED)
    arguments = (
        "null",
        '"ab"',
        "{}",
        "[]",
        "[1, 2]",
        "[1.5]",
        "[true]",
        "[0]",
        "[-1]",
        f"[{10**30}]",
        "[[1]]",
        "[NaN]",
    )
    typed = (
        f"[{10**30}]",
        '["arn:aws:iam::111111111111:role/daypass/any"]',
        '[{"__type__": "uuid", "__value__": "x"}]',
    )
    keywords = ("[]", "null", '{"role_id": 1}')
    call: dict[str, Any] = {"task": "access.tasks.sweep", "args": [], "kwargs": {}, "options": {}, "subtask_type": None}
    embedded = [[1], "text", 5, *({slot: [call]} for slot in ("callbacks", "errbacks", "chain", "chord"))]
    first_protocol = '{"task": "access.tasks.sweep", "id": "x", "args": 5, "kwargs": []}'
    return {
        **{f"the body {text[:20]}": message(body=text) for text in whole},
        **{f"the arguments {text}": message(body=f"[{text}, {{}}, {{}}]") for text in (*arguments, *typed)},
        **{f"the keywords {text}": message(body=f"[[1], {text}, {{}}]") for text in keywords},
        **{f"embedded {value}": message(body=json.dumps([[1], {}, value])) for value in embedded},
        "a body of bytes": message(body=b"\xff\xfe\x00"),
        "a sweep with an id": message("access.tasks.sweep"),
        "the first protocol": message(body=first_protocol),
    }


def _odd_headers() -> dict[str, Any]:
    values: dict[str, tuple[Any, ...]] = {
        "task": ([], ["access.tasks.sweep"], {}, 5, None, "", "access.tasks.no_such_task", "celery.backend_cleanup"),
        "id": ([], {}, 5, None, "", "forged", str(uuid.uuid4()) + "\n", str(uuid.uuid4()).upper(), "x" * 5000),
        "timelimit": ("text", 5, [1], [1, 2, 3], ["a", "b"], {"a": 1}, [-1, -1], [0.001, 0.001]),
        "eta": ("garbage", 5, [], {}, "2026-11-29T12:00:00+00:00", "9999-12-31T23:59:59-14:00"),
        "expires": ("garbage", 5, [], {}, True, "2026-11-29T12:00:00", "0001-01-01T00:00:00+14:00", ""),
        "retries": ("text", [], 5, -1),
        "compression": ("gzip", "no-such", 5, []),
        "group": ("text", [], {}),
        "shadow": ("text", []),
        "stamps": ("text", 5, {"a": 1}),
        "stamped_headers": ("text", 5, ["a"]),
    }
    return {
        f"the header {name} {str(value)[:40]!r}": message(**{name: value})
        for name, odd in values.items()
        for value in odd
    }


def _odd_envelopes() -> dict[str, Any]:
    whole: dict[str, tuple[Any, ...]] = {
        "body": (None, 5, [], {}, "", True, "%%% no base64", "abc", "ü"),
        "content-type": ("application/data", "application/text", "application/x-python-serialize", None, 5, [], ""),
        "content-encoding": ("utf-16", "binary", "no-such", None, 5, [], "zlib"),
        "headers": (None, [], "text", 5, {}),
        "properties": (None, [], "text", 5, {}),
    }
    encodings: tuple[Any, ...] = ("utf-8", "gzip", "zlib", None, 5, [], {})
    odd = {f"{name} {value!r}": message() | {name: value} for name, values in whole.items() for value in values}
    for encoding in encodings:
        forged = message()
        forged["properties"]["body_encoding"] = encoding
        odd[f"body_encoding {encoding!r}"] = forged
    for name in whole:
        odd[f"without {name}"] = {key: value for key, value in message().items() if key != name}
    return odd


def odd_but_ours() -> dict[str, bytes]:
    """Return calls of ours whose other parts are odd: none of those parts may reach Celery."""
    properties: dict[str, tuple[Any, ...]] = {
        "delivery_info": (None, [], "text", {}, {"exchange": [], "routing_key": {}}, {"exchange": "no"}),
        "delivery_tag": (None, [], {}, 5),
        "priority": (None, [], "text", -1, 10**30),
        "correlation_id": ([], {}),
        "reply_to": ([], "text"),
    }
    headers: dict[str, tuple[Any, ...]] = {
        "root_id": ([], {}, 5),
        "parent_id": ([], {}),
        "ignore_result": ("text", [], False),
        "argsrepr": ([], 5, "x" * 1000),
        "args": ("text", [5]),
        "callbacks": (5, ["text"]),
        "reply_to": ([],),
        "delivery_info": ("text",),
        "loglevel": ([],),
    }
    calls = [message(body="[[999999999], {}, {}]", **{name: odd}) for name, odds in headers.items() for odd in odds]
    for name, odds in properties.items():
        for odd in odds:
            calls.append(message(body="[[999999999], {}, {}]"))
            calls[-1]["properties"][name] = odd
    return {f"{number}": json.dumps(call).encode() for number, call in enumerate(calls)}


def kept_forgeries() -> dict[str, bytes]:
    """Return entries of the hash in which kombu keeps what waits for its acknowledgement."""
    good = message()
    texts = ("not json", "null", "5", "[]", "{}", '"text"', "[" * 100_000, '{"__type__": "uuid", "__value__": "x"}')
    entries: list[Any] = [
        *([good, ""], [good, "", "default", 1], [None, "", "default"], [5, "", "default"], [{}, "", "default"]),
        *([good, "", []], [good, [], "default"], [good, None, None], [good, "", "elsewhere"], [good, "", "issuer"]),
        *([good | {"headers": None}, "", "default"], [message(body="null"), "", "default"]),
        *([message(timelimit="text"), "", "default"], [good | {"properties": {"priority": "x"}}, "", "default"]),
    ]
    return {
        **{f"kept {text[:12]!r}": text.encode() for text in texts},
        **{f"kept {str(entry)[-60:]}": json.dumps(entry).encode() for entry in entries},
        "kept bytes": b"\xff",
        "kept and huge": b"x" * 10_000_000,
    }


def keep(server: "redis.Redis", entries: dict[str, bytes]) -> None:
    """Let the entries wait for an acknowledgement that is long overdue, and beside them tags without any entry."""
    overdue = time.time() - PAST
    server.hset("unacked", mapping=entries)  # type: ignore[arg-type]
    server.zadd("unacked_index", dict.fromkeys([*map(str.encode, entries), b"without an entry", b"\xff\xfe"], overdue))


def put_type(server: "redis.Redis", key: str, kind: str) -> None:
    """Put a key of this type in place of whatever is there."""
    server.delete(key)
    match kind:
        case "string":
            server.set(key, "x")
        case "list":
            server.rpush(key, "x")
        case "hash":
            server.hset(key, "x", "x")
        case "set":
            server.sadd(key, "x")
        case "zset":
            server.zadd(key, {"x": 1})
        case "stream":
            server.xadd(key, {"x": "x"})
