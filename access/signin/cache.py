"""Django's cache, which libraries use to remember used tokens, metadata and device codes.

It forgets nothing before its time. Keys are hashed and values sealed, so a backup shows neither.
"""

import json
from datetime import timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from access import clock, limits
from access.encryption import decrypt, encrypt

Timeout = float | object | None


class ExpiringCache(BaseCache):
    """Values are JSON and always expire. An error of the database is raised: it does not pass for an empty cache."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Timeout = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        now = clock.now()
        return limits.add(self._name(key, version), _encrypted(value), until=now + self._life(timeout), now=now)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        kept = limits.value_of(self._name(key, version), now=clock.now())
        return default if kept is None else json.loads(decrypt(kept))

    def set(self, key: str, value: Any, timeout: Timeout = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        limits.put(self._name(key, version), _encrypted(value), until=clock.now() + self._life(timeout))

    def delete(self, key: str, version: int | None = None) -> bool:
        return limits.drop(self._name(key, version))

    def _name(self, key: str, version: int | None) -> str:
        return f"cache:{self.make_key(key, version=version)}"

    def _life(self, timeout: Timeout) -> timedelta:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        if not isinstance(seconds, int | float):
            raise TypeError("Everything in this cache expires. Give a timeout in seconds.")
        return timedelta(seconds=seconds)


def _encrypted(value: Any) -> str:
    return encrypt(json.dumps(value, separators=(",", ":")))
