"""What the environment says: secrets from values or files, and what keeps Daypass from starting."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from environ import ImproperlyConfigured

from portal import safety

Parsed = TypeVar("Parsed")
# What follows the host of a URL. An @ there belongs to a password that was cut off before it.
_AFTER_HOST = re.compile(r"[^:/?#]*://[^/?#]+[/?#](.*)", re.ASCII | re.DOTALL)


def secret(name: str, *, default: str | None = None) -> str:
    """Return the secret of that name, or what the file named by `<name>_FILE` holds, without the end of its last line.

    Raises ImproperlyConfigured when both are given, when the file cannot be read, and when there is neither of them and
    no default.
    """
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    if file:
        return _read(f"{name}_FILE", Path(file))
    if value is None and default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or set {name}_FILE to a file that holds it.")
    return default or "" if value is None else value


def secret_url(name: str, parse: Callable[[str], Parsed], *, default: str | None = None) -> Parsed:
    """Return what `parse` makes of the URL that `secret` returns.

    Raises ImproperlyConfigured with the name of the variable and no part of the URL, whose password would otherwise be
    in the log: libraries name what they could not read.
    """
    url = secret(name, default=default)
    try:
        parsed = None if (rest := _AFTER_HOST.match(url)) and "@" in rest[1] else parse(url)
    except Exception:  # libraries raise many kinds, and all of them can hold the password
        parsed = None
    if parsed is None:
        raise ImproperlyConfigured(
            f"{name} is not a URL that Daypass can read. Check its scheme and port, and write special characters in "
            "its password in percent-encoding: / as %2F, # as %23, ? as %3F, @ as %40."
        )
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
        raise ImproperlyConfigured(f"{name} names {file}, which cannot be read: {why}.") from None
    if not held:
        raise ImproperlyConfigured(f"{name} names {file}, which is empty.")
    return held


def refuse_unsafe(settings: Mapping[str, Any], *, demo_file: Path) -> None:
    """Raise ImproperlyConfigured with all that an installation cannot start with; `settings` are Django's.

    `demo_file` is where a demo would keep its settings. A demo is held to the rules that keep it on this machine.
    """
    checks = safety.OF_A_DEMO if settings["DEMO"] else safety.OF_AN_INSTALLATION
    wrong = [sentence for check in checks for sentence in check(settings)]
    if not settings["DEMO"] and _is_of_a_demo(demo_file):
        wrong.append(f"{demo_file} holds the secrets of a demo: set DAYPASS_VAR_DIR to another directory.")
    if wrong:
        raise ImproperlyConfigured("Daypass does not start like this:\n- " + "\n- ".join(wrong))


def _is_of_a_demo(file: Path) -> bool:
    return file.is_file() and "DAYPASS_DEMO=true" in file.read_text().splitlines()
