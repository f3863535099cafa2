"""Write the Denies of a role after an attempt to update the role failed, for whatever reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q

from access import aws, pauses, skew, trust
from access.guarding import guarded
from access.ledger.role_states import discard_write_intent, store_accepted
from access.lifecycle import GrantFacts, RoleFacts
from access.models import Grant
from access.reconcile import rate_limit, unmanaged
from access.reconcile.writing import Writer
from access.trust import Document, Fate, Unmanaged

# If AWS has accepted the policy of a silent role, do not send it again for this time. After that, send it again,
# because somebody could have removed it.
KNOWN_FOR = timedelta(minutes=5)


def write(writer: Writer, error: Exception) -> bool:
    """Write the fallback expiry policy if one of its Denies may be missing in AWS, and return whether it was written.

    `error` is the reason why the attempt failed. Nothing is written if AWS would refuse the policy for now, or if the
    role is not ours. Raises LeaseLost, RateLimited and errors from AWS.
    """
    row, at = writer.row, _earliest(writer.now())
    if row.to_build or writer.is_put_off or isinstance(error, rate_limit.RateLimited | aws.AnotherRole):
        return False
    read = guarded(partial(_grants, row.pk, at=at))
    grants = read if not isinstance(read, Exception) else writer.grants
    # Read only the necessary columns of the role too.
    role = RoleFacts(row.arn, writer.observed.unique_id if writer.observed else row.unique_id, managed=row.is_managed)
    if not grants or not role.unique_id:
        return False
    if isinstance(error, aws.Silent) and _has_accepted(writer, role, grants, at=at):
        return False
    held, is_read = _held(writer, once=isinstance(error, aws.Silent))
    # If AWS cannot be read, write a Deny that is not confirmed yet again, because somebody could have removed it.
    is_doubtful = not is_read and any(_is_unconfirmed(grant, at=at) for grant in grants)
    if not is_doubtful and trust.is_denied(role, _entered(writer, grants, at=at), held=held, now=at):
        return False
    writer.first = writer.first or aws.RoleSnapshot(
        row.arn, role.unique_id, row.state.observed_trust or {}, row.state.observed_expiry_policy
    )
    _write(writer, role, grants, held, at=at)
    return True


def _earliest(at: datetime) -> datetime:
    """Return the earliest of the compared clocks, so that a clock that is ahead does not end a grant too early."""
    earliest = guarded(partial(skew.earliest, at))
    return at if isinstance(earliest, Exception) else earliest


def _grants(role_id: int, *, at: datetime) -> list[GrantFacts]:
    """Read the grants that can have live sessions.

    Only the columns that say when they end are read, because bad data in other columns must not cause an error.
    """
    since = at - trust.KEEP_AFTER_END
    alive = Q(removed_at=None) | Q(removed_at__gt=since) | Q(ends_at__gt=since)
    columns = ("session_name", "starts_at", "ends_at", "revoked_at", "written_at", "applied_at", "removed_at")
    rows = Grant.objects.filter(alive, role_id=role_id).values(*columns)
    return [GrantFacts(**row, principal_arn="") for row in rows]


def _entered(writer: Writer, grants: Sequence[GrantFacts], *, at: datetime) -> list[GrantFacts]:
    """Return the grants whose statement may have been sent to AWS. Nobody can have a session of the others."""
    if writer.observed is None or writer.has_intent or writer.row.state.write_intent is not None:
        return list(grants)
    return [g for g in grants if g.written_at or g.applied_at or g.revoked_at or g.ends_at <= at]


def _is_unconfirmed(grant: GrantFacts, *, at: datetime) -> bool:
    return grant.removed_at is None and (grant.revoked_at is not None or grant.ends_at <= at)


def _has_accepted(writer: Writer, role: RoleFacts, grants: Sequence[GrantFacts], *, at: datetime) -> bool:
    """Return whether AWS recently accepted the fallback expiry policy of an earlier attempt, with every Deny."""
    accepted = (writer.row.state.write_intent or {}).get("accepted")
    if not accepted or not pauses.is_recent(datetime.fromisoformat(accepted["at"]), within=KNOWN_FOR, now=at):
        return False
    return trust.is_denied(role, _entered(writer, grants, at=at), held=accepted["expiry_policy"], now=at)


def _held(writer: Writer, *, once: bool) -> tuple[Mapping[str, Any] | None, bool]:
    """Return the expiry policy, and whether it was read from AWS. Otherwise, it is the policy as the database knows it.

    A Deny in the database can be missing in AWS. An unnecessary Deny does no harm. See ADR 35.
    """
    if writer.observed is not None:
        return writer.observed.expiry_policy, True
    row, name = writer.row, trust.EXPIRY_POLICY_NAME
    target = row.account.aws_target()
    # The read took most of the lease.
    writer.held.renew(now=writer.now)
    read = guarded(partial(aws.read_expiry_policy, target=target, arn=row.arn, name=name, once=once))
    if not isinstance(read, Exception):
        return read, True
    return trust.joined(row.state.observed_expiry_policy, (row.state.write_intent or {}).get("expiry_policy")), False


def _write(
    writer: Writer, role: RoleFacts, grants: Sequence[GrantFacts], held: Mapping[str, Any] | None, *, at: datetime
) -> None:
    """Write the policy. While AWS has no space for it, halve its maximum size and try again.

    If not even one Deny fits beside those that somebody added by hand, deny everything to all Daypass sessions.
    """
    urgent = any(grant.revoked_at and not grant.removed_at for grant in grants)
    max_size, last = writer.max_size, None
    while True:
        policy = trust.compile_fallback_policy(role, grants, held=held, now=at, max_size=max_size)
        answer = _send(writer, policy, urgent=urgent)
        if not isinstance(answer, Exception):
            return
        if not isinstance(answer, aws.PolicyFull):
            raise answer
        if policy == last:
            break
        max_size, last = min(max_size, trust.size(policy)) // 2, policy
    _write_without_room(writer, role, grants, held, answer, at=at)


def _write_without_room(
    writer: Writer,
    role: RoleFacts,
    grants: Sequence[GrantFacts],
    held: Mapping[str, Any] | None,
    refused: aws.PolicyFull,
    *,
    at: datetime,
) -> None:
    """Write the policy without some of the Denies that were added by hand, and record these; raise errors from AWS.

    If no Deny was added by hand, raise `refused`.
    """
    urgent = any(grant.revoked_at and not grant.removed_at for grant in grants)
    max_size = trust.INLINE_QUOTA - writer.row.state.other_inline_size
    while made := trust.compile_no_room_policy(role, grants, held=held, now=at, max_size=max_size):
        answer = _send(writer, made.document, urgent=urgent)
        if not isinstance(answer, Exception):
            lost = [Unmanaged(one, Fate.NO_ROOM, in_expiry=True) for one in made.lost]
            unmanaged.record_lost(writer.row, lost, at=at)
            return
        if not isinstance(answer, aws.PolicyFull) or not made.keeps_some:
            raise answer
        max_size = min(max_size, trust.size(made.document)) // 2
    raise refused


def _send(writer: Writer, policy: Document | None, *, urgent: bool) -> Exception | None:
    """Send the policy and return the error, if any. Only the lease, the rate limit and AWS can prevent the write."""
    row, slot = writer.row, guarded(partial(writer.await_slot, urgent=urgent))
    if isinstance(slot, rate_limit.RateLimited):
        raise slot
    prepared = guarded(partial(aws.prepare_write, target=row.account.aws_target()))
    if isinstance(prepared, aws.AwsError):
        return prepared
    is_new = guarded(writer.record_intent) is True
    writer.held.renew(now=writer.now)
    target, name = row.account.aws_target(), trust.EXPIRY_POLICY_NAME
    answer = guarded(partial(aws.write_expiry_policy, target=target, arn=row.arn, name=name, policy=policy))
    if not isinstance(answer, Exception):
        guarded(partial(store_accepted, row, policy, at=writer.now()))
    if isinstance(answer, aws.Unavailable):
        guarded(partial(writer.held.await_late_write, now=writer.now))
    elif isinstance(answer, aws.AwsError) and is_new:
        guarded(partial(discard_write_intent, row))
    return answer
