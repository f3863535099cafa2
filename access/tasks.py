"""The Celery tasks. A message contains one ID and nothing else, and gives nobody access."""

import functools
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from functools import partial

import structlog
from celery import Task, shared_task
from django.conf import settings
from django.db import DatabaseError, transaction

from access import alerts, clock, denials, housekeeping, limits, skew
from access.guarding import guarded
from access.ledger.delegations import end_expired_delegations
from access.ledger.walks import walk_on
from access.notifications import reset_emails, waiting
from access.reconcile import connection, convergence, daily_refresh, drift, stop_order
from access.reconcile import due as reconcile_due

log = structlog.get_logger(__name__)


@shared_task(name="access.tasks.reconcile_role")
def reconcile_role(role_id: int) -> None:
    """Bring one role in sync; the email about an approval waits until AWS has the grant.

    The last role of a stop that gets its Deny asks for the others, whose trust policies waited for it.
    """
    stops = guarded(lambda: stop_order.stops_without_deny(role_id, now=_now()))
    convergence.role(role_id, now=_now)
    if stops and not isinstance(stops, Exception):
        _publish_all(sorted(stop_order.released(stops, now=_now())))
    if waiting.any_written(now=clock.now()):
        _send_notifications()


@shared_task(name="access.tasks.sweep", bind=True)
def sweep(self: Task[[], None]) -> None:
    """Find every role that is not in sync, whatever message was lost, and ask for it.

    A step that fails stops no other. Roles that are due come first, and what needs no answer of AWS before what does:
    an account that is slow to answer delays only what comes after. Sweeps that waited together, because no worker was
    there, are one: what they would find is the same.
    """
    now = _now()
    if not self.request.called_directly and guarded(partial(housekeeping.has_just_begun, now=now)) is True:
        return
    steps: tuple[Callable[..., object], ...] = (
        _ask_for_due,
        skew.observe,
        _ask_for_emails_about_clocks,
        housekeeping.run,
        end_expired_delegations,
        _ask_for_tests,
        _ask_for_break_glass_notifications,
        _ask_for_drifted,
        _ask_for_notifications,
        _ask_for_reset_emails,
        _ask_for_observations,
        daily_refresh.read_quotas,
        walk_on,
        limits.purge,
    )
    for step in steps:
        failed = guarded(partial(step, now=now))
        if isinstance(failed, Exception):
            log.error("sweep.step_failed", step=step.__name__, exc_info=failed)


def _now() -> datetime:
    """Return the database's time, or the process's when reading it fails unexpectedly.

    Raises DatabaseError: without its answer there is nothing to do.
    """
    found = guarded(clock.now)
    if isinstance(found, DatabaseError):
        raise found
    return datetime.now(tz=UTC) if isinstance(found, Exception) else found


def _ask_for_due(*, now: datetime) -> None:
    revoked = _revoked()
    due = guarded(partial(reconcile_due.due, now=now))
    _ask_for(revoked if isinstance(due, Exception) else due, revoked=revoked)
    if isinstance(due, Exception):
        raise due


def _revoked() -> Collection[int]:
    """Return the roles that overtake all others, or none where that cannot be found out: they are asked for anyway."""
    found = guarded(reconcile_due.revoked)
    if isinstance(found, Exception):
        log.error("sweep.revoked_unknown", exc_info=found)
        return ()
    return found


def _ask_for_drifted(*, now: datetime) -> None:
    _ask_for(drift.drifted(now=now), revoked=_revoked())


def _ask_for(role_ids: Iterable[int], *, revoked: Collection[int]) -> None:
    for role_id in role_ids:
        _publish(role_id, urgent=role_id in revoked)


def _ask_for_tests(*, now: datetime) -> None:  # noqa: ARG001  # every step is called with it
    for account_id in connection.tests_due():
        _publish_test(account_id)


def _ask_for_break_glass_notifications(*, now: datetime) -> None:
    for break_glass_grant_id in alerts.to_notify_of_break_glass(now=now):
        _publish_break_glass_notifications(break_glass_grant_id)


def _ask_for_emails_about_clocks(*, now: datetime) -> None:
    for episode_id in skew.to_notify(now=now):
        _publish_clocks(episode_id)


def _ask_for_notifications(*, now: datetime) -> None:  # noqa: ARG001  # every step is called with it
    _publish_notifications()


def _ask_for_reset_emails(*, now: datetime) -> None:
    for reset_email_id in reset_emails.due(now=now):
        _publish_reset_email(reset_email_id)


def _ask_for_observations(*, now: datetime) -> None:
    for grant_id in denials.due(now=now):
        _publish_observation(grant_id)


@shared_task(name="access.tasks.send_notifications")
def send_notifications() -> None:
    """Write the emails that are due and send those that wait; a slow mail server delays nothing but them."""
    now = clock.now()
    waiting.remind(now=now)
    if waiting.send_waiting(now=now):
        _publish_notifications()


@shared_task(name="access.tasks.send_reset_email")
def send_reset_email(reset_email_id: int) -> None:
    """Answer somebody who asked for a new password."""
    reset_emails.answer(reset_email_id, now=clock.now())


