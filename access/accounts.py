"""What administrators do with the AWS accounts of ours. Raises `rules.Refused` with a sentence when it cannot be."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from access import arns, ledger, rules, tasks
from access.identities import Home
from access.models import Account, User, new_external_id
from access.rules import Refused


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
    """Store an account and give it, with an external id of its own when it is reached through a hub.

    Without `hub_account_id` our identities are in the account themselves. Nothing is asked of AWS yet.
    """
    rules.check_can_administer(by.facts())
    if issuer_arn and arns.parse(issuer_arn).partition != partition:
        raise Refused("The issuer's ARN is in another partition than the account.")
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
    try:
        account.full_clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    return ledger.connect(account, by=by, now=now)


@transaction.atomic
def test_connection(*, by: User, account: Account, now: datetime) -> None:
    """Ask the worker to test the way into an account; its answer stands on the account."""
    rules.check_can_administer(by.facts())
    ledger.ask_test(account, by=by, now=now)
    tasks.hint_test(account.pk)
