"""Refuse to start with unsafe settings: in the web process, worker, scheduler and every command but `check`."""

import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from django.conf import settings
from django.core import checks

from access.texts.catalogue import TEMPLATES
from access.texts.text import Text

# Gunicorn's code for an application that cannot be loaded: with any other it would restart the process forever.
EXIT_CODE = 3


def refuse_unsafe() -> None:
    """Exit with all that is unsafe, a line each, and without a traceback."""
    if settings.UNSAFE:
        _refuse(settings.UNSAFE)


def register() -> None:
    """Register the same faults as system checks, for `manage.py check`."""
    checks.register(_errors, checks.Tags.security)


def _errors(**_asked: Any) -> list[checks.CheckMessage]:
    return [checks.Error(str(fault), id=TEMPLATES[fault.code].check) for fault in settings.UNSAFE]


def _refuse(faults: Iterable[Text]) -> NoReturn:
    lines = "".join(f"\n- {TEMPLATES[fault.code].check}: {fault}" for fault in faults)
    sys.stderr.write(f"Daypass does not start with these settings:{lines}\n")
    raise SystemExit(EXIT_CODE)
