"""The worker's consumer: it reads only its queue, and counts in the database what it dropped."""

from typing import Any

import structlog
from celery import bootsteps
from celery.worker.consumer import Consumer as CeleryConsumer
from django.db import DatabaseError, connection
from django.utils import timezone

from access.ledger.counters import QUEUE_DROPPED, count
from portal.queue import dropped

log = structlog.get_logger(__name__)

SECONDS = 5.0  # between two records of the counter
# Celery workers exchange messages that Daypass does not need, and a malformed one would end the worker.
SILENT = {"without_gossip": True, "without_heartbeat": True, "without_mingle": True}


class Consumer(CeleryConsumer):
    """Celery's consumer without the talk between workers, whatever the command line says."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options["worker_options"] = {**(options.get("worker_options") or {}), **SILENT}
        super().__init__(*arguments, **options)


class Recording(bootsteps.StartStopStep):
    """Adds what this worker dropped to the counter in the database, every few seconds and at the end."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """Begin to record, now that `parent`, the consumer, has its connection."""
        self._timer = parent.timer.call_repeatedly(SECONDS, record)

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery passes it
        """Record the rest."""
        self._timer.cancel()
        record()


def record() -> None:
    """Add the drops since the last record to the counter; while the database is down they wait for the next one."""
    counted = dict(dropped)
    if not counted:
        return
    dropped.clear()
    try:
        count(QUEUE_DROPPED, sum(counted.values()), now=timezone.now())
    except DatabaseError as error:
        log.warning("queue.drops_unrecorded", reasons=counted, error=type(error).__name__)
        dropped.update(counted)
    else:
        log.warning("queue.drops_recorded", reasons=counted)
    finally:
        # The pool's processes are forked from this one, and must not share its connection.
        connection.close()
