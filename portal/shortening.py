"""Shorten long queues, so that workers soon reach the messages behind a flood."""

from typing import Any

from celery import bootsteps
from django.conf import settings

from portal.queue import LONG, Channel

SECONDS = 5.0  # between two looks, or a sweep's interval if that is less


class Shortening(bootsteps.StartStopStep):
    """Looks how long this worker's queues are, and shortens those that are long."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """Begin to look, now that `parent`, the consumer, has its connection."""
        seconds = min(SECONDS, settings.SWEEP_SECONDS)
        self._timer = parent.timer.call_repeatedly(seconds, self._look, (parent.task_consumer,))

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery passes it
        """Stop looking."""
        self._timer.cancel()

    def _look(self, consumer: Any) -> None:
        channel: Channel = consumer.channel
        for queue in consumer.queues:
            if channel.count(queue.name) > LONG:
                channel.shorten(queue.name)
