"""Adopted roles, and what was ordered for the trust policies that others wrote; each with its event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from access.ledger.chain import append, role_subject
from access.ledger.changes import Conflict, want
from access.models import Role, TrustOrder, User
from access.trust import storable


@transaction.atomic
def adopt_role(role: Role, *, by: User, now: datetime) -> Role:
    """Store a role that was there before; nothing of it is changed."""
    role.save(force_insert=True)
    append(verb="role.adopted", subject=role_subject(role), by=by, now=now, arn=role.arn, description=role.description)
    want(role, now=now)
    return role


@transaction.atomic
def order_tightening(order: TrustOrder, *, by: User, now: datetime) -> TrustOrder:
    """Store an order for the worker; raises Conflict while another one of the role waits."""
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:
        raise Conflict("Another order for this role is being carried out. Look again in a few seconds.") from None
    append(
        verb="role.tightening_ordered",
        subject=role_subject(order.role),
        by=by,
        now=now,
        how=order.how,
        statement=order.statement,
        external_id=order.value,
        document_hash=order.document_hash,
    )
    want(order.role, now=now)
    return order


@transaction.atomic
def settle_order(
    order: TrustOrder,
    outcome: TrustOrder.Outcome,
    *,
    sentence: str = "",
    after: Mapping[str, Any] | None = None,
    by: str,
    now: datetime,
) -> None:
    """Record what became of an order; `after` is the trust policy that AWS was read back with."""
    # The role before the audit chain, as everybody who changes both locks them: none wait in a ring.
    Role.objects.select_for_update().get(pk=order.role_id)
    open_orders = TrustOrder.objects.filter(pk=order.pk, settled_at=None)
    if not open_orders.update(settled_at=now, outcome=outcome, sentence=sentence[:1000]):
        return
    if after is not None:
        Role.objects.filter(pk=order.role_id).update(seen_trust=storable(after), seen_at=now)
    append(
        verb=f"role.tightening_{outcome}",
        subject=role_subject(order.role),
        by=by,
        now=now,
        ordered_by=order.ordered_by.email,
        how=order.how,
        sentence=sentence,
        trust_before=order.document,
        trust_after=after,
    )
