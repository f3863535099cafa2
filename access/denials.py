"""Check that AWS refuses access after a grant has ended: the issuer requests a session, and AWS must refuse.

Only portal-issued access can be tried like that: its principal is ours. It runs where the issuer's identity is, never
in the worker, which has no way to open a session.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q

from access import aws, pauses, trust
from access.ledger.grants import mark_admitted, mark_refused
from access.models import Grant

log = structlog.get_logger(__name__)

BY = "issuer"
SETTLING = timedelta(seconds=10)  # usually, a change in IAM reaches STS within seconds
PROPAGATION = timedelta(minutes=1)  # AWS can still issue a session for this time without an error
LOOKED_AT = timedelta(days=1)  # after this time, every possible session has ended
YESTERDAY = timedelta(days=1)
OFTEN = timedelta(minutes=10)  # for this time every sweep checks, and later one sweep per period
AT_ONCE = 100
SHORTEST = 900  # seconds; the minimum of STS [STS AssumeRole DurationSeconds]


def due(*, now: datetime) -> list[int]:
    """Return the ids of the grants whose end was read back a moment ago and has yet to be seen from outside."""
    lately = Q(removed_at__lte=now - SETTLING, removed_at__gt=now - LOOKED_AT)
    gone = lately | Q(removed_at__gt=now + pauses.LARGEST_SKEW)
    unseen = Grant.objects.filter(gone, portal_issued=True, refused_at=None)
    found = unseen.order_by("removed_at").values_list("pk", "removed_at")
    return [pk for pk, removed_at in found if removed_at is not None and _is_turn(removed_at, now=now)][:AT_ONCE]


def _is_turn(removed_at: datetime, *, now: datetime) -> bool:
    """Return whether a sweep asks for it: every one at first, later one in ten minutes.

    Redis keeps messages until the issuer takes them, also those that have expired: without an issuer, each sweep of a
    day would add another.
    """
    age, sweep = now - removed_at, timedelta(seconds=settings.SWEEP_SECONDS)
    return age < OFTEN or age % OFTEN < sweep


def observe(grant_id: int, *, now: datetime) -> None:
    """Ask AWS for a session of an ended grant and record the refusal; a session is an alarm, and is thrown away.

    It would open nothing: by its session policy it ended yesterday. [STS AssumeRole Policy]
    """
    found = Grant.objects.filter(pk=grant_id, portal_issued=True, refused_at=None, removed_at__isnull=False)
    grant = found.select_related("role__account", "role__state", "request").first()
    if grant is None:
        return
    try:
        session = aws.assume_role(
            target=grant.role.account.aws_target(),
            arn=grant.role.arn,
            session_name=grant.session_name,
            seconds=SHORTEST,
            policy=trust.compile_session_policy(ends_at=now - YESTERDAY),
            external_id=grant.external_id,
        )
    except aws.NotAuthorized as error:
        mark_refused(grant, error.text, by=BY, now=now)
    except aws.AwsError as error:
        log.warning("denial.unseen", grant=grant.session_name, reason=str(error))
    else:
        _admitted(grant, session, now=now)


def _admitted(grant: Grant, session: aws.Session, *, now: datetime) -> None:
    """Record that AWS issued a session. More than a minute after the end, also log an error and update the role."""
    spreading = pauses.is_recent(grant.removed_at, within=PROPAGATION, now=now)
    mark_admitted(grant, access_key_id=session.access_key_id, spreading=spreading, by=BY, now=now)
    if not spreading:
        log.error("grant.admitted_after_end", grant=grant.session_name, role=grant.role.arn)
