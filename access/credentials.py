"""Issue portal-issued sessions: save the intent, call AWS without holding a lock, save the outcome.

No secret leaves this module but in what it returns.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from access import aws, pauses, skew, stops, trust, uploads
from access.aws import Session
from access.ledger.chaining import WORKER
from access.ledger.heartbeats import last_beat
from access.ledger.issuances import close_issuance, intend_issuance
from access.models import Grant, Issuance, User
from access.rules.addresses import check_address
from access.rules.facts import Refused
from access.rules.using import check_can_use, check_issue_limits
from access.texts.text import Text

Clock = Callable[[], datetime]

SHORTEST = 900  # seconds; the minimum of STS [STS AssumeRole DurationSeconds]
LONGEST_CHAINED = 3600  # seconds; in most installations, the issuer is a role itself [IAM "Role chaining"]
BUCKET = "bucket"  # the console page of the only bucket that the role's permissions name
PROPAGATION = timedelta(minutes=1)  # the time that STS can need to see a change in IAM
PATIENCE = timedelta(seconds=10)  # how long Daypass tries again after a refusal in that time
SWEEPS = 3  # after so many without the worker, it does not run
PAUSE = 1.0  # seconds between two tries


@dataclass(frozen=True, slots=True)
class Issued:
    """A session, and the record of its delivery."""

    session: Session
    issuance: Issuance


def issue(*, by: User, grant: Grant, now: Clock, seconds: int | None = None, address: str = "") -> Issued:
    """Open and return a session of the grant for `by`; `seconds` asks for a shorter one, `address` is where they are.

    Raises Refused with a sentence, or aws.AwsError; in both cases the record shows it and nothing was delivered.
    """
    issuance = _intend(by=by, grant=grant, kind=Issuance.Kind.CREDENTIALS, address=address, at=now())
    with _closed_on_error(issuance, now=now):
        session = _assume(issuance, asked=seconds, now=now)
        _conclude(issuance, session, at=now())
    return Issued(session, issuance)


def console_url(*, by: User, grant: Grant, service: str, issuer: str, now: Clock, address: str = "") -> str:
    """Open a session and return the link that signs in to the console with it: itself a secret, for one redirect only.

    Raises as `issue` does; `service` is one of aws.SERVICES or BUCKET, `issuer` our page to come back to.
    """
    account = grant.role.account
    page = _console_page(grant, service)
    issuance = _intend(by=by, grant=grant, kind=Issuance.Kind.CONSOLE, address=address, at=now())
    with _closed_on_error(issuance, now=now):
        session = _assume(issuance, asked=None, now=now)
        link = aws.signin_url(session, partition=account.partition, destination=page, issuer=issuer)
        _conclude(issuance, session, at=now())
    return link


def _console_page(grant: Grant, service: str) -> str:
    """Return the address of a console page; that of the role's only bucket comes from its permissions."""
    account = grant.role.account
    if service == BUCKET and (place := uploads.only_bucket_in(grant.role.permissions)):
        bucket, prefix = place
        return aws.bucket_destination(partition=account.partition, region=account.region, bucket=bucket, prefix=prefix)
    try:
        return aws.destination(partition=account.partition, region=account.region, service=service)
    except KeyError:
        raise Refused("console_page_unknown") from None


def duration(grant: Grant, *, asked: int | None, now: datetime) -> int:
    """Return the seconds to ask STS for: the shortest of what is asked, left and allowed, and no less than STS gives.

    A session that has to be longer than the window is ended by its session policy and by the expiry policy.
    """
    left = int((grant.ends_at - now).total_seconds())
    wanted = min(left, grant.role.max_session_seconds, LONGEST_CHAINED, asked or LONGEST_CHAINED)
    return max(SHORTEST, wanted)


@transaction.atomic
def _intend(*, by: User, grant: Grant, kind: Issuance.Kind, address: str, at: datetime) -> Issuance:
    """Write that a session is about to be opened; without this record none is."""
    skew.check(now=at)
    grant = _locked(grant)
    _check(by, grant, kind, at=at)
    check_address(grant.facts(), address)
    in_last_hour, live = Issuance.objects.filter(grant=grant).counted(now=at)
    check_issue_limits(grant.request.role.issue_limits(), in_last_hour=in_last_hour, live=live)
    issuance = Issuance(grant=grant, by=by, kind=kind, started_at=at)
    intend_issuance(issuance, now=at)
    return issuance


@contextmanager
def _closed_on_error(issuance: Issuance, *, now: Clock) -> Iterator[None]:
    """Close the record as failed whatever goes wrong; of an unexpected error it has only the type's name."""
    try:
        yield
    except (aws.AwsError, Refused) as error:
        close_issuance(issuance, Issuance.Outcome.FAILED, text=error.text, now=now())
        raise
    except Exception as error:
        text = Text("failed_unexpectedly", {"kind": type(error).__name__})
        close_issuance(issuance, Issuance.Outcome.FAILED, text=text, now=now())
        raise


