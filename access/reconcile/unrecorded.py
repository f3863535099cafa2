"""While the audit chain takes no events the worker gives nobody new access; what it ends, it ends all the same."""

from collections.abc import Sequence
from datetime import datetime

from access import aws, ledger, verify
from access.lifecycle import GrantFacts, Problem, is_over
from access.reconcile.plan import LeftOut

SENTENCE = "The audit log accepts no entries, so nobody gets new access. It is tried again by itself."


def held_back(grants: Sequence[GrantFacts], seen: aws.RoleRead, *, at: datetime) -> LeftOut:
    """Return the grants that AWS does not hold yet, while the chain takes no events; else none."""
    present = {str(statement.get("Sid")) for statement in verify.statement_list(seen.trust)}
    new = [grant for grant in grants if grant.session_name not in present and not is_over(grant, now=at)]
    if not new or ledger.takes_events(now=at):
        return {}
    return {grant.session_name: (Problem.AUDIT_UNAVAILABLE, SENTENCE) for grant in new}


def check(*, now: datetime) -> None:
    """Raise ledger.Unrecorded unless the chain takes events: before a change that ends nothing."""
    if not ledger.takes_events(now=now):
        raise ledger.Unrecorded(SENTENCE)
