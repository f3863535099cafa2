"""The order in which the worker writes the documents of a plan."""

from collections.abc import Callable, Sequence
from functools import partial

import structlog

from access import aws, trust
from access.guarding import guarded
from access.lifecycle import GrantFacts, is_over
from access.reconcile import rate_limit, stop_order, unmanaged
from access.reconcile.lease import LeaseLost
from access.reconcile.plan import Plan, lacks_deny, restricts
from access.reconcile.writing import Writer

log = structlog.get_logger(__name__)


def write_documents(plan: Plan, observed: aws.RoleSnapshot, writer: Writer) -> bool:
    """Write the documents that differ, and return whether any differed.

    The expiry policy is written first, so that no session can begin without a Deny for its end. If the plan only moves
    ends to a later time, the expiry policy is written last, so that a crash in between leaves the earlier Deny.
    Overwritten statements are recorded first. But no Deny waits for this, because the audit log can take seconds to
    answer. Raises stop_order.TrustWaits if the trust policy has to wait for the Denies of other roles.
    """
    denies_more = restricts(plan, observed)
    writes = _writes(plan, observed, writer, denies_more=denies_more)
    before_record = writes[:1] if denies_more else []
    try:
        for write in before_record:
            write()
    finally:
        unmanaged.record_found(writer.row, plan.unmanaged, at=plan.at)
    if writes and _is_urgent(plan.grants):
        stop_order.await_denies(writer.row, now=writer.now())
    for write in writes[1:] if denies_more else reversed(writes):
        write()
    return bool(writes)


def _writes(plan: Plan, observed: aws.RoleSnapshot, writer: Writer, *, denies_more: bool) -> list[Callable[[], object]]:
    """Return the necessary writes, with the write of the expiry policy first."""
    urgent, writes = _is_urgent(plan.grants), list[Callable[[], object]]()
    if not trust.same(plan.expiry_policy, observed.expiry_policy) or lacks_deny(plan, observed):
        write = (
            partial(_write_denies, plan, observed, writer)
            if denies_more
            else partial(writer.write_expiry_policy, plan.expiry_policy)
        )
        writes.append(partial(write, urgent=urgent))
    if not trust.same(plan.trust, observed.trust):
        takes_away = trust.only_takes_away(plan.trust, observed.trust)
        writes.append(
            partial(writer.write_trust, plan.trust, before=observed.trust, urgent=urgent, takes_away=takes_away)
        )
    return writes


def _write_denies(plan: Plan, observed: aws.RoleSnapshot, writer: Writer, *, urgent: bool) -> None:
    """Write the expiry policy. If this fails, remove ended grants from the trust policy, and raise the error.

    The trust policy then admits nobody new, because an Allow is written only after its Deny.
    """
    failure = guarded(partial(writer.write_expiry_policy, plan.expiry_policy, urgent=urgent, takes_away=True))
    if not isinstance(failure, Exception):
        return
    if not isinstance(failure, LeaseLost | rate_limit.RateLimited):
        left = _left_of(plan, observed)
        if not trust.same(left, observed.trust):
            write = partial(writer.write_trust, left, before=observed.trust, urgent=urgent, takes_away=True)
            log.warning("role.removed_before_deny", role=observed.arn, failure=repr(guarded(write)))
    raise failure


def _left_of(plan: Plan, observed: aws.RoleSnapshot) -> trust.Document:
    """Return the trust policy without the statements that must be removed, and without new ones that admit somebody."""
    if trust.only_takes_away(plan.trust, observed.trust):
        return plan.trust
    return trust.without(observed.trust, [grant.session_name for grant in plan.grants if is_over(grant, now=plan.at)])


def _is_urgent(grants: Sequence[GrantFacts]) -> bool:
    return any(grant.revoked_at and not grant.removed_at for grant in grants)
