"""Read once a day the account's quota, and what each role permits."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Q

from access import aws, pauses, trust, verify
from access.ledger.accounts import store_quota
from access.ledger.roles import record_permissions
from access.models import Role
from access.reconcile import outage

log = structlog.get_logger(__name__)

DAY = timedelta(days=1)


def read_quotas(*, now: datetime) -> None:
    """Read the quota of every account whose quota was last read more than a day ago.

    If AWS does not answer, keep the old value.
    """
    unread = Q(trust_quota_read_at=None) | pauses.not_recent("trust_quota_read_at", within=DAY, now=now)
    for account in outage.reachable_accounts(now=now).filter(unread):
        try:
            quota = aws.trust_quota(target=account.aws_target())
        except aws.AwsError as error:
            log.warning("quota.unread", account=account.account_id, reason=str(error))
            outage.record_outage(account, error, now=now)
            continue
        store_quota(account, quota, now=now)


def read_permissions(row: Role, *, now: datetime) -> None:
    """Read the role's permissions, unless they were read in the last day, and record them.

    This includes whether the role can bypass its expiry. The role's managed policies and the findings of Access
    Analyzer are stored too, because pages explain them. If the desired state of the role changes in the meantime,
    discard the result, because the permissions may have changed too. They are then read again.
    """
    if pauses.is_recent(row.state.permissions_read_at, within=DAY, now=now):
        return
    permissions = aws.read_permissions(target=row.account.aws_target(), arn=row.arn, but=trust.EXPIRY_POLICY_NAME)
    found = verify.can_bypass_expiry(permissions.policies, permissions.boundary)
    taken = sum(map(trust.size, permissions.inline))
    snapshot = _snapshot(row, permissions)
    is_kept = record_permissions(row, found, other_inline_size=taken, snapshot=snapshot, by="worker", now=now)
    if is_kept and found != row.state.can_bypass_expiry:
        log.log(40 if found else 20, "role.can_bypass_expiry", role=row.arn, actions=found)


def _snapshot(row: Role, permissions: aws.Permissions) -> dict[str, Any]:
    """Return the managed policies and the findings. Access Analyzer is not asked about policies that AWS maintains."""
    known = [document for arn, document in permissions.managed.items() if ":iam::aws:" in arn]
    asked = [policy for policy in permissions.policies if policy not in known]
    remarks = aws.analyze(target=row.account.aws_target(), policies=asked, trust=row.state.observed_trust)
    said = None if remarks is None else [dataclasses.asdict(remark) for remark in remarks]
    return {
        "managed": trust.storable(permissions.managed),
        "analysis": trust.storable(said),
        "last_used_at": permissions.last_used_at,
    }
