"""Make a hardening change that an administrator requested: exactly this change, or none."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from access import aws, trust, verify
from access.ledger.hardening import settle_hardening
from access.models import HardeningChange, Role
from access.reconcile import audit_gate
from access.reconcile.lease import Clock, Lease
from access.reconcile.writing import EditedMeanwhile, Writer
from access.texts.text import Text
from access.trust import Hardening

log = structlog.get_logger(__name__)

BY = "worker"
CHANGE_EXPIRES_AFTER = timedelta(hours=1)  # the administrator should see the result; do not write much later


def carry_out(row: Role, held: Lease, *, now: Clock) -> None:
    """Make the open hardening change of a role, if there is one, and record the result.

    If AWS refuses permanently, the change is settled. A temporary error is raised, and the worker tries again.
    """
    # Almost no role has one, so nothing is joined to it.
    change = row.hardening_changes.filter(settled_at=None).first()
    if change is None:
        return
    try:
        _carry_out(row, change, held, now=now)
    except EditedMeanwhile:
        settle_hardening(
            change, HardeningChange.Outcome.SUPERSEDED, text=Text("hardening_changed_meanwhile"), by=BY, now=now()
        )
    except (aws.Terminal, trust.NotWritable) as error:
        settle_hardening(change, HardeningChange.Outcome.REFUSED, text=error.text, by=BY, now=now())
        log.warning("trust.hardening_refused", role=row.arn, reason=str(error))


def _carry_out(row: Role, change: HardeningChange, held: Lease, *, now: Clock) -> None:
    target, how = row.account.aws_target(), Hardening(change.how)
    wanted = trust.harden(change.document, change.statement, how, value=change.value)
    there = aws.read_trust(target=target, arn=row.arn)
    if not trust.same(there, wanted):  # an earlier attempt may have written it and crashed before recording it
        if trust.fingerprint(there) != change.document_hash:
            raise EditedMeanwhile(row.arn)
        if now() > change.requested_at + CHANGE_EXPIRES_AFTER:
            settle_hardening(change, HardeningChange.Outcome.REFUSED, text=Text("hardening_too_late"), by=BY, now=now())
            return
        audit_gate.check(now=now())
        _check(row, change, wanted)
        Writer.of(row, held, now=now).write_trust(wanted, before=there)
        there = aws.read_trust(target=target, arn=row.arn)
        if not trust.same(there, wanted):
            raise aws.Unavailable("aws_unconfirmed")
    settle_hardening(change, HardeningChange.Outcome.DONE, after=there, by=BY, now=now())
    log.info("trust.hardened", role=row.arn, how=change.how)


def _check(row: Role, change: HardeningChange, wanted: Mapping[str, Any]) -> None:
    """Raise NotWritable unless the verifier, which did not compile the policy, finds this change and no other."""
    ours = frozenset(row.grants.values_list("session_name", flat=True))
    findings = verify.check_hardened(change.document, wanted, how=change.how, value=change.value, ours=ours)
    if findings:
        raise trust.NotWritable("hardening_not_as_proposed", findings=findings)
