"""A scheduler (Celery beat) that continues when somebody sets the machine's clock.

Celery's own remembers when it ran last, and waits until then and an interval more: once the clock was an hour ahead, no
sweep comes for an hour, nor after a restart. This one counts the time between two runs by the steady clock.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from celery.beat import PersistentScheduler
from celery.schedules import schedstate, schedule


class Every(schedule):
    """A schedule that is due as well when it ran last in the future."""

    def is_due(self, last_run_at: datetime) -> Any:
        """Return whether it is due, and the seconds until it has to be asked again."""
        if self.maybe_make_aware(last_run_at) > self.maybe_make_aware(self.now()) + timedelta(seconds=1):
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)


class SteadyScheduler(PersistentScheduler):
    """Celery's scheduler with the steady clock in the place of the machine's."""

    def _when(self, entry: Any, next_time_to_run: Any, **_: Any) -> float:  # noqa: ARG002 - Celery passes it
        return time.monotonic() + (self.adjust(next_time_to_run) or 0)
