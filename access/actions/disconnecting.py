"""Disconnect an AWS account in which nothing is open, and connect it again.

Everybody who begins something in an account locks its role first, and disconnecting locks all its roles: so either what
has begun is seen here, or it is refused because the role is disabled.
"""

from datetime import datetime

from django.db import transaction

from access import tasks, trust
from access.actions.stop_targets import Target
from access.ledger import accounts as ledger
from access.ledger.conflicts import Conflict
from access.lifecycle import RequestState
from access.models import Account, Grant, Request, Role, User
from access.rules.accounts import AccountUse, check_connected, check_unused
from access.rules.people import check_can_administer, check_can_decide_again
from access.rules.stopping import Scope


def use_of(account: Account, *, now: datetime) -> AccountUse:
    """Return what is open in the account."""
    grants = Grant.objects.filter(role__account=account)
    ended = grants.in_documents(now=now).values_list("ends_at", "removed_at")
    until = [max(ends_at, removed_at) + trust.KEEP_AFTER_END for ends_at, removed_at in ended if removed_at]
    return AccountUse(
        has_grants=grants.filter(removed_at=None).exists() or grants.to_end(now=now).exists(),
        has_requests=Request.objects.filter(role__account=account, state=RequestState.PENDING).exists(),
        needs_denies_until=max(until, default=None),
    )


def check_can_be_disconnected(account: Account, *, now: datetime) -> None:
    """Raise Refused unless the account is connected, and nothing is open in it."""
    check_connected(is_connected=account.is_connected)
    check_unused(use_of(account, now=now), now=now)


@transaction.atomic
def disconnect(*, by: User, account: Account, now: datetime) -> None:
    """Disconnect an account: disable its roles, end its policies, and call AWS for it no more.

    Roles, grants and events stay in the database. Raises Refused while anything is open, and Conflict if the account is
    disconnected already.
    """
    check_can_administer(by.facts())
    check_can_decide_again(by.facts(), now=now)
    account = _locked(account)
    if not account.is_connected:
        raise Conflict("account_disconnected")
    list(Role.objects.lock().filter(account=account).order_by("pk").only("pk", "state__generation"))
    check_unused(use_of(account, now=now), now=now)
    target = Target(Scope.ACCOUNT, account)
    ledger.disconnect_account(
        account,
        auto_approvals=list(target.auto_approval_policies(now=now).select_related("role__account")),
        break_glass=list(target.break_glass_policies(now=now)),
        by=by,
        now=now,
    )


@transaction.atomic
def reconnect(*, by: User, account: Account, now: datetime) -> None:
    """Connect an account again and test the connection. Its roles stay disabled until somebody enables them."""
    check_can_administer(by.facts())
    check_can_decide_again(by.facts(), now=now)
    account = _locked(account)
    if account.is_connected:
        raise Conflict("account_connected")
    ledger.reconnect_account(account, by=by, now=now)
    ledger.ask_test(account, by=by, now=now)
    tasks.enqueue_test(account.pk)


def _locked(account: Account) -> Account:
    """Return the account again, locked so that nobody stores a role for it meanwhile."""
    return Account.objects.select_for_update().get(pk=account.pk)
