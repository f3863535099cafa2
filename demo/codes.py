"""One-time codes of the demo's people, as their apps would show them."""

import hashlib
import json
import secrets
import time
from base64 import b32encode
from collections.abc import Iterator
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from demo import cast

STEP = 30  # seconds that a code is shown [RFC 6238]
TRIES = 3  # codes for one sign-in


def new_seed() -> str:
    """Return a fresh seed as apps take it: 160 random bits in Base32."""
    return b32encode(secrets.token_bytes(20)).decode()


def code_at(seed: str, now: float) -> str:
    """Return the code of the seed at `now`, in seconds since 1970."""
    return str(format_hotp_value(hotp_value(seed, _step(now))))


def unused(seed: str, *, notebook: Path) -> Iterator[str]:
    """Yield a few codes that were not used before, waiting until the portal takes the next one.

    A code works once, and five wrong ones lock an account, so the steps that were used are kept in the file `notebook`,
    for the next program. The portal takes the codes of the last, the present and the next step.
    """
    for _ in range(TRIES):
        used = json.loads(notebook.read_text()) if notebook.exists() else {}
        name = hashlib.sha256(seed.encode()).hexdigest()  # the file holds no secret
        step = max(used.get(name, 0) + 1, _step(time.time()) - 1)
        time.sleep(max(0.0, (step - 1) * STEP - time.time()))
        cast.write_private(notebook, json.dumps(used | {name: step}) + "\n")
        yield code_at(seed, step * STEP)


def _step(now: float) -> int:
    return int(now) // STEP
