"""Carry out what an administrator ordered for a statement of others: exactly that, or nothing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from access import aws, ledger, trust, verify
from access.models import Role, TrustOrder
from access.reconcile import unrecorded
from access.reconcile.lease import Clock, Lease
from access.reconcile.sorting import UNREAD_BACK
from access.reconcile.writing import EditedMeanwhile, Writer
from access.trust import Tightening

log = structlog.get_logger(__name__)

BY = "worker"
ORDER_LASTS = timedelta(hours=1)  # who ordered it should see it happen; nothing is written long after
LATE = "AWS could not be spoken to for an hour. Nothing was written; order it again."
CHANGED = "Somebody changed the trust policy in AWS meanwhile, so nothing was written. Look at it again."


def carry_out(row: Role, held: Lease, *, now: Clock) -> None:
    """Carry out the open order of a role, if there is one, and record what became of it.

    What AWS refuses for good settles the order; what may pass is raised, and tried again.
    """
    # Almost no role has one, so nothing is joined to it.
    order = row.trust_orders.filter(settled_at=None).first()
    if order is None:
        return
    try:
        _carry_out(row, order, held, now=now)
    except EditedMeanwhile:
        ledger.settle_order(order, TrustOrder.Outcome.OVERTAKEN, sentence=CHANGED, by=BY, now=now())
    except (aws.Terminal, trust.NotWritable) as error:
        ledger.settle_order(order, TrustOrder.Outcome.REFUSED, sentence=str(error), by=BY, now=now())
        log.warning("trust.order_refused", role=row.arn, reason=str(error))


def _carry_out(row: Role, order: TrustOrder, held: Lease, *, now: Clock) -> None:
    reach, how = row.account.reach(), Tightening(order.how)
    wanted = trust.tighten(order.document, order.statement, how, value=order.value)
    there = aws.read_trust(reach=reach, arn=row.arn)
    if not trust.same(there, wanted):  # an earlier try may have written it, and not lived to say so
        if trust.fingerprint(there) != order.document_hash:
            raise EditedMeanwhile(row.arn)
        if now() > order.ordered_at + ORDER_LASTS:
            ledger.settle_order(order, TrustOrder.Outcome.REFUSED, sentence=LATE, by=BY, now=now())
            return
        unrecorded.check(now=now())
        _check(row, order, wanted)
        Writer.of(row, held, now=now).write_trust(wanted, before=there)
        there = aws.read_trust(reach=reach, arn=row.arn)
        if not trust.same(there, wanted):
            raise aws.Unavailable(UNREAD_BACK)
    ledger.settle_order(order, TrustOrder.Outcome.DONE, after=there, by=BY, now=now())
    log.info("trust.tightened", role=row.arn, how=order.how)


def _check(row: Role, order: TrustOrder, wanted: Mapping[str, Any]) -> None:
    """Raise NotWritable unless the verifier, who did not compile it, finds the one change and no other."""
    ours = frozenset(row.grants.values_list("session_name", flat=True))
    findings = verify.check_tightened(order.document, wanted, how=order.how, value=order.value, ours=ours)
    if findings:
        raise trust.NotWritable(" ".join(findings))
