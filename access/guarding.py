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
        # The one place at which the worker catches everything, at a role or in a sweep. A revocation has to reach AWS
        # whatever fails beside it: an error that nobody thought of would otherwise skip the write, its record and every
        # role that comes later in the sweep.
        return error
