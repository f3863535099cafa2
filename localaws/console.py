"""What a signed-in browser can do in the local AWS console, with the console session's own credentials."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws import pages
from localaws.answers import Response, as_html, as_json
from localaws.calls import error_code
from localaws.federation import Federation, whoami
from localaws.requests import Message, Receive, Request, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
REGION = "us-east-1"
METHODS = {"put": "PUT", "get": "GET", "list": "GET"}


class Console:
    """`/console`: the page; `/console/session`: the same as JSON; `/console/act`: one S3 call."""

    def __init__(self, federation: Federation, application: Application) -> None:
        self._federation = federation
        self._application = application

    async def handle(self, request: Request) -> Response:
        """Return the page, or JSON to those who accept JSON; 401 when nobody is signed in."""
        session = self._federation.session_of(request)
        wants_json = "application/json" in request.headers.get("accept", "") or request.path == "/console/session"
        if session is None:
            return as_json({"error": "no live console session"}, 401) if wants_json else as_html(pages.over(), 401)
        details = self._federation.details_of(request)
        outcome = {}
        if request.path == "/console/act" and request.method == "POST":
            outcome = await self._act(request, session)
        if wants_json:
            return as_json({**whoami(session, details), **outcome})
        sentence = " ".join(str(part) for part in outcome.values())
        return as_html(pages.console(session, details["issuer"], details["destination"], sentence))

    async def _act(self, request: Request, session: dict[str, Any]) -> dict[str, Any]:
        """Return status, error code and body of one S3 call signed with the console session's own keys."""
        form = request.form
        action = form.get("action", "list")
        path = f"/{quote(form.get('bucket', ''))}" + ("" if action == "list" else f"/{quote(form.get('key', ''))}")
        body = form.get("content", "written in the local AWS console").encode() if action == "put" else b""
        key = self._federation.key_of(request)
        host = request.headers.get("host", "127.0.0.1")
        signed = AWSRequest(method=METHODS.get(action, "GET"), url=f"http://{host}{path}", data=body)
        credentials = Credentials(key, session["SecretAccessKey"], session["SessionToken"])
        S3SigV4Auth(credentials, "s3", REGION).add_auth(signed)
        status, answered = await self._ask(signed, host, path, body)
        return {"status": status, "code": "ok" if status < 300 else error_code(answered)}

    async def _ask(self, signed: AWSRequest, host: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Return status and body of the signed request, asked of this server itself."""
        headers = [(b"host", host.encode()), (b"content-length", str(len(body)).encode())]
        headers += [(name.lower().encode(), str(value).encode()) for name, value in signed.headers.items()]
        scope = {
            "type": "http",
            "method": signed.method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 0),
            "scheme": "http",
        }
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self._application(scope, receive, send)
        return int(messages[0]["status"]), b"".join(message.get("body", b"") for message in messages[1:])
