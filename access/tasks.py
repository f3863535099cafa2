"""Names for background work. A message carries one id and nothing else: it is a hint, never authority."""

import functools
import itertools

import structlog
from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access import alarms, denials, ledger, limits, notifications, reconcile

log = structlog.get_logger(__name__)


@shared_task(name="access.tasks.reconcile_role")
def reconcile_role(role_id: int) -> None:
    """Bring one role in line; the letter about a decision waits for the door that it opens."""
    reconcile.role(role_id, now=timezone.now)
    if notifications.any_written(now=timezone.now()):
        _send_letters()


@shared_task(name="access.tasks.sweep")
def sweep() -> None:
    """Find every role that is not in line, whatever message was lost, and ask for it."""
    now = timezone.now()
    reconcile.beat(now=now)
    ledger.end_absences(now=now)
    # What needs no answer of AWS comes first: an account that is slow to answer holds up only what comes after.
    for account_id in reconcile.tests_due():
        _publish_test(account_id)
    for use_id in alarms.untold(now=now):
        _publish_use(use_id)
    revoked = reconcile.revoked()
    for role_id in itertools.chain(reconcile.due(now=now), reconcile.drifted(now=now)):
        _publish(role_id, urgent=role_id in revoked)
    _publish_letters()
    for grant_id in denials.due(now=now):
        _publish_observation(grant_id)
    reconcile.read_quotas(now=now)
    ledger.walk_on(now=now)
    limits.purge(now=now)


@shared_task(name="access.tasks.send_letters")
def send_letters() -> None:
    """Write the letters that are due and send those that wait; a slow mail server holds up nothing but them."""
    now = timezone.now()
    notifications.remind(now=now)
    if notifications.send_waiting(now=now):
        _publish_letters()


@shared_task(name="access.tasks.test_connection")
def test_connection(account_id: int) -> None:
    """Test the way into one account."""
    reconcile.check_connection(account_id, now=timezone.now)


@shared_task(name="access.tasks.observe_denial")
def observe_denial(grant_id: int) -> None:
    """See that AWS denies an ended access. This runs where the issuer's identity is."""
    denials.observe(grant_id, now=timezone.now())


@shared_task(name="access.tasks.tell_of_use")
def tell_of_use(use_id: int) -> None:
    """Tell everybody that somebody broke the glass."""
    alarms.tell(use_id, now=timezone.now())


def hint(role_id: int, *, urgent: bool = False) -> None:
    """Ask for one role once the transaction is committed; when the queue is down, the next sweep finds it."""
    transaction.on_commit(functools.partial(_publish, role_id, urgent=urgent), robust=True)


def hint_use(use_id: int) -> None:
    """Have everybody told of a use once the transaction is committed; who was not told is told by the sweep."""
    transaction.on_commit(functools.partial(_publish_use, use_id), robust=True)


def hint_test(account_id: int) -> None:
    """Ask for the test of one account once the transaction is committed; a lost message is repeated by the sweep."""
    transaction.on_commit(functools.partial(_publish_test, account_id), robust=True)


def hint_letters() -> None:
    """Ask for letters to be sent once the transaction is committed; a lost message is repeated by the sweep."""
    transaction.on_commit(_publish_letters, robust=True)


def _publish(role_id: int, *, urgent: bool) -> None:
    try:
        reconcile_role.apply_async(args=(role_id,), queue="urgent" if urgent else "default")
    except reconcile_role.OperationalError as error:
        log.warning("hint.lost", role_id=role_id, reason=type(error).__name__)


def _publish_test(account_id: int) -> None:
    try:
        test_connection.apply_async(args=(account_id,), queue="default")
    except test_connection.OperationalError as error:
        log.warning("hint.lost", account_id=account_id, reason=type(error).__name__)


def _publish_letters() -> None:
    if notifications.any_waiting(now=timezone.now()):
        _send_letters()


def _send_letters() -> None:
    try:
        send_letters.apply_async(queue="default")
    except send_letters.OperationalError as error:
        log.warning("hint.lost", letters=True, reason=type(error).__name__)


def _publish_observation(grant_id: int) -> None:
    # What waits longer than the next sweep is asked for again by that one.
    expires = max(settings.SWEEP_SECONDS * 2, 5)
    try:
        observe_denial.apply_async(args=(grant_id,), queue="issuer", expires=expires)
    except observe_denial.OperationalError as error:
        log.warning("hint.lost", grant_id=grant_id, reason=type(error).__name__)


def _publish_use(use_id: int) -> None:
    """Ask the worker; when the queue is down, tell them from here: this does not wait."""
    try:
        tell_of_use.apply_async(args=(use_id,), queue="urgent")
    except tell_of_use.OperationalError as error:
        log.warning("hint.lost", use_id=use_id, reason=type(error).__name__)
        alarms.tell(use_id, now=timezone.now())
