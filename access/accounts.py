"""Connect, change and test AWS accounts for administrators. Raises `Refused` if an action is not possible."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from access import arns, tasks
from access.ledger.accounts import ask_test, change_account, record_account
from access.models import Account, Grant, User, new_external_id
from access.rules.accounts import check_connected
from access.rules.facts import Refused
from access.rules.people import check_can_administer
from access.workload_identities import Home


@transaction.atomic
def connect(
    *,
    by: User,
    name: str,
    account_id: str,
    partition: str,
    region: str,
    hub_account_id: str = "",
    org_id: str = "",
    issuer_arn: str = "",
    now: datetime,
) -> Account:
    """Store and return an account, with an external id of its own when it is reached through a hub.

    Without `hub_account_id` our identities are in the account themselves. Nothing is asked of AWS yet.
    """
    check_can_administer(by.facts())
    _check_partition(issuer_arn, partition)
    account = Account(
        name=name.strip(),
        account_id=account_id,
        partition=partition,
        region=region,
        hub_account_id=hub_account_id,
        org_id=org_id,
        external_id=new_external_id() if hub_account_id else "",
        issuer_arn=issuer_arn or Home(partition, hub_account_id or account_id).issuer,
        boundary_arn=Home(partition, account_id).boundary,
    )
    _check(account)
    return record_account(account, by=by, now=now)


@transaction.atomic
def change(
    *,
    by: User,
    account: Account,
    name: str,
    region: str,
    hub_account_id: str,
    org_id: str,
    issuer_arn: str,
    now: datetime,
) -> bool:
    """Change an account's settings and how it is reached, ask for a new connection test, return whether it changed.

    The account id does not change. An account has an external id exactly as long as it has a hub.
    """
    check_can_administer(by.facts())
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    check_connected(is_connected=account.is_connected)
    _check_partition(issuer_arn, account.partition)
    home = Home(account.partition, hub_account_id or account.account_id)
    wished = {
        "name": name.strip(),
        "region": region,
        "hub_account_id": hub_account_id,
        "org_id": org_id,
        "external_id": (account.external_id or new_external_id()) if hub_account_id else "",
        "issuer_arn": issuer_arn or home.issuer,
    }
    before = {field: getattr(account, field) for field, value in wished.items() if getattr(account, field) != value}
    if not before:
        return False
    if "issuer_arn" in before and _is_issued_for(account, now=now):
        raise Refused("issuer_in_use", field="issuer_arn")
    for field, value in wished.items():
        setattr(account, field, value)
    _check(account)
    change_account(account, before, by=by, now=now)
    ask_test(account, by=by, now=now)
    tasks.enqueue_test(account.pk)
    return True


@transaction.atomic
def test_connection(*, by: User, account: Account, now: datetime) -> None:
    """Ask the worker to test the connection of an account; the result is stored on the account."""
    check_can_administer(by.facts())
    check_connected(is_connected=account.is_connected)
    ask_test(account, by=by, now=now)
    tasks.enqueue_test(account.pk)


def _check_partition(issuer_arn: str, partition: str) -> None:
    if issuer_arn and arns.parse(issuer_arn).partition != partition:
        raise Refused("issuer_partition_differs", field="issuer_arn")


def _check(account: Account) -> None:
    try:
        account.full_clean()
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise Refused("invalid_values", field=field, problems=" ".join(error.messages)) from error


def _is_issued_for(account: Account, *, now: datetime) -> bool:
    """Return whether live statements name the account's issuer: a person who changes it could use those grants."""
    return Grant.objects.filter(role__account=account, portal_issued=True).to_end(now=now).exists()
