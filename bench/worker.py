"""The Celery worker as the bench sees it: whether it is up, and how long a message takes that does nothing."""

import time

import redis
from django.conf import settings

from access.models import Heartbeat
from bench.noop import DONE, noop

PATIENCE = 60  # seconds


def await_ready() -> None:
    """Return when the worker is up and has made its first sweep, which is not to find what is yet to be made."""
    deadline = time.monotonic() + PATIENCE
    while not Heartbeat.objects.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"The worker was not up after {PATIENCE} s.")
        time.sleep(0.05)
    empty_trip()


def empty_trip() -> float:
    """Return the seconds from sending a task that does nothing to knowing that it was done."""
    started = time.perf_counter()
    noop.apply_async(queue="default")
    if _redis.blpop([DONE], timeout=PATIENCE) is None:
        raise RuntimeError("The empty task did not come back.")
    return time.perf_counter() - started


_redis = redis.Redis.from_url(settings.REDIS_URL)
