"""What somebody pasted: one of two forms, in one line, whatever the terminal made of it."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from access.proof import posted, presigned
from access.proof.calls import ProofError, SignedCall
from access.proof.hosts import Host

OLDEST = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)  # clocks of laptops differ
MAX_LENGTH = 24_000
_BASE64 = re.compile(r"[A-Za-z0-9_-]+={0,2}\Z")
_URL = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?\Z")
_HOST = re.compile(r"[a-z0-9.-]{1,253}(?::[0-9]{1,5})?\Z")
_FIPS = "Unset AWS_USE_FIPS_ENDPOINT, remove use_fips_endpoint from your profile,"
_VPC = "Unset AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS, remove endpoint_url from your profile,"
_NOTHING = "Paste the one line that the command prints; it begins with k8s-aws-v1. or daypass-v1."


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
            raise ProofError(
                "The URL contains a query, which does not belong there. Run the snippet on this page without changes."
            )
        call, date = posted.read_posted(host, headers, body, proof=f"{portal_host}/{nonce}")
    else:
        raise ProofError(_NOTHING)
    _check_fresh(datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), now=now)
    return call


def _unwrapped(pasted: str) -> str:
    """Return the line; terminals wrap long ones, and `aws eks get-token` without --query prints it inside JSON."""
    if len(pasted) > MAX_LENGTH:
        raise ProofError(f"The pasted text is longer than {MAX_LENGTH} characters. {_NOTHING}")
    text = re.sub(r"\s+", "", pasted, flags=re.ASCII)
    if not text.startswith("{"):
        return text
    try:
        token = json.loads(text)["status"]["token"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ProofError(_NOTHING) from error
    return token if isinstance(token, str) else ""


def _decoded(text: str) -> str:
    if not _BASE64.match(text):
        raise ProofError(f"The pasted text is incomplete or was changed. {_NOTHING}")
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_").decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ProofError(f"The pasted text is incomplete or was changed. {_NOTHING}") from error


def _address(url: str, hosts: Sequence[Host]) -> tuple[Host, str]:
    """Return the host of STS that this goes to, which is taken from our list, and the query."""
    parts = _URL.match(url)
    host = next(
        (host for host in hosts if parts and (parts["scheme"], parts["host"]) == (host.scheme, host.name)), None
    )
    if parts is None or host is None:
        raise ProofError(_of_another_host(parts["host"] if parts else ""))
    if parts["path"] != "/":
        raise ProofError(
            "The request was signed for a path other than /. Run the command on this page without changes."
        )
    return host, parts["query"] or ""


def _of_another_host(name: str) -> str:
    """Return what to say of a host that is none of STS's public ones: which it is, and the setting behind it."""
    shown = name[:80] if _HOST.match(name) else ""
    if shown.startswith("sts-fips.") or ".vpce." in shown:
        kind, setting = ("FIPS", _FIPS) if shown.startswith("sts-fips.") else ("VPC", _VPC)
        return f"The request was signed for {shown}, a {kind} endpoint of STS. {setting} and run the command again."
    if shown:
        said = f"The request was signed for {shown}, which is not an STS host that Daypass knows."
        return f"{said} {_VPC} and run the command again."
    return (
        "The request was not signed for an STS host that Daypass knows. Run the command on this page without changes."
    )


def _check_fresh(signed_at: datetime, *, now: datetime) -> None:
    if signed_at > now + AHEAD:
        raise ProofError(
            "The signature's date is in the future. Correct your computer's clock and run the command again."
        )
    if now > signed_at + OLDEST:
        raise ProofError(
            "The request was signed more than 5 minutes ago. Run the command again and paste the output immediately."
        )
