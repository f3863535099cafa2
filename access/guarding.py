"""Run a step whose failure must not prevent the next steps."""

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def guarded(step: Callable[[], Result]) -> Result | Exception:
    """Return what `step` returns, or the exception that it raised.

    The caller decides what the exception means and logs it.
    """
    try:
        return step()
    except Exception as error:
        # Only here does the worker catch every exception, for one role or for one step of a sweep. Otherwise, an
        # unexpected error would skip the write to AWS, its record, and all later roles of the sweep.
        return error
