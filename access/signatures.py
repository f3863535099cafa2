"""Sign and verify checkpoints: lines of JSON with the hash of the newest audit event, signed with Ed25519.

A statement is a checkpoint: the head has this sequence and this hash. With `new_key` it says that another key follows.
"""

import base64
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_CONTEXT = b"daypass audit checkpoint 1\n"
_KEY_BYTES = 32


class BadKey(ValueError):
    """The text is not a key: 32 bytes in URL-safe Base64."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What was signed; `key` and `new_key` are public keys, `at` is in ISO format, `signature` in Base64."""

    sequence: int
    hash: str
    at: str
    key: str
    new_key: str = ""
    signature: str = ""

    @property
    def line(self) -> str:
        """The statement as one line of JSON."""
        return json.dumps(asdict(self), sort_keys=True)


def new_private_key() -> str:
    """Return a new private key as the setting holds it."""
    return _text(Ed25519PrivateKey.generate().private_bytes_raw())


def public_key(private: str) -> str:
    """Return the public key of a private one; raises BadKey."""
    return _text(_private(private).public_key().public_bytes_raw())


def check_public_key(public: str) -> None:
    """Raise BadKey unless this is a public key."""
    Ed25519PublicKey.from_public_bytes(_bytes(public))


def sign(*, private: str, sequence: int, hash_: str, at: datetime, new_key: str = "") -> Statement:
    """Return a signed statement; raises BadKey."""
    made = Statement(sequence, hash_, at.astimezone(UTC).isoformat(), public_key(private), new_key)
    return replace(made, signature=_text(_private(private).sign(_message(made))))


def is_signed(statement: Statement) -> bool:
    """Return whether the signature was made with the key that the statement names; it does not check whose it is."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(statement.key))
        key.verify(base64.b64decode(statement.signature, altchars=b"-_", validate=True), _message(statement))
    except (InvalidSignature, ValueError):
        return False
    return True


def read(line: bytes | str) -> Statement:
    """Return the statement of a line; raises ValueError when it is not one."""
    try:
        held: dict[str, Any] = json.loads(line)
        statement = Statement(**{name: held[name] for name in Statement.__slots__})
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a checkpoint") from error
    texts = [value for name, value in asdict(statement).items() if name != "sequence"]
    is_number = type(statement.sequence) is int and statement.sequence >= 0  # True is an int as well
    if not is_number or not all(isinstance(text, str) for text in texts):
        raise ValueError("not a checkpoint")
    return statement


def trusted_keys(roots: Collection[str], statements: Iterable[Statement]) -> set[str]:
    """Return the keys that can be trusted: the given ones, and each that a trusted one says follows it."""
    successions = {(one.key, one.new_key) for one in statements if one.new_key and is_signed(one)}
    trusted = set(roots)
    while new := {new_key for key, new_key in successions if key in trusted} - trusted:
        trusted |= new
    return trusted


def _message(statement: Statement) -> bytes:
    signed = {name: value for name, value in asdict(statement).items() if name != "signature"}
    return _CONTEXT + json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_bytes(text))


def _bytes(text: str) -> bytes:
    try:
        held = base64.b64decode(text, altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadKey("A key is 32 bytes in URL-safe Base64.") from error
    if len(held) != _KEY_BYTES:
        raise BadKey("A key is 32 bytes in URL-safe Base64.")
    return held


def _text(held: bytes) -> str:
    return base64.urlsafe_b64encode(held).decode()
