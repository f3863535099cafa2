"""The portal's own code in the test's process, at the database and the queue of a stack that runs beside it."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kombu
import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from access import tasks
from portal import databases
from tests.faults.environment import SWEEP_SECONDS, Environment

_here = threading.local()  # each thread has a connection to the queue of its own
PATIENCE = 1  # second that a message may wait for a queue that does not answer; nobody here is the web


@contextmanager
def at_home(env: Environment) -> Iterator[None]:
    """For the block, `access` works on the stack's database and sends its hints to the stack's Redis."""
    with pytest.MonkeyPatch.context() as patch, in_this_thread(env):
        # What is spooled here is chained by the stack's worker: it has to know the key and the directory.
        patch.setattr(settings, "SECRET_KEY", env.stack.wiring.secret_key)
        patch.setattr(settings, "SPOOL_DIR", str(env.stack.options.var / "spool"))
        patch.setattr(settings, "SWEEP_SECONDS", SWEEP_SECONDS)
        for task in (tasks.reconcile_role, tasks.sweep):
            # The stubs do not know that a task can be sent over a connection of the caller's.
            plain: Any = task.apply_async
            patch.setattr(task, "apply_async", functools.partial(_send, plain))
        yield


@contextmanager
def in_this_thread(env: Environment) -> Iterator[None]:
    """Yield the same for one more thread, while the first one is at home."""
    usual, ours = connections["default"], database_at(env.database_url, is_patient=True)
    conf = tasks.reconcile_role.app.conf
    patience = conf.broker_transport_options | {"socket_timeout": PATIENCE}
    url = env.stack.wiring.redis_url
    with kombu.Connection(url, transport=conf.broker_transport, transport_options=patience) as broker:
        _here.broker = broker
        connections["default"] = ours
        try:
            yield
        finally:
            ours.close()
            connections["default"] = usual


def _send(plain: Any, **message: Any) -> object:
    sent: object = plain(**message, connection=_here.broker)
    return sent


def database_at(url: str, *, is_patient: bool = False) -> BaseDatabaseWrapper:
    """Return a connection like the stack's own processes have; a patient one can hold a lock as long as it likes."""
    parsed = databases.parse(url)
    if is_patient:
        parsed["OPTIONS"].pop("options", None)
    wrapper: BaseDatabaseWrapper = load_backend(parsed["ENGINE"]).DatabaseWrapper(
        {**settings.DATABASES["default"], **parsed}, "default"
    )
    return wrapper
