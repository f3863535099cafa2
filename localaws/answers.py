"""The formats of AWS's responses: status, headers, body."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

Response = tuple[int, dict[str, str], bytes]

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


@dataclass
class Refused(Exception):
    """A call that AWS refuses: its error code, its sentence, its HTTP status."""

    code: str
    message: str
    status: int = 400
    extra: dict[str, str] = field(default_factory=dict)

    def response(self, service: str) -> Response:
        return error(service, self.code, self.message, self.status)


def error(service: str, code: str, message: str, status: int) -> Response:
    """Return AWS's error answer in the XML of the service (S3 has its own envelope)."""
    text = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    request_id = str(uuid.uuid4())
    if service not in NAMESPACES:
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{text}<RequestId>{request_id}</RequestId></Error>'
        return status, {"Content-Type": "application/xml"}, body.encode()
    kind = "Sender" if status < 500 else "Receiver"
    body = (
        f'<ErrorResponse xmlns="{NAMESPACES[service]}"><Error><Type>{kind}</Type>{text}</Error>'
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return status, {"Content-Type": "text/xml"}, body.encode()


def result(service: str, action: str, inner: str) -> Response:
    """Return a good answer of a query service; `inner` is XML that is already escaped."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><{action}Response xmlns="{NAMESPACES[service]}">'
        f"<{action}Result>{inner}</{action}Result>"
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{action}Response>"
    )
    return 200, {"Content-Type": "text/xml"}, body.encode()


def as_json(content: Any, status: int = 200) -> Response:
    return status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, json.dumps(content).encode()


def as_html(page: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    defaults = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return status, {**defaults, **(headers or {})}, page.encode()
