"""Make a worker that has stopped asking for messages ask again.

When a connection to Redis breaks while a message is being acknowledged, Celery logs that and continues, but may never
ask for another message (celery #10205). The worker looks healthy, and nothing is done any more.
"""

from typing import Any

import redis
import structlog
from celery import bootsteps
from celery.worker import state
from django.conf import settings

log = structlog.get_logger(__name__)

SECONDS = 5.0  # between two looks, or a sweep's interval if that is less
TIMEOUT = 1.0


class Listening(bootsteps.StartStopStep):
    """Looks whether messages wait that an idle worker does not take, and lets it reconnect.

    A worker is deaf that received nothing between two checks while messages waited.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """Begin to look, now that `parent`, the consumer, has its connection."""
        self._heard, self._waited = -1, False
        self._queue = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT, retry=None
        )
        seconds = min(SECONDS, settings.SWEEP_SECONDS)
        self._timer = parent.timer.call_repeatedly(seconds, self._look, (parent.task_consumer,))

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery passes it
        """Stop looking."""
        self._timer.cancel()
        self._queue.close()

    def _look(self, consumer: Any) -> None:
        """Raise the error that makes Celery reconnect when the worker is deaf, or when Redis does not answer."""
        heard, idle = state.all_total_count[0], not state.reserved_requests
        waits = any(self._queue.llen(queue.name) for queue in consumer.queues)
        if waits and idle and self._waited and heard == self._heard:
            log.error("worker.deaf", heard=heard)
            raise redis.ConnectionError("Messages wait, and this worker takes none.")
        self._heard, self._waited = heard, waits
