"""End revoked and expired access, without the queue."""

import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand

from access import clock, endings

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "End revoked and expired access in AWS, without Redis: once, or with --watch until you stop the command."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="Keep running, and search again every two seconds.")

    def handle(self, *args: Any, watch: bool, **options: Any) -> None:
        if watch:
            _watch()
        else:
            self.stdout.write(f"Roles with access to end: {endings.end_once(now=clock.now)}.")


def _watch() -> None:
    """Watch until SIGTERM or SIGINT; the attempts that were begun are finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        endings.Watch(now=clock.now).run(stop)
    except endings.Stuck as error:
        log.error("endings.stuck", exc_info=error)
        os._exit(1)  # a usual exit would wait for the thread that never ends
