"""The token of `aws eks get-token`: a presigned GET whose signed header x-k8s-aws-id holds the nonce."""

from access.proof.calls import (
    ALGORITHM,
    EKS_HEADER,
    PASTED,
    QUESTION,
    ProofError,
    SignedCall,
    read_parameters,
    read_signature,
    write_parameters,
)
from access.proof.hosts import Host

PREFIX = "k8s-aws-v1."
LONGEST_LIFE = 900  # seconds for which STS takes a presigned request, whatever it says itself
_NAMES = frozenset(
    {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"}
)
_TOKEN = frozenset({"X-Amz-Security-Token"})


def read_presigned(host: Host, query: str, *, nonce: str) -> tuple[SignedCall, str]:
    """Return the rebuilt request and when it was signed. The nonce is put where it must be: no other was signed
    there.
    """
    given = read_parameters(query, names=_NAMES | QUESTION.keys(), optional=_TOKEN)
    if given["X-Amz-Algorithm"] != ALGORITHM:
        raise ProofError("proof_algorithm_unknown", field=PASTED)
    signed_headers = f"host;{EKS_HEADER}"
    if given["X-Amz-SignedHeaders"] != signed_headers:
        raise ProofError("proof_nonce_unsigned", field=PASTED)
    expires = given["X-Amz-Expires"]
    if not (expires.isascii() and expires.isdigit() and 0 < int(expires[:6]) <= LONGEST_LIFE and len(expires) <= 3):
        raise ProofError("proof_valid_too_long", field=PASTED)
    signature = read_signature(
        credential=given["X-Amz-Credential"],
        date=given["X-Amz-Date"],
        signature=given["X-Amz-Signature"],
        token=given.get("X-Amz-Security-Token", ""),
        host=host,
    )
    token = {"X-Amz-Security-Token": signature.token} if signature.token else {}
    parameters = {
        **QUESTION,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": signature.credential,
        "X-Amz-Date": signature.date,
        "X-Amz-Expires": str(int(expires)),
        "X-Amz-SignedHeaders": signed_headers,
        **token,
        "X-Amz-Signature": signature.signature,
    }
    return SignedCall("GET", host, f"/?{write_parameters(parameters)}", {EKS_HEADER: nonce}), signature.date
