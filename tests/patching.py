"""Put something else in a function's place, in every module that imported it by name."""

import sys
from collections.abc import Callable
from typing import Any

import pytest


def replace(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], by: Callable[..., Any]) -> None:
    """Let the whole product call `by` instead of `function`; AssertionError when nothing of it would."""
    modules = [module for name, module in sys.modules.items() if name.startswith("access.")]
    names = [(module, key) for module in modules for key, value in vars(module).items() if value is function]
    assert names, f"no module of the product has {function!r}"
    for module, key in names:
        monkeypatch.setattr(module, key, by)
