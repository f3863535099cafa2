"""The Celery application. Messages are JSON, contain only an ID, and leave no result behind."""

import os
import sys
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, import_modules, task_prerun, worker_ready
from django.conf import settings
from django.db import close_old_connections

from portal import calls
from portal.connections import queue_tls
from portal.listening import Listening
from portal.schedule import Every
from portal.shortening import Shortening
from portal.starting import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("daypass", broker=settings.REDIS_URL)
app.conf.update(
    accept_content=["json"],
    beat_schedule={
        "sweep": {
            "task": "access.tasks.sweep",
            "schedule": Every(timedelta(seconds=settings.SWEEP_SECONDS)),
            # Sweeps do not expire. Otherwise, a worker whose clock is ahead would drop every sweep.
            "options": {"queue": "default"},
        }
    },
    beat_scheduler="portal.schedule:SteadyScheduler",
    broker_connection_retry_on_startup=True,
    broker_transport="portal.queue:Transport",
    broker_use_ssl=queue_tls(settings.REDIS_URL),
    broker_transport_options={
        "priority_steps": [0],
        "unacked_restore_limit": 100,
        "visibility_timeout": 600,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    enable_utc=True,
    result_backend=None,
    task_acks_late=True,
    task_default_queue="default",
    task_ignore_result=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    task_reject_on_worker_lost=True,
    task_serializer="json",
    task_time_limit=calls.TIME_LIMIT,
    timezone="UTC",
    worker_consumer="portal.consumer:Consumer",
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=1,
)
# By default, Celery reconnects to the database for every task, which takes longer than most tasks.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks(["access"])
app.steps["consumer"].add(Listening)
# Import it here, because it needs models, which are not loaded earlier.
app.steps["consumer"].add("portal.consumer:Recording")
app.steps["consumer"].add(Shortening)


@celeryd_init.connect
@beat_init.connect
@import_modules.connect
def refuse(**_event: Any) -> None:
    """Refuse unsafe settings before the worker or beat does anything."""
    refuse_unsafe()


@task_prerun.connect
def check_connections(**_event: Any) -> None:
    """Keep or close the database connection by Django's rules: its age, its health, and errors that it had."""
    close_old_connections()


@worker_ready.connect
def sweep_at_start(**_event: Any) -> None:
    """Check every role as soon as a worker is up; beat's first sweep comes a whole interval later."""
    app.send_task("access.tasks.sweep", queue="default")
