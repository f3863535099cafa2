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
    """Return the connected accounts that the worker can call now."""
    pause = timedelta(seconds=SWEEPS * settings.SWEEP_SECONDS)
    answers = Q(unreachable_at=None) | pauses.not_recent("unreachable_at", within=pause, now=now)
    return Account.objects.filter(answers, disconnected_at=None)


def must_wait(role_id: int, *, now: datetime) -> bool:
    """Return whether a role must wait, because AWS does not answer and another role of its account is being tried.

    Of the silent roles of an account, the worker tries one at a time. If an account answers no call, this applies to
    all its roles, because each attempt takes as long as all its time-outs together. If access must end, the first
    attempt never waits.
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
    """Return whether AWS did not answer the last attempt at this role, or at another role of its account."""
    return Role.objects.filter(account=role.account_id, state__problem_code=aws.SILENT).exists()


def _must_end(role_id: int, *, now: datetime) -> bool:
    over = Q(revoked_at__isnull=False) | Q(ends_at__lte=now)
    return Grant.objects.filter(over, role=role_id, removed_at=None).exists()


def record_outage(account: Account, error: aws.AwsError, *, now: datetime) -> None:
    """Record that AWS does not answer for this account, if this is the error."""
    if isinstance(error, aws.Unavailable):
        store_outage(account, since=now)
