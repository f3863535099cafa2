"""One-time codes of the demo's people, as their apps would show them."""

import secrets
from base64 import b32encode
from collections.abc import Iterator

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

STEP = 30  # seconds that a code is shown [RFC 6238]


def new_seed() -> str:
    """Return a fresh seed as apps take it: 160 random bits in Base32."""
    return b32encode(secrets.token_bytes(20)).decode()


def code_at(seed: str, now: float) -> str:
    """Return the code of the seed at `now`, in seconds since 1970."""
    return str(format_hotp_value(hotp_value(seed, int(now) // STEP)))


def around(seed: str, now: float) -> Iterator[str]:
    """Yield the codes that are taken at `now`: the present one, the next and the last; each is good for once."""
    yield from (code_at(seed, now + shift) for shift in (0, STEP, -STEP))
