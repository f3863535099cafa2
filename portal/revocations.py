"""A revocation that waits in the database is worked on, however many messages wait in the queue.

A message is only a wake-up: a client of Redis can put any number of others in front of it. So each worker of
the queue of revocations also asks the database, by a timer of its own, and does not put its question into Redis.
"""

import json
from typing import Any

import structlog
from celery import bootsteps
from celery.worker import state
from django.conf import settings
from django.db import DatabaseError, connection

from access import clock
from access.reconcile import due
from portal import calls
from portal.queue import LONG, Channel

log = structlog.get_logger(__name__)

QUEUE = "urgent"
TASK = "access.tasks.reconcile_role"
SECONDS = 5.0  # between two questions, or a sweep's interval if that is less
MOST = 20  # roles that are worked on concurrently for this reason


class Revocations(bootsteps.StartStopStep):
    """Has the roles with a revocation that is due brought in sync, and shortens queues that are long."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """Begin to ask, now that `parent`, the consumer, has its connection."""
        self._asked: dict[int, str] = {}  # the id of the message by role
        seconds = min(SECONDS, settings.SWEEP_SECONDS)
        self._timer = parent.timer.call_repeatedly(seconds, self._look, (parent.task_consumer,))

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery passes it
        """Stop asking."""
        self._timer.cancel()

    def _look(self, consumer: Any) -> None:
        channel: Channel = consumer.channel
        names = [queue.name for queue in consumer.queues]
        if QUEUE in names:
            self._deliver(channel)
        for name in names:
            if channel.count(name) > LONG:
                channel.shorten(name)

    def _deliver(self, channel: Channel) -> None:
        """Hand a call to this worker's pool for each role that is due and for which none is there."""
        self._asked = {role: call for role, call in self._asked.items() if call in state.requests}
        for role_id in _due()[:MOST]:
            if role_id not in self._asked and len(self._asked) < MOST:
                message_id, message = calls.make(TASK, [role_id], queue=QUEUE)
                self._asked[role_id] = message_id
                channel.connection._deliver(json.loads(message), QUEUE)  # noqa: SLF001  # as kombu's own channel does


def _due() -> list[int]:
    """Return the roles to work on; none while the database does not answer, as nothing can be done then."""
    try:
        return due.revocations_due(now=clock.now())
    except DatabaseError as error:
        log.warning("revocations.unknown", error=type(error).__name__)
        return []
    finally:
        # The pool's processes are forked from this one, and must not share its connection.
        connection.close()
