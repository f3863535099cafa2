"""Accounts and roles for which AWS does not respond. They delay neither a sweep nor the roles of other accounts."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from access import aws, pauses
from access.ledger.accounts import store_outage
from access.models import Account, Grant, Role
from access.reconcile.lease import length
from access.reconcile.outcome import LONGEST_PAUSE

SWEEPS = 10  # for so many intervals; at the usual one that is five minutes


def reachable_accounts(*, now: datetime) -> QuerySet[Account]:
    """Return the accounts that can be asked."""
    pause = timedelta(seconds=SWEEPS * settings.SWEEP_SECONDS)
    return Account.objects.filter(Q(unreachable_at=None) | pauses.not_recent("unreachable_at", within=pause, now=now))


def must_wait(role_id: int, *, now: datetime) -> bool:
    """Return whether a role is left for later, because another one of its account is tried now and AWS does not answer.

    One role at a time is tried of those whose last attempt got no answer. So is one of all roles of an account that
    answers nothing: each attempt takes as long as all its time-outs together. Only where access has to end, the first
    attempt waits for no other.
    """
    role = Role.objects.only("account", "state__problem_code").get(pk=role_id)
    others = Role.objects.filter(account=role.account_id).exclude(pk=role_id)
    silent = others.filter(state__problem_code=aws.SILENT)
    tried = pauses.held("state__leased_until", longest=length(), now=now)
    if role.state.problem_code == aws.SILENT:
        return silent.filter(tried).exists()
    if not silent.exists() or _must_end(role_id, now=now):
        return False
    lately = pauses.recent("state__reconciled_at", within=timedelta(seconds=LONGEST_PAUSE), now=now)
    return others.filter(tried).exists() and not others.filter(lately).exists()


def has_silent_roles(role: Role) -> bool:
    """Return whether the last attempt at this role, or at another one of its account, got no answer."""
    return Role.objects.filter(account=role.account_id, state__problem_code=aws.SILENT).exists()


def _must_end(role_id: int, *, now: datetime) -> bool:
    over = Q(revoked_at__isnull=False) | Q(ends_at__lte=now)
    return Grant.objects.filter(over, role=role_id, removed_at=None).exists()


def record_outage(account: Account, error: aws.AwsError, *, now: datetime) -> None:
    """Record that AWS gave no answer for this account, if that is the error."""
    if isinstance(error, aws.Unavailable):
        store_outage(account, since=now)
