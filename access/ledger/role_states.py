"""Store the worker's state of a role: lease, progress, and what the worker read from AWS. It has no events."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from access import pauses
from access.models import Role, RoleState
from access.models.texts import NO_PROBLEM


def update_state(role: Role, **columns: Any) -> None:
    """Store these columns of the state of a role."""
    RoleState.objects.filter(pk=role.pk).update(**columns)


def store_as_left(role_ids: Collection[int], *, now: datetime) -> None:
    """Store that these roles are unchanged in AWS.

    A role that was last read with a wrong clock is left out. It must be read again, because its next change was
    computed with that clock.
    """
    known = ~Q(reconciled_at__gt=now + pauses.LARGEST_SKEW)
    RoleState.objects.filter(known, pk__in=role_ids).update(reconciled_at=now, observed_at=now)


def store_write_intent(role: Role, documents: Mapping[str, Any], *, unique_id: str, holder: str) -> bool:
    """Store the documents that will be overwritten.

    Return whether there was no earlier write intent and `holder` has the lease.
    """
    mine = RoleState.objects.filter(pk=role.pk, lease_holder=holder)
    is_new = bool(mine.filter(write_intent__isnull=True).update(write_intent=documents))
    # Store the ID too: if the worker cannot read the role the next time, the Deny needs this ID.
    if role.unique_id != unique_id and mine.exists():
        store_unique_id(role, unique_id)
    return is_new


def store_unique_id(role: Role, unique_id: str) -> None:
    """Store the unique ID of the role in AWS, if it differs from the ID when the row was read."""
    if role.unique_id != unique_id:
        Role.objects.filter(pk=role.pk).update(unique_id=unique_id)


def store_accepted(role: Role, policy: Mapping[str, Any] | None, *, at: datetime) -> None:
    """Store, beside the write intent, an expiry policy that AWS accepted but that was not read back."""
    intent = RoleState.objects.filter(pk=role.pk).values_list("write_intent", flat=True).first()
    if intent is not None:
        accepted = {"expiry_policy": policy, "at": at.isoformat()}
        RoleState.objects.filter(pk=role.pk).update(write_intent={**intent, "accepted": accepted})


def forget_accepted(role_ids: Collection[int]) -> None:
    """Delete the accepted expiry policy of roles for which AWS now shows another one."""
    for row in RoleState.objects.filter(pk__in=role_ids, write_intent__isnull=False):
        intent = {key: value for key, value in row.write_intent.items() if key != "accepted"}
        RoleState.objects.filter(pk=row.pk, write_intent__isnull=False).update(write_intent=intent)


def discard_write_intent(role: Role) -> bool:
    """Delete the write intent, because its result is recorded or AWS refused the write.

    Return whether there was one.
    """
    return bool(RoleState.objects.filter(pk=role.pk, write_intent__isnull=False).update(write_intent=None))


def settle_states(roles: QuerySet[Role]) -> None:
    """Store that the worker has nothing to do for these roles, and that nothing is wrong with them."""
    RoleState.objects.filter(role__in=roles).update(
        reconciled_generation=F("generation"),
        waiting_since=None,
        next_change_at=None,
        retry_at=None,
        failures=0,
        **NO_PROBLEM,
    )


def store_denied(role: Role) -> None:
    """Store that AWS has every Deny that the role needs in the generation that the worker works on."""
    RoleState.objects.filter(pk=role.pk).update(denied_generation=role.state.generation)


def take_lease(
    role_id: int, *, holder: str, until: datetime, at: datetime, length: timedelta, settling: timedelta
) -> bool:
    """Take the lease of a role unless another worker has it, and return whether it was taken.

    `length` is the length of a lease. If the previous holder did not release its lease, no grant is reported as ended
    for the time `settling`.
    """
    row, mine = RoleState.objects.filter(pk=role_id), {"lease_holder": holder, "leased_until": until}
    if row.filter(lease_holder="").update(**mine):
        return True
    # The last holder did not release the lease. It died, or it is paused and may still send the write that it was about
    # to send. Its machine may have been paused until now, so settling starts now and not when the lease ended.
    expired = row.filter(~Q(lease_holder="")).filter(pauses.reached("leased_until", longest=length, now=at))
    return bool(expired.update(**mine, settle_until=at + settling))


def renew_lease(role_id: int, *, holder: str, until: datetime) -> bool:
    """Extend a lease, and return whether this holder still has it.

    The holder still has an expired lease if no other worker has taken it, because then nobody has written since.
    """
    mine = RoleState.objects.filter(pk=role_id, lease_holder=holder)
    return bool(mine.update(leased_until=until))


def end_lease(role_id: int, *, holder: str, generation: int | None = None) -> bool:
    """Release a lease, and return whether it has ended. It has also ended if another worker has taken it.

    With `generation`, the lease continues if the desired state has changed since.
    """
    mine = RoleState.objects.filter(pk=role_id, lease_holder=holder)
    same = mine if generation is None else mine.filter(generation=generation)
    return bool(same.update(lease_holder="", leased_until=None)) or not mine.exists()


def store_settling(role_id: int, *, settle_until: datetime) -> None:
    """Store until when a write that AWS did not answer may still take effect."""
    RoleState.objects.filter(pk=role_id).update(settle_until=settle_until)
