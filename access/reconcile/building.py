"""Create managed roles in AWS, and delete overflow roles that are no longer needed."""

from datetime import datetime

import structlog

from access import aws, trust
from access.ledger.role_states import update_state
from access.ledger.roles import mark_built, mark_idle, mark_taken_away, mark_updated
from access.lifecycle import is_over
from access.models import Role
from access.models.texts import NO_PROBLEM
from access.reconcile.lease import LeaseLost

log = structlog.get_logger(__name__)

BY = "builder"


def build(row: Role, *, at: datetime) -> None:
    """Create the role in AWS so that nobody can assume it yet, and record it. Complete an interrupted earlier attempt.

    Raises LeaseLost if the row has another name now: another worker has then taken over the role, and creates it.
    """
    empty = trust.compile_trust_policy(row.facts(), [], present=None, now=at)
    aws.create_role(_spec(row, empty.document))
    if not mark_built(row, by=BY, now=at):
        log.error("role.orphaned", role=row.arn)
        raise LeaseLost(f"role {row.pk}")
    row.to_build = False
    log.info("role.built", role=row.arn)


def update(row: Role, *, at: datetime) -> None:
    """Write the role's permissions, description and session length to AWS, and record this.

    If somebody changes the row in the meantime, the row stays marked, and the role is reconciled again immediately.
    """
    aws.update_role(_spec(row, {}))
    row.state.permissions_read_at = None  # the permissions that were read today have changed
    mark_updated(row, by=BY, now=at)
    log.info("role.updated", role=row.arn)


def is_idle_overflow_role(row: Role, *, at: datetime) -> bool:
    """Return whether this is an overflow role without grants and without entries in its expiry policy."""
    if row.overflow_of_id is None:
        return False
    grants = [grant.facts() for grant in row.grants.in_documents(now=at)]
    waiting = any(not is_over(grant, now=at) for grant in grants)
    return not waiting and trust.compile_expiry_policy(row.facts(), grants, now=at) is None


def take_away(row: Role, *, at: datetime) -> None:
    """Delete an idle overflow role from AWS.

    Its row stays, without the values read from AWS, until the role is needed again.
    """
    target = row.account.aws_target()
    try:
        aws.delete_role(target=target, arn=row.arn)
    except aws.Denied:
        # If the role is already deleted, it has no path and no tag, so IAM denies the builder's call.
        if aws.is_listed(target=target, arn=row.arn):
            raise
    mark_taken_away(row, by=BY, now=at)
    log.info("role.taken_away", role=row.arn)


def settle_idle(row: Role, *, at: datetime) -> None:
    """Record that an overflow role is neither in AWS nor needed, so nothing has to be done and nothing is wrong."""
    mark_idle(row)
    update_state(
        row,
        reconciled_at=at,
        reconciled_generation=row.state.generation,
        waiting_since=None,
        next_change_at=None,
        failures=0,
        retry_at=None,
        **NO_PROBLEM,
    )


def _spec(row: Role, closed: trust.Document) -> aws.RoleSpec:
    account = row.account
    custom = f"arn:{account.partition}:iam::{account.account_id}:policy{row.path}{row.permissions_name}"
    return aws.RoleSpec(
        target=account.aws_target(),
        arn=row.arn,
        path=row.path,
        description=row.description,
        boundary_arn=account.boundary_arn,
        max_session_seconds=row.max_session_seconds,
        trust=closed,
        policy_arns=tuple(row.policy_arns),
        custom_policy=(custom, row.permissions) if row.permissions_name else None,
        tags=dict(row.tags),
    )
