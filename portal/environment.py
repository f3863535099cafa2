"""Read the environment: values, secrets from values or files, and errors that prevent Daypass from starting.

What is missing or cannot be read does not stop the settings from loading: it is noted, and a value takes its place that
no rule refuses. So one list says all that is wrong, and no traceback holds a value.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from access.texts.text import CodedError, Text
from portal import safety

Parsed = TypeVar("Parsed")
# The part after the host of a URL. An @ there means that the password contained an unencoded character.
_AFTER_HOST = re.compile(r"[^:/?#]*://[^/?#]+[/?#](.*)", re.ASCII | re.DOTALL)


class SettingError(CodedError, ImproperlyConfigured):
    """A setting that is missing or cannot be read; its text holds no secret."""


class Environment:
    """The environment; `faults` is what could not be read so far."""

    def __init__(self) -> None:
        self.faults: list[Text] = []
        self._env = Env()

    def text(self, name: str, *, default: str) -> str:
        """Return a value, or the default where there is none."""
        return str(self._env.str(name, default=default))

    def words(self, name: str, *, default: Sequence[str]) -> list[str]:
        """Return the values between commas."""
        return [str(one) for one in self._env.list(name, default=[*default])]

    def flag(self, name: str, *, default: bool) -> bool:
        """Return whether it is on."""
        return bool(self._env.bool(name, default=default))

    def whole_number(self, name: str, *, default: int) -> int:
        """Return a whole number; notes a fault and returns the default where it is none."""
        return self._number(name, self._env.int, default)

    def number(self, name: str, *, default: float) -> float:
        """Return a number; notes a fault and returns the default where it is none."""
        return self._number(name, self._env.float, default)

    def required(self, name: str, *, placeholder: str) -> str:
        """Return a value; notes a fault and returns the placeholder where there is none."""
        if name not in os.environ:
            self.note(Text("setting_value_missing", {"setting": name}))
        return os.environ.get(name, placeholder)

    def secret(self, name: str, *, default: str | None = None, placeholder: str) -> str:
        """Return what `secret` returns; notes a fault and returns the placeholder instead of raising."""
        return self._noting(lambda: secret(name, default=default), placeholder)

    def url(self, name: str, parse: Callable[[str], Parsed], *, default: str | None, placeholder: str) -> Parsed:
        """Return what `secret_url` returns; notes a fault and parses the placeholder instead of raising."""
        return self._noting(lambda: secret_url(name, parse, default=default), None) or parse(placeholder)

    def note(self, fault: Text) -> None:
        """Note what keeps Daypass from starting."""
        self.faults.append(fault)

    def _number(self, name: str, read: Callable[..., Parsed], default: Parsed) -> Parsed:
        try:
            return read(name, default=default)
        except ValueError:
            self.note(Text("setting_not_a_number", {"setting": name}))
            return default

    def _noting(self, read: Callable[[], Parsed], placeholder: Parsed) -> Parsed:
        try:
            return read()
        except SettingError as error:
            self.note(error.text)
            return placeholder


def secret(name: str, *, default: str | None = None) -> str:
    """Return the secret of that name, or what the file named by `<name>_FILE` holds, without the end of its last line.

    Raises SettingError when both are given, when the file cannot be read, and when there is neither of them and no
    default.
    """
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise SettingError("setting_twice", setting=name)
    if file:
        return _read(f"{name}_FILE", Path(file))
    if value is None and default is None:
        raise SettingError("setting_missing", setting=name)
    return default or "" if value is None else value


def secret_url(name: str, parse: Callable[[str], Parsed], *, default: str | None = None) -> Parsed:
    """Return what `parse` makes of the URL that `secret` returns.

    Raises SettingError with the name of the variable and no part of the URL, whose password would otherwise be in the
    log: libraries name what they could not read.
    """
    url = secret(name, default=default)
    try:
        parsed = None if (rest := _AFTER_HOST.match(url)) and "@" in rest[1] else parse(url)
    except Exception:  # libraries raise many kinds of exceptions, and each can contain the password
        parsed = None
    if parsed is None:
        raise SettingError("setting_url_unreadable", setting=name)
    return parsed


def whole_url(url: str) -> str:
    """Return a URL as it is; raises ValueError when its host or port cannot be read."""
    parts = urlsplit(url)
    _ = parts.hostname, parts.port
    return url


def _read(name: str, file: Path) -> str:
    try:
        held = file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise SettingError("setting_file_unreadable", setting=name, file=str(file), why=why) from None
    if not held:
        raise SettingError("setting_file_empty", setting=name, file=str(file))
    return held


def unsafe(settings: Mapping[str, Any], *, demo_file: Path) -> list[Text]:
    """Return all that an installation cannot start with; `settings` are Django's.

    `demo_file` is where a demo would keep its settings. A demo is held to the rules that keep it on this machine.
    """
    checks = safety.OF_A_DEMO if settings["DEMO"] else safety.OF_AN_INSTALLATION
    wrong = [text for check in checks for text in check(settings)]
    if not settings["DEMO"] and _is_of_a_demo(demo_file):
        wrong.append(Text("demo_secrets_here", {"file": str(demo_file)}))
    return wrong


def _is_of_a_demo(file: Path) -> bool:
    return file.is_file() and "DAYPASS_DEMO=true" in file.read_text().splitlines()
