"""A signed request as typed values, and how to rebuild it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

from access.proof.hosts import Host
from access.texts.text import CodedError

PROOF_HEADER = "x-daypass-proof"
EKS_HEADER = "x-k8s-aws-id"
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
ALGORITHM = "AWS4-HMAC-SHA256"
PASTED, ROLE = "pasted", "role_arn"  # the fields of the form
QUESTION = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}

_CREDENTIAL = re.compile(
    r"(?P<key>[A-Z0-9]{12,128})/(?P<day>[0-9]{8})/(?P<region>[a-z0-9-]{1,30})/(?P<service>[a-z0-9-]{1,30})/aws4_request\Z"
)
_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z\Z")
_SIGNATURE = re.compile(r"[0-9a-f]{64}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{1,8192}\Z")


class ProofError(CodedError):
    """What was pasted, or what STS said of it, proves nothing; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class SignedCall:
    """One GetCallerIdentity request, rebuilt; signature and session token stay out of its repr."""

    method: Literal["GET", "POST"]
    host: Host
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature, with its access key, time and region."""

    key: str
    region: str
    date: str
    signature: str = field(repr=False)
    token: str = field(repr=False, default="")

    @property
    def credential(self) -> str:
        return f"{self.key}/{self.date[:8]}/{self.region}/sts/aws4_request"

    @property
    def at(self) -> datetime:
        return datetime.strptime(self.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def read_signature(*, credential: str, date: str, signature: str, token: str, host: Host) -> Signature:
    """Return the signature whose parts these are, made for this host of STS."""
    scope = _CREDENTIAL.match(credential)
    if scope is None or not _DATE.match(date) or not _SIGNATURE.match(signature):
        raise ProofError("proof_signature_incomplete", field=PASTED)
    if token and not _TOKEN.match(token):
        raise ProofError("proof_token_incomplete", field=PASTED)
    if scope["service"] != "sts":
        raise ProofError("proof_other_service", field=PASTED)
    if host.region not in {"", scope["region"]}:
        raise ProofError("proof_other_region", field=PASTED, signed=scope["region"], host=host.name, region=host.region)
    found = Signature(scope["key"], scope["region"], date, signature, token)
    if scope["day"] != date[:8]:
        raise ProofError("proof_two_dates", field=PASTED)
    try:
        found.at  # noqa: B018  # the thirteenth month has no time
    except ValueError as error:
        raise ProofError("proof_date_invalid", field=PASTED) from error
    return found


def read_parameters(text: str, *, names: frozenset[str], optional: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the parameters of a query, which must be exactly these, each once."""
    found: dict[str, str] = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if name in found:
            raise ProofError("proof_parameter_twice", field=PASTED, name=_shown(name))
        found[name] = unquote_to_bytes(value).decode("ascii", errors="replace")
    if extra := found.keys() - names - optional:
        raise ProofError("proof_parameter_unexpected", field=PASTED, name=_shown(min(extra)))
    if missing := names - found.keys():
        raise ProofError("proof_parameter_missing", field=PASTED, name=min(missing))
    if any(found[name] != value for name, value in QUESTION.items()):
        raise ProofError("proof_other_question", field=PASTED)
    return found


def write_parameters(parameters: Mapping[str, str]) -> str:
    """Return the query that was signed: every value escaped as Signature Version 4 does. [IAM User Guide, SigV4]"""
    return "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in parameters.items())


def _shown(name: str) -> str:
    """Return a name that somebody else chose, short and plain."""
    return re.sub(r"[^A-Za-z0-9_.-]", "?", name)[:40] or '""'
