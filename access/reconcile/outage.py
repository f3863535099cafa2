"""Accounts for which AWS gave no answer: they are skipped for a while, so that they delay no sweep."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from access import aws, pauses
from access.ledger.accounts import store_outage
from access.models import Account

SWEEPS = 10  # for so many intervals; at the usual one that is five minutes


def reachable_accounts(*, now: datetime) -> QuerySet[Account]:
    """Return the accounts that can be asked."""
    pause = timedelta(seconds=SWEEPS * settings.SWEEP_SECONDS)
    return Account.objects.filter(Q(unreachable_at=None) | pauses.not_recent("unreachable_at", within=pause, now=now))


def record_outage(account: Account, error: aws.AwsError, *, now: datetime) -> None:
    """Record that AWS gave no answer for this account, if that is the error."""
    if isinstance(error, aws.Unavailable):
        store_outage(account, since=now)
