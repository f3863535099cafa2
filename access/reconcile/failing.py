"""Record that an attempt to update a role failed. Nothing here raises, and all Denies are already written."""

from functools import partial

import structlog

from access import aws, trust
from access.guarding import guarded
from access.ledger.chain import AuditUnavailable
from access.models import Role
from access.reconcile import outcome, rate_limit
from access.reconcile.lease import Clock
from access.reconcile.plan import Undecided, VerifierRefused

log = structlog.get_logger(__name__)

_EXPECTED = (aws.AwsError, AuditUnavailable, trust.NotWritable, Undecided, VerifierRefused)


def record_failure(row: Role, error: Exception, *, denied: bool | Exception | None = None, now: Clock) -> None:
    """Record on the role and its grants why the attempt failed, and when the worker tries again.

    `denied` is the result of the fallback expiry policy: whether it was written, or the error.
    """
    if isinstance(error, rate_limit.RateLimited):
        guarded(partial(_postpone, row, error, now=now))
        return
    for one in (error, denied):
        if isinstance(one, aws.Throttled):
            guarded(partial(rate_limit.record_throttling, row.account, one, now=now))
    recorded = guarded(partial(_record, row, error, now=now))
    counted = guarded(partial(_count, row, error, now=now)) if isinstance(recorded, Exception) else None
    for one in (error, denied, recorded, counted):
        guarded(partial(_log, row, one))


def _postpone(row: Role, error: rate_limit.RateLimited, *, now: Clock) -> None:
    outcome.postponed(row, list(row.grants.in_documents(now=now())), error, at=now())


def _record(row: Role, error: Exception, *, now: Clock) -> None:
    at = now()
    outcome.failed(row, list(row.grants.in_documents(now=at)), error, at=at)


def _count(row: Role, error: Exception, *, now: Clock) -> None:
    outcome.count_failure(row, error, at=now())


def _log(row: Role, error: object) -> None:
    """Log an unexpected error with its traceback."""
    if isinstance(error, Exception) and not isinstance(error, _EXPECTED):
        log.error("reconcile.crashed", role=row.arn, exc_info=error)
