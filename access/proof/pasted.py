"""Read what a person pasted: one of two formats, as one line, even if a terminal changed it."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from access.proof import posted, presigned
from access.proof.calls import PASTED, ProofError, SignedCall
from access.proof.hosts import Host

OLDEST = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)  # clocks of laptops differ
MAX_LENGTH = 24_000
_BASE64 = re.compile(r"[A-Za-z0-9_-]+={0,2}\Z")
_URL = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?\Z")
_HOST = re.compile(r"[a-z0-9.-]{1,253}(?::[0-9]{1,5})?\Z")


def read(pasted: str, *, nonce: str, portal_host: str, hosts: Sequence[Host], now: datetime) -> SignedCall:
    """Return the one question to STS that was signed, rebuilt; raises ProofError before anything is sent.

    It must be signed for one of `hosts`, with this nonce, at most five minutes ago.
    """
    text = _unwrapped(pasted)
    if text.startswith(presigned.PREFIX):
        host, query = _address(_decoded(text.removeprefix(presigned.PREFIX)), hosts)
        call, date = presigned.read_presigned(host, query, nonce=nonce)
    elif text.startswith(posted.PREFIX):
        url, headers, body = posted.open_envelope(_decoded(text.removeprefix(posted.PREFIX)))
        host, query = _address(url, hosts)
        if query:
            raise ProofError("proof_query_unexpected", field=PASTED)
        call, date = posted.read_posted(host, headers, body, proof=f"{portal_host}/{nonce}")
    else:
        raise ProofError("proof_pasted_unknown", field=PASTED)
    _check_fresh(datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), now=now)
    return call


def _unwrapped(pasted: str) -> str:
    """Return the line; terminals wrap long ones, and `aws eks get-token` without --query prints it inside JSON."""
    if len(pasted) > MAX_LENGTH:
        raise ProofError("proof_pasted_too_long", field=PASTED, most=MAX_LENGTH)
    text = re.sub(r"\s+", "", pasted, flags=re.ASCII)
    if not text.startswith("{"):
        return text
    try:
        token = json.loads(text)["status"]["token"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ProofError("proof_pasted_unknown", field=PASTED) from error
    return token if isinstance(token, str) else ""


def _decoded(text: str) -> str:
    if not _BASE64.match(text):
        raise ProofError("proof_pasted_damaged", field=PASTED)
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_").decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ProofError("proof_pasted_damaged", field=PASTED) from error


def _address(url: str, hosts: Sequence[Host]) -> tuple[Host, str]:
    """Return the host of STS that this goes to, which is taken from our list, and the query."""
    parts = _URL.match(url)
    host = next(
        (host for host in hosts if parts and (parts["scheme"], parts["host"]) == (host.scheme, host.name)), None
    )
    if parts is None or host is None:
        raise _of_another_host(parts["host"] if parts else "")
    if parts["path"] != "/":
        raise ProofError("proof_path_invalid", field=PASTED)
    return host, parts["query"] or ""


def _of_another_host(name: str) -> ProofError:
    """Return what to say of a host that is none of STS's public ones: which it is, and the setting behind it."""
    if not _HOST.match(name):
        return ProofError("proof_host_unknown", field=PASTED)
    host = name[:80]
    if host.startswith("sts-fips."):
        return ProofError("proof_host_fips", field=PASTED, host=host)
    if ".vpce." in host:
        return ProofError("proof_host_vpc", field=PASTED, host=host)
    return ProofError("proof_host_other", field=PASTED, host=host)


def _check_fresh(signed_at: datetime, *, now: datetime) -> None:
    if signed_at > now + AHEAD:
        raise ProofError("proof_in_future", field=PASTED)
    if now > signed_at + OLDEST:
        raise ProofError("proof_outdated", field=PASTED, age=OLDEST)
