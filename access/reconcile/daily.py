"""What is read once a day: the account's quota, and what each role may do."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from access import aws, ledger, pauses, trust, verify
from access.models import Account, PermissionsReading, Role
from access.reconcile import silence

log = structlog.get_logger(__name__)

DAY = timedelta(days=1)


def read_quotas(*, now: datetime) -> None:
    """Read the quota of every account that was not asked for a day; one that does not answer keeps the old figure."""
    unread = Q(trust_quota_read_at=None) | pauses.not_recent("trust_quota_read_at", within=DAY, now=now)
    for account in silence.answering(now=now).filter(unread):
        try:
            quota = aws.trust_quota(reach=account.reach())
        except aws.AwsError as error:
            log.warning("quota.unread", account=account.account_id, reason=str(error))
            silence.note(account, error, now=now)
            continue
        Account.objects.filter(pk=account.pk).update(trust_quota=quota, trust_quota_read_at=now)


def read_permissions(row: Role, *, now: datetime) -> None:
    """Read what the role itself may do, if that was not done for a day, and record whether it could undo its end.

    What the pages explain is stored beside the role: its managed policies, and what Access Analyzer says of it all.
    All of it is thrown away when what should be changed meanwhile, as the permissions may have; it is read again then.
    """
    if pauses.is_recent(row.permissions_read_at, within=DAY, now=now):
        return
    permissions = aws.read_permissions(reach=row.account.reach(), arn=row.arn, but=trust.CLOSING_POLICY_NAME)
    found = verify.may_undo_end(permissions.policies, permissions.boundary)
    reading = _reading(row, permissions) | {"read_at": now}
    taken = sum(map(trust.size, permissions.inline))
    unchanged = Role.objects.filter(pk=row.pk, generation=row.generation)
    with transaction.atomic():
        if not unchanged.update(may_undo_end=found, other_inline_size=taken, permissions_read_at=now):
            return
        PermissionsReading.objects.update_or_create(role=row, defaults=reading)
        if found != row.may_undo_end:
            subject = ledger.role_subject(row)
            ledger.record(verb="role.may_undo_end", subject=subject, by="worker", now=now, actions=found)
            log.log(40 if found else 20, "role.may_undo_end", role=row.arn, actions=found)


def _reading(row: Role, permissions: aws.Permissions) -> dict[str, Any]:
    """Give the managed policies and the remarks; Access Analyzer knows AWS's own policies and is not asked for them."""
    known = [document for arn, document in permissions.managed.items() if ":iam::aws:" in arn]
    asked = [policy for policy in permissions.policies if policy not in known]
    remarks = aws.analyze(reach=row.account.reach(), policies=asked, trust=row.seen_trust)
    said = None if remarks is None else [dataclasses.asdict(remark) for remark in remarks]
    return {
        "managed": trust.storable(permissions.managed),
        "analysis": trust.storable(said),
        "last_used_at": permissions.last_used_at,
    }
