"""End expired and revoked access without the queue: read the roles from the database, and process them in threads.

Celery runs no timer and no task while Redis does not answer, so a revocation would wait until Redis is back. The queue
is faster, so it has a head start. The lease keeps two from working on one role. See docs/adr/0049.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import DatabaseError, close_old_connections, connection

from access import pauses
from access.guarding import guarded
from access.ledger.heartbeats import beat
from access.models import Heartbeat
from access.reconcile import convergence, due, stop_order

log = structlog.get_logger(__name__)

HEARTBEAT = "revocations"
LOOK_SECONDS = 2.0  # between two reads of the database
HEAD_START = timedelta(seconds=10)  # the time that the queue has before this process acts
RECORD_SECONDS = 10.0  # between two heartbeats
LATE = timedelta(seconds=60)  # if the newest heartbeat is older, no such process is running
MOST = 32  # roles at the same time; an attempt mostly waits for AWS
MOST_IN_ACCOUNT = 24  # of these in one account, so that a silent account leaves threads for the others
LONGEST_ATTEMPT = 300.0  # seconds; only a thread that never ends takes this long


class Stuck(Exception):
    """An attempt takes so long that only a new process helps; a crash at any moment is safe."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    account_id: int
    started: float
    future: Future[None]


@dataclass
class Watch:
    """The roles that are worked on at the moment, by their ids."""

    now: Callable[[], datetime]
    pool: Executor = field(default_factory=partial(ThreadPoolExecutor, MOST, thread_name_prefix="revocation"))
    _running: dict[int, _Attempt] = field(default_factory=dict)
    _recorded: float | None = None

    def run(self, stop: threading.Event) -> None:
        """Look until `stop` is set, then wait for the attempts that were begun; raises Stuck."""
        while not stop.is_set():
            failed = guarded(self.look)
            if isinstance(failed, Stuck):
                raise failed
            if isinstance(failed, DatabaseError):
                log.warning("endings.unknown", error=type(failed).__name__)
            elif isinstance(failed, Exception):
                log.error("endings.failed", exc_info=failed)
            stop.wait(LOOK_SECONDS)
        self.pool.shutdown(wait=True, cancel_futures=True)

    def look(self) -> None:
        """Begin an attempt at each role that is due and for which there is room, accounts in turn."""
        if not connection.in_atomic_block:
            close_old_connections()
        now = self.now()
        self._forget_done()
        self._record(now)
        in_account = Counter(attempt.account_id for attempt in self._running.values())
        for role_id, account_id in due.endings_due(now=now, head_start=HEAD_START):
            if len(self._running) >= MOST:
                return
            if role_id not in self._running and in_account[account_id] < MOST_IN_ACCOUNT:
                in_account[account_id] += 1
                future = self.pool.submit(attempt, role_id, now=self.now)
                self._running[role_id] = _Attempt(account_id, time.monotonic(), future)

    def _forget_done(self) -> None:
        self._running = {role: attempt for role, attempt in self._running.items() if not attempt.future.done()}
        oldest = min((attempt.started for attempt in self._running.values()), default=time.monotonic())
        if time.monotonic() - oldest > LONGEST_ATTEMPT:
            raise Stuck(f"An attempt has taken {LONGEST_ATTEMPT:.0f} seconds.")

    def _record(self, now: datetime) -> None:
        """Record that somebody looks, every few seconds."""
        steady = time.monotonic()
        if self._recorded is None or steady - self._recorded >= RECORD_SECONDS:
            beat(HEARTBEAT, now=now)
            self._recorded = steady


def end_once(*, now: Callable[[], datetime]) -> int:
    """Work on every role that is due, one after the other, and return how many there were.

    The second round is for the roles of a stop whose trust policies waited for the Denies of the others.
    """
    found = due.endings_due(now=now(), head_start=timedelta(0))
    for role_id, _ in found:
        attempt(role_id, now=now)
    for role_id in stop_order.denied(now=now()) & {role_id for role_id, _ in found}:
        attempt(role_id, now=now)
    return len(found)


def attempt(role_id: int, *, now: Callable[[], datetime]) -> None:
    """Bring one role in sync; an error is logged and nothing else, as the role stays due."""
    log.info("endings.attempt", role_id=role_id)
    failed = guarded(partial(convergence.role, role_id, now=now))
    if isinstance(failed, Exception):
        log.error("endings.attempt_failed", role_id=role_id, exc_info=failed)
    if not connection.in_atomic_block:
        connection.close()


def last_look(*, now: datetime) -> tuple[datetime | None, bool]:
    """Return when somebody last looked for access that is over, and whether that is recent."""
    at = Heartbeat.objects.filter(name=HEARTBEAT).values_list("at", flat=True).first()
    return at, pauses.is_recent(at, within=LATE, now=now)