def _assume(issuance: Issuance, *, asked: int | None, now: Clock) -> Session:
    """Ask STS; while the change may still propagate in IAM a refusal is retried, never after a revocation."""
    grant = issuance.grant
    while True:
        try:
            session = aws.assume_role(
                target=grant.role.account.aws_target(),
                arn=grant.role.arn,
                session_name=grant.session_name,
                seconds=duration(grant, asked=asked, now=now()),
                policy=trust.compile_session_policy(ends_at=grant.ends_at, source_cidrs=grant.source_cidrs),
                external_id=grant.external_id,
            )
        except aws.Denied as error:
            if not _is_spreading(grant, now=now()):
                raise
            if now() + timedelta(seconds=PAUSE) > issuance.started_at + PATIENCE:
                raise Refused("grant_propagating") from error
        else:
            issuance.access_key_id, issuance.expires_at = session.access_key_id, session.expires_at
            return session
        time.sleep(PAUSE)
        grant = _rows().get(pk=grant.pk)
        _check(issuance.by, grant, Issuance.Kind(issuance.kind), at=now())


def _is_spreading(grant: Grant, *, now: datetime) -> bool:
    return pauses.is_recent(grant.applied_at, within=PROPAGATION, now=now)


def _conclude(issuance: Issuance, session: Session, *, at: datetime) -> None:
    """Write what became of it; raises Refused when the session must not be delivered any more and is thrown away."""
    differ = abs(session.aws_time - at) > pauses.LARGEST_SKEW or skew.found(now=at)
    failure = Refused("clock_skew") if differ else None
    with transaction.atomic():
        grant = _locked(issuance.grant)
        try:
            _check(issuance.by, grant, Issuance.Kind(issuance.kind), at=at)
        except Refused as error:
            failure = error
        outcome = Issuance.Outcome.DISCARDED if failure else Issuance.Outcome.ISSUED
        if not close_issuance(issuance, outcome, text=failure.text if failure else None, now=at):
            failure = Refused("session_too_late")
    if failure:
        raise failure


def _check(by: User, grant: Grant, kind: Issuance.Kind, *, at: datetime) -> None:
    """Raise Refused unless a session can be issued; who asks is judged by what was read with the grant, not before.

    The access methods are those of the role that was asked for: its overflow roles have none of their own.
    """
    owner, role = grant.request.requester, grant.request.role
    offered = role.allows_console if kind == Issuance.Kind.CONSOLE else role.allows_portal_issued
    person = owner.facts_as(getattr(owner, "contractor", None))
    try:
        check_can_use(
            person,
            grant.facts(),
            is_own=by.pk == owner.pk,
            is_offered=offered,
            now=at,
            is_break_glass=grant.break_glass_policy_id is not None,
        )
    except Refused as error:
        raise (_not_ready(at=at) if error.code == "grant_not_ready" else error) from None
    stops.check_grant(grant)


def _not_ready(*, at: datetime) -> Refused:
    """Return why a grant is not in AWS yet: the worker needs a few seconds, or it does not run."""
    last = last_beat(WORKER)
    if last is None:
        return Refused("grant_not_ready_worker_never_ran")
    if pauses.is_recent(last, within=SWEEPS * timedelta(seconds=settings.SWEEP_SECONDS), now=at):
        return Refused("grant_not_ready")
    return Refused("grant_not_ready_worker_down", since=last)


# The columns that a decision and a call to AWS need. The documents of a role are large, so they are left out.
_NEEDED = (
    "role__name",
    "role__path",
    "role__max_session_seconds",
    "role__account",
    "role__state",
    "request__public_id",
    "request__role__account",
    "request__role__overflow_of",
    "request__role__allows_portal_issued",
    "request__role__allows_console",
    "request__role__issues_per_hour",
    "request__role__live_sessions",
    "request__requester__is_active",
    "request__requester__is_staff",
    "request__requester__is_sponsor",
    "request__requester__contractor__is_active",
    "request__requester__contractor__company__is_active",
    "request__requester__contractor__sponsor__is_active",
    "request__requester__contractor__company",
    "request__requester__contractor__sponsor",
    "request__requester__contractor__contract_ends_at",
)


def _locked(grant: Grant) -> Grant:
    """Return the grant as it is once nobody else changes it. A revocation waits for this transaction, never for AWS."""
    return _rows().select_for_update(of=("self",), no_key=True).get(pk=grant.pk)


def _rows() -> QuerySet[Grant]:
    mine = [field.name for field in Grant._meta.concrete_fields]  # noqa: SLF001  # Django's documented way
    contractor = "request__requester__contractor"
    related = ("role__account", "role__state", "request__role", f"{contractor}__company", f"{contractor}__sponsor")
    return Grant.objects.select_related(*related).only(*mine, *_NEEDED)
