"""Send a rebuilt GetCallerIdentity request to STS, and read who signed it.

It carries the contractor's signature, not ours, so no client of boto3 sends it: a connection of its own does, to the
host that the request names and nowhere else.
"""

import http.client
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path
from django.conf import settings

from access.aws.errors import Terminal, Unavailable
from access.proof import STS_HOSTS, Caller, Host, SignedCall

LONGEST_ANSWER = 16_384  # bytes; a true one has about 400
SILENCE = 5.0  # seconds without a byte
PATIENCE = 10.0  # seconds for the whole body
_OK = 200
_CODE = re.compile(rb'(?:"Code"\s*:\s*"|<Code>)([A-Za-z.]{1,60})["<]')


class NotAnswered(Unavailable):
    """STS could not be asked, or answered nothing that can be read."""


class NotBelieved(Terminal):
    """STS does not take the signature."""


_UNKNOWN_KEYS = partial(NotBelieved, "sts_keys_unknown")
_REFUSED = partial(NotBelieved, "sts_refused")
_BY_CODE: Mapping[str, Callable[[], NotBelieved]] = {
    "SignatureDoesNotMatch": partial(NotBelieved, "sts_signature_wrong"),
    "InvalidClientTokenId": _UNKNOWN_KEYS,
    "UnrecognizedClientException": _UNKNOWN_KEYS,
    "InvalidToken": partial(NotBelieved, "sts_token_wrong"),
    "ExpiredToken": partial(NotBelieved, "sts_keys_expired"),
    "RequestExpired": partial(NotBelieved, "sts_signature_expired"),
}


def sts_hosts() -> tuple[Host, ...]:
    """Return the hosts that a request can be signed for: those of AWS, or just the one endpoint in place of AWS."""
    if not settings.AWS_ENDPOINT_URL:
        return STS_HOSTS
    endpoint = urlsplit(settings.AWS_ENDPOINT_URL)
    return (Host(endpoint.netloc, "aws", scheme=endpoint.scheme),)


def ask_who_signed(call: SignedCall) -> Caller:
    """Return the caller as STS names them, in one attempt. [STS GetCallerIdentity]

    Raises NotBelieved or NotAnswered. Neither repeats what STS said: its message may contain what was signed.
    """
    status, body = _exchange(call)
    if status != _OK:
        found = _CODE.search(body)
        code = found.group(1).decode() if found else ""
        if status >= 500 or code in {"Throttling", "ThrottlingException"}:
            raise NotAnswered("sts_busy")
        refuse = _BY_CODE.get(code, _REFUSED)
        raise refuse()
    return _read(body)


def _exchange(call: SignedCall) -> tuple[int, bytes]:
    """Return status and body of the answer; a redirect is an answer too, and nobody follows it."""
    connection = _connection(call.host)
    try:
        connection.request(
            call.method, call.target, body=call.body or None, headers={**call.headers, "accept": "application/json"}
        )
        answer = connection.getresponse()
        return answer.status, _bounded(answer)
    except (OSError, http.client.HTTPException) as error:
        # No exception chain: the original message could contain the URL, and the URL contains the signature.
        raise NotAnswered("sts_silent", error=type(error).__name__) from None
    finally:
        connection.close()


def _connection(host: Host) -> http.client.HTTPConnection:
    """Return a connection of its own. The standard library's knows no proxy and no redirect, and logs no address."""
    if host.scheme == "http":
        return http.client.HTTPConnection(host.name, timeout=SILENCE)
    trusted = ssl.create_default_context(cafile=get_cert_path(True))
    return http.client.HTTPSConnection(host.name, timeout=SILENCE, context=trusted)


def _bounded(answer: http.client.HTTPResponse) -> bytes:
    until, body = time.monotonic() + PATIENCE, b""
    while chunk := answer.read1(LONGEST_ANSWER):
        body += chunk
        if len(body) > LONGEST_ANSWER or time.monotonic() > until:
            raise NotAnswered("sts_answer_endless")
    return body


def _read(body: bytes) -> Caller:
    try:
        answer = json.loads(body.decode("ascii"), object_pairs_hook=_once)
        found = answer["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
        named = [found[name] for name in ("Arn", "Account", "UserId")]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotAnswered("sts_answer_unreadable") from None
    if not all(isinstance(value, str) for value in named):
        raise NotAnswered("sts_answer_unreadable")
    return Caller(*named)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found
