"""An HTTP request and its response, in terms of ASGI."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from localaws import callers
from localaws.answers import Response
from localaws.calls import Call, error_code
from localaws.inside import s3_action

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

FORM = "application/x-www-form-urlencoded"


@dataclass
class Request:
    """A request with its whole body; `form` holds query and form parameters, first value each."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]
    form: dict[str, str] = field(default_factory=dict)

    def replay(self) -> Receive:
        """Return a `receive` that hands the body out once more."""
        messages = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        return receive

    def call(self) -> Call:
        """Return the log entry of an AWS call, still without its outcome."""
        caller = callers.from_authorization(self.headers.get("authorization", ""))
        if caller is callers.ANONYMOUS:
            caller = callers.from_query(self.form.get("X-Amz-Credential", ""))
        agent = self.headers.get("user-agent", "")
        action = self.form.get("Action")
        service = caller.service or ("s3" if action is None else "sts")
        if service == "s3":
            bucket, _, key = self.path.lstrip("/").partition("/")
            action = s3_action(self.method, self.path, self.query) or self.method
            return Call(service, action, caller.arn, caller.account, {"Bucket": bucket, "Key": key}, user_agent=agent)
        return Call(service, action or "", caller.arn, caller.account, self.form, user_agent=agent)


async def read(scope: Scope, receive: Receive) -> Request:
    """Return the request with its body read to the end."""
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    request = Request(scope["method"], scope["path"], headers, b"".join(chunks), query)
    request.form = {name: values[0] for name, values in query.items()}
    if headers.get("content-type", "").startswith(FORM):
        fields = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        request.form |= {name: values[0] for name, values in fields.items()}
    return request


class Answer:
    """A `send` that dates the answer, notes its status and error code, and can swallow it.

    `before_end` is called before its last part is sent.
    """

    def __init__(
        self,
        send: Send,
        *,
        skew_seconds: int = 0,
        swallow: bool = False,
        before_end: "Callable[[Answer], None] | None" = None,
    ) -> None:
        self._send = send
        self._before_end = before_end
        self._skew = skew_seconds
        self._swallow = swallow
        self.status = 0
        self.outcome = "ok"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            message = {**message, "headers": dated(message["headers"], self._skew)}
        elif self.status >= 300 and self.outcome == "ok":
            self.outcome = error_code(message.get("body", b"")) if self.status >= 400 else "ok"
        if self._before_end and message["type"] == "http.response.body" and not message.get("more_body"):
            self._before_end(self)
        if not self._swallow:
            await self._send(message)


def dated(headers: list[tuple[bytes, bytes]], skew_seconds: int) -> list[tuple[bytes, bytes]]:
    """Return the headers with the one Date that this server sends: the real clock plus the skew."""
    kept = [(name, value) for name, value in headers if name.lower() != b"date"]
    return [*kept, (b"date", formatdate(time.time() + skew_seconds, usegmt=True).encode())]


async def answer(send: Send, response: Response) -> None:
    """Send a whole response."""
    status, headers, body = response
    listed = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    listed.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})
