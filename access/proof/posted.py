"""The output of Daypass's own snippets: a signed POST with the portal's host and the nonce in x-daypass-proof."""

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from access.proof.calls import (
    ALGORITHM,
    CONTENT_TYPE,
    PASTED,
    PROOF_HEADER,
    QUESTION,
    ProofError,
    SignedCall,
    read_parameters,
    read_signature,
    write_parameters,
)
from access.proof.hosts import Host

PREFIX = "daypass-v1."
_TOKEN = "x-amz-security-token"  # noqa: S105  # nosec B105  # the name of a header
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<credential>[^,\s]+),\s?SignedHeaders=(?P<headers>[a-z0-9;-]+),"
    r"\s?Signature=(?P<signature>[0-9a-f]+)\Z",
    re.ASCII,
)


def open_envelope(text: str) -> tuple[str, Mapping[str, str], str]:
    """Return the address, the headers and the body that the snippet printed."""
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ProofError("proof_pasted_damaged", field=PASTED) from error
    if not isinstance(content, dict) or content.keys() != {"url", "headers", "body"}:
        raise ProofError("proof_pasted_damaged", field=PASTED)
    headers = content["headers"]
    texts = [content["url"], content["body"], *(headers.values() if isinstance(headers, dict) else [None])]
    if not all(isinstance(value, str) for value in texts):
        raise ProofError("proof_pasted_damaged", field=PASTED)
    named = _once([(name.lower(), value) for name, value in headers.items()])
    return content["url"], named, content["body"]


def read_posted(host: Host, headers: Mapping[str, str], body: str, *, proof: str) -> tuple[SignedCall, str]:
    """Return the rebuilt request and when it was signed. `proof` is the portal's host, a slash and the nonce."""
    read_parameters(body, names=frozenset(QUESTION))
    named = {"authorization", "content-type", "x-amz-date", PROOF_HEADER}
    if PROOF_HEADER not in headers or not named <= headers.keys() <= named | {_TOKEN}:
        raise ProofError("proof_pasted_damaged", field=PASTED)
    if not hmac.compare_digest(headers[PROOF_HEADER].encode(), proof.encode()):
        raise ProofError("proof_other_nonce", field=PASTED)
    if headers["content-type"].lower() != CONTENT_TYPE:
        raise ProofError("proof_pasted_damaged", field=PASTED)
    parts = _AUTHORIZATION.match(headers["authorization"])
    if parts is None:
        raise ProofError("proof_signature_incomplete", field=PASTED)
    signed = sorted(({"host"} | headers.keys()) - {"authorization"})
    if parts["headers"] != ";".join(signed):
        raise ProofError("proof_nonce_unsigned", field=PASTED)
    signature = read_signature(
        credential=parts["credential"],
        date=headers["x-amz-date"],
        signature=parts["signature"],
        token=headers.get(_TOKEN, ""),
        host=host,
    )
    rebuilt = {
        "authorization": f"{ALGORITHM} Credential={signature.credential}, SignedHeaders={';'.join(signed)}, "
        f"Signature={signature.signature}",
        "content-type": CONTENT_TYPE,
        "x-amz-date": signature.date,
        PROOF_HEADER: proof,
        **({_TOKEN: signature.token} if signature.token else {}),
    }
    return SignedCall("POST", host, "/", rebuilt, write_parameters(QUESTION)), signature.date


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a dictionary; a name that is there twice could mean one thing to us and another to STS."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProofError("proof_pasted_damaged", field=PASTED)
    return found
