"""The portal's Celery application with an error in it: `tests.faults.broken:judging` fails whenever it judges."""

from collections.abc import Callable
from typing import Any

import django
from celery import Celery
from django.db import DatabaseError

from portal import celery

django.setup()

from access import aws, verify  # noqa: E402 - after Django is set up
from access.reconcile import outcome, plan  # noqa: E402

BROKEN: dict[str, tuple[tuple[Any, str], ...]] = {
    "snapshot": ((aws, "read_role"),),
    "judging": ((verify, "check"), (verify, "unmanaged_admits")),
    "planning": ((plan, "make_plan"),),
    "recording": ((outcome, "converged"), (outcome, "failed")),
}


def __getattr__(name: str) -> Celery:
    """Return the application with this part of it broken."""
    if name not in BROKEN:
        raise AttributeError(name)
    for module, function in BROKEN[name]:
        setattr(module, function, _failing(DatabaseError if name == "recording" else ValueError))
    return celery.app


def _failing(kind: type[Exception]) -> Callable[..., None]:
    def fail(*_: Any, **__: Any) -> None:
        raise kind("an error that nobody thought of")

    return fail
