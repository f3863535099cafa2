"""Encrypt secrets in the database: seeds of one-time codes, the data of sessions, and drafts of forms.

The first of DAYPASS_ENCRYPTION_KEYS seals, all of them open, so that a key can be exchanged without a gap.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def encrypt(text: str) -> str:
    """Return the text encrypted and signed. [Fernet: AES-128-CBC, HMAC-SHA256]"""
    return _box().encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """Return the text back; raises cryptography's InvalidToken when none of the keys has sealed it."""
    return _box().decrypt(sealed.encode()).decode()


class EncryptedSerializer:
    """Sessions as sealed JSON: a suspended form or the seed of a factor that is being set up is read by nobody else."""

    def dumps(self, obj: Any) -> bytes:
        return _box().encrypt(json.dumps(obj, separators=(",", ":")).encode())

    def loads(self, data: bytes) -> Any:
        return json.loads(_box().decrypt(data))


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
