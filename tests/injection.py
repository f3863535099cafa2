"""Make any function of the product fail: before it does anything, or after it did all.

What a function does is put aside and its code replaced, so that everybody who imported it meets the failure.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, TypeGuard

import access

PRODUCT = str(Path(access.__file__).parent)
_STUB = (
    "def stub(*args, **kwargs):\n    return __import__('tests.injection', fromlist=['_']).meet({key}, args, kwargs)\n"
)
_injected: dict[int, "Injection"] = {}


@dataclass
class Injection:
    """A function that fails: `times` is how often it still does, `after` whether it does its work first."""

    plain: FunctionType
    error: Callable[[], Exception]
    after: bool
    times: float
    met: int = 0

    def __call__(self, args: Any, kwargs: Any) -> Any:
        fails = self.met < self.times
        self.met += 1
        if fails and not self.after:
            raise self.error()
        answer = self.plain(*args, **kwargs)
        if fails:
            raise self.error()
        return answer


def meet(key: int, args: Any, kwargs: Any) -> Any:
    """Stand for the function with this key; called by its stub."""
    return _injected[key](args, kwargs)


@contextmanager
def failing(
    function: FunctionType, error: Callable[[], Exception], *, after: bool = False, times: float = float("inf")
) -> Iterator[Injection]:
    """Let this function fail for the length of the block."""
    code, key = function.__code__, id(function)
    plain = FunctionType(code, function.__globals__, function.__name__, function.__defaults__)
    plain.__kwdefaults__, plain.__dict__["is_copy"] = function.__kwdefaults__, True
    scope: dict[str, Any] = {}
    exec(_STUB.format(key=key), scope)  # noqa: S102  # a text of our own
    _injected[key] = injection = Injection(plain, error, after, times)
    function.__code__ = scope["stub"].__code__
    try:
        yield injection
    finally:
        function.__code__ = code
        del _injected[key]


def called_by(step: Callable[[], object]) -> list[FunctionType]:
    """Run the step, and return the functions of the product that it called, in the order of their names.

    Functions within functions are left out: they fail with the one around them.
    """
    codes: set[CodeType] = set()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PRODUCT):
            codes.add(frame.f_code)

    sys.setprofile(profile)
    try:
        step()
    finally:
        sys.setprofile(None)
    gc.unfreeze()  # tests/conftest.py froze modules, and `get_objects` does not find what is frozen
    found = [each for each in gc.get_objects() if is_plain(each) and each.__code__ in codes]
    gc.freeze()
    return sorted((each for each in found if not each.__code__.co_freevars), key=name_of)


def is_plain(one: object) -> TypeGuard[FunctionType]:
    """Return whether it is a function, and no copy that an injection left behind.

    By its exact type: `isinstance` asks lazy objects for their class, which builds them.
    """
    return type(one) is FunctionType and "is_copy" not in one.__dict__


def name_of(function: FunctionType) -> str:
    return f"{function.__module__}.{function.__qualname__}"
