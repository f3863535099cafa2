"""The portal's own code in the test's process, at the database and the queue of a stack that runs beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
import kombu
import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from access import tasks
from tests.faults.house import House


@contextmanager
def at_home(house: House) -> Iterator[None]:
    """For the block, `access` works on the stack's database and sends its hints to the stack's Redis."""
    usual, ours = connections["default"], _database(house.database_url)
    timeouts = tasks.reconcile_role.app.conf.broker_transport_options
    url = house.stack.wiring.redis_url
    with pytest.MonkeyPatch.context() as patch, kombu.Connection(url, transport_options=timeouts) as broker:
        # The stubs do not know that a task can be sent over a connection of the caller's.
        plain: Any = tasks.reconcile_role.apply_async

        def apply_async(**message: Any) -> object:
            return plain(**message, connection=broker)

        patch.setattr(tasks.reconcile_role, "apply_async", apply_async)
        connections["default"] = ours
        try:
            yield
        finally:
            ours.close()
            connections["default"] = usual


def _database(url: str) -> BaseDatabaseWrapper:
    """Give a connection like the stack's own processes have."""
    usual = dict(settings.DATABASES["default"])
    parsed = environ.Env.db_url_config(url)
    if "sqlite3" in parsed["ENGINE"]:
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        options = dict(parsed.get("OPTIONS", {}))
    wrapper: BaseDatabaseWrapper = load_backend(parsed["ENGINE"]).DatabaseWrapper(
        {**usual, **parsed, "OPTIONS": options}, "default"
    )
    return wrapper
