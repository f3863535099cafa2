"""What is read once a day: the account's quota, and what each role may do."""

from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from access import aws, ledger, trust, verify
from access.models import Account, Role

log = structlog.get_logger(__name__)

DAY = timedelta(days=1)


def read_quotas(*, now: datetime) -> None:
    """Read the quota of every account that was not asked for a day; one that does not answer keeps the old figure."""
    for account in Account.objects.filter(Q(trust_quota_read_at=None) | Q(trust_quota_read_at__lte=now - DAY)):
        try:
            quota = aws.trust_quota()
        except aws.AwsError as error:
            log.warning("quota.unread", account=account.account_id, reason=str(error))
            continue
        Account.objects.filter(pk=account.pk).update(trust_quota=quota, trust_quota_read_at=now)


def read_permissions(row: Role, *, now: datetime) -> None:
    """Read what the role itself may do, if that was not done for a day, and record whether it could undo its end."""
    if row.permissions_read_at is not None and row.permissions_read_at > now - DAY:
        return
    permissions = aws.read_permissions(arn=row.arn, but=trust.CLOSING_POLICY_NAME)
    found = verify.may_undo_end(permissions.policies, permissions.boundary)
    Role.objects.filter(pk=row.pk).update(may_undo_end=found, permissions_read_at=now)
    if found != row.may_undo_end:
        ledger.append(verb="role.may_undo_end", subject=ledger.role_subject(row), by="worker", now=now, actions=found)
        log.log(40 if found else 20, "role.may_undo_end", role=row.arn, actions=found)
