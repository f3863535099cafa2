"""Refusals by their code, which is stable; their sentences are not."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from access.management.refusing import RefusedCommand
from access.rules.facts import Refused
from access.texts.text import CodedError


@contextmanager
def refusing(code: str, kind: type[CodedError] = Refused) -> Iterator[None]:
    """Expect an error of this kind and code."""
    with pytest.raises(kind) as refused:
        yield
    assert refused.value.code == code, str(refused.value)


@contextmanager
def refusing_command(code: str) -> Iterator[None]:
    """Expect that a command of `manage.py` does nothing, with this code."""
    with pytest.raises(RefusedCommand) as refused:
        yield
    assert refused.value.code == code, str(refused.value)