@shared_task(name="access.tasks.test_connection")
def test_connection(account_id: int) -> None:
    """Test the way into one account."""
    connection.check_connection(account_id, now=clock.now)


@shared_task(name="access.tasks.observe_denial")
def observe_denial(grant_id: int) -> None:
    """See that AWS denies an ended access. This runs where the issuer's identity is."""
    denials.observe(grant_id, now=clock.now())


@shared_task(name="access.tasks.notify_of_clocks")
def notify_of_clocks(episode_id: int) -> None:
    """Send administrators the email about clocks that differ."""
    alerts.notify_of_clocks(episode_id, now=clock.now())


@shared_task(name="access.tasks.notify_of_break_glass")
def notify_of_break_glass(break_glass_grant_id: int) -> None:
    """Send the alerts about a break-glass grant."""
    alerts.notify_of_break_glass(break_glass_grant_id, now=clock.now())


def enqueue(role_id: int, *, urgent: bool = False) -> None:
    """Ask for one role once the transaction is committed; when the queue is down, the next sweep finds it."""
    transaction.on_commit(functools.partial(_publish, role_id, urgent=urgent), robust=True)


def enqueue_all(role_ids: Collection[int]) -> None:
    """Ask for many roles at once, before all others; what the queue does not take is found without it within
    seconds.
    """
    transaction.on_commit(functools.partial(_publish_all, sorted(role_ids)), robust=True)


def enqueue_break_glass_notifications(break_glass_grant_id: int) -> None:
    """Enqueue the alerts about a use after the transaction is committed; the sweep sends those that failed."""
    transaction.on_commit(functools.partial(_publish_break_glass_notifications, break_glass_grant_id), robust=True)


def enqueue_test(account_id: int) -> None:
    """Ask for the test of one account once the transaction is committed; a lost message is repeated by the sweep."""
    transaction.on_commit(functools.partial(_publish_test, account_id), robust=True)


def enqueue_notifications() -> None:
    """Ask for emails to be sent once the transaction is committed; a lost message is repeated by the sweep."""
    transaction.on_commit(_publish_notifications, robust=True)


def enqueue_reset_email(reset_email_id: int) -> None:
    """Ask for one email about a forgotten password; a lost message is repeated by the sweep."""
    transaction.on_commit(functools.partial(_publish_reset_email, reset_email_id), robust=True)


def _publish(role_id: int, *, urgent: bool) -> bool:
    """Send one message, and return whether the queue took it."""
    try:
        reconcile_role.apply_async(args=(role_id,), queue="urgent" if urgent else "default")
    except reconcile_role.OperationalError as error:
        log.warning("enqueue.failed", role_id=role_id, reason=type(error).__name__)
        return False
    return True


def _publish_all(role_ids: Iterable[int]) -> None:
    """Send messages until the queue takes none: a thousand refusals would only keep somebody waiting."""
    for role_id in role_ids:
        if not _publish(role_id, urgent=True):
            return


def _publish_test(account_id: int) -> None:
    try:
        test_connection.apply_async(args=(account_id,), queue="default")
    except test_connection.OperationalError as error:
        log.warning("enqueue.failed", account_id=account_id, reason=type(error).__name__)


def _publish_notifications() -> None:
    if waiting.any_waiting(now=clock.now()):
        _send_notifications()


def _send_notifications() -> None:
    try:
        send_notifications.apply_async(queue="default")
    except send_notifications.OperationalError as error:
        log.warning("enqueue.failed", notifications=True, reason=type(error).__name__)


def _publish_reset_email(reset_email_id: int) -> None:
    try:
        send_reset_email.apply_async(args=(reset_email_id,), queue="default")
    except send_reset_email.OperationalError as error:
        log.warning("enqueue.failed", reset_email_id=reset_email_id, reason=type(error).__name__)


def _publish_observation(grant_id: int) -> None:
    # If a message waits longer than the next sweep, that sweep sends it again.
    expires = max(settings.SWEEP_SECONDS * 2, 5)
    try:
        observe_denial.apply_async(args=(grant_id,), queue="issuer", expires=expires)
    except observe_denial.OperationalError as error:
        log.warning("enqueue.failed", grant_id=grant_id, reason=type(error).__name__)


def _publish_clocks(episode_id: int) -> None:
    try:
        notify_of_clocks.apply_async(args=(episode_id,), queue="default")
    except notify_of_clocks.OperationalError as error:
        log.warning("enqueue.failed", episode_id=episode_id, reason=type(error).__name__)


def _publish_break_glass_notifications(break_glass_grant_id: int) -> None:
    """Ask the worker; when the queue is down, tell them from here: this does not wait."""
    try:
        notify_of_break_glass.apply_async(args=(break_glass_grant_id,), queue="urgent")
    except notify_of_break_glass.OperationalError as error:
        log.warning("enqueue.failed", break_glass_grant_id=break_glass_grant_id, reason=type(error).__name__)
        alerts.notify_of_break_glass(break_glass_grant_id, now=clock.now())
