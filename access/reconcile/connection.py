"""Test the way into an account, step by step: what works, and what is missing and what to do about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F, Q

from access import aws, identities, ledger, trust
from access.identities import Reach
from access.models import Account

log = structlog.get_logger(__name__)

WRONG_ID = "not-the-external-id-of-any-account"
TEMPLATE = "Deploy the account's template again, with the values that this page shows."
ADOPTED = "daypass-adopted"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at; `ok` is None when it could not be, because of a step before."""

    title: str
    ok: bool | None
    text: str


class Missing(Exception):
    """Something is not as it has to be; the message says what it is and what to do."""


def tests_due() -> list[int]:
    """Give the ids of the accounts whose connection somebody wants tested and nobody has."""
    asked = Account.objects.filter(test_asked_at__isnull=False)
    waiting = asked.filter(Q(tested_at=None) | Q(tested_at__lt=F("test_asked_at")))
    return list(waiting.values_list("pk", flat=True))


def check_connection(account_id: int, *, now: Callable[[], datetime]) -> None:
    """Test the connection of one account and record what was found, with its time."""
    account = Account.objects.get(pk=account_id)
    asked_at = account.test_asked_at
    aws.forget()  # what an earlier session may still do proves nothing
    steps = list(_steps(account))
    at = max(now(), asked_at) if asked_at else now()
    ledger.record_test(account, [asdict(step) for step in steps], by="worker", now=at)
    log.info("account.tested", account=account.account_id, missing=[step.title for step in steps if not step.ok])


def _steps(account: Account) -> Iterator[Step]:
    """Look at one thing after the other; what rests on a step that failed is not looked at."""
    stopped = ""
    for title, look, is_needed in _looks(account):
        if stopped:
            yield Step(title, None, f"Not looked at: first “{stopped}” has to work.")
            continue
        try:
            yield Step(title, True, look(account))
        except (Missing, aws.AwsError) as error:
            yield Step(title, False, str(error))
            stopped = title if is_needed else ""


def _looks(account: Account) -> list[tuple[str, Callable[[Account], str], bool]]:
    """Give what is looked at, and whether the rest needs it."""
    hopping: list[tuple[str, Callable[[Account], str], bool]] = [
        ("Nobody gets in without the external id", _is_closed_to_others, False),
        ("Our roles may what the template says", _has_its_documents, False),
    ]
    return [
        ("The worker gets into the account", _worker_is_there, True),
        ("The worker reads IAM", _reads, True),
        ("The permissions boundary is there", _has_boundary, False),
        ("The builder gets into the account", _builder_is_there, False),
        *(hopping if account.external_id else []),
        ("Adopted roles are listed", _adopted_are_listed, False),
        ("The issuer is named", _has_issuer, False),
    ]


def _worker_is_there(account: Account) -> str:
    return _is_there(aws.Identity.WORKER, account.reach())


def _builder_is_there(account: Account) -> str:
    return _is_there(aws.Identity.BUILDER, account.reach())


def _is_there(identity: aws.Identity, reach: Reach) -> str:
    try:
        arn = aws.who_am_i(identity, reach=reach)
    except aws.Denied as error:
        what = f"AWS does not let the {identity} in. {TEMPLATE}" if reach.external_id else "Its keys are not accepted."
        raise Missing(f"{what} AWS says: {error}") from error
    there = arn.split(":")[4]
    if there != reach.account_id:
        raise Missing(f"It is in account {there}. Give its profile keys of {reach.account_id}, or connect it by a hub.")
    return f"It is {arn}."


def _reads(account: Account) -> str:
    reach = account.reach()
    try:
        quota = aws.trust_quota(reach=reach)
        roles = aws.read_roles(reach=reach, closing_name=trust.CLOSING_POLICY_NAME)
    except aws.Denied as error:
        raise Missing(f"The worker may not read. {TEMPLATE} AWS says: {error}") from error
    ours = sum(1 for arn in roles if arn.startswith(reach.home.roles.removesuffix("*")))
    return f"{len(roles)} roles, {ours} of them under {identities.ROLE_PATH}; a trust policy has {quota} characters."


def _has_boundary(account: Account) -> str:
    reach = account.reach()
    try:
        found = aws.read_policy(reach=reach, arn=reach.home.boundary)
    except aws.RoleMissing as error:
        raise Missing(f"There is no policy {reach.home.boundary}. {TEMPLATE}") from error
    if any(trust.same(found, older) for older in identities.older_boundaries()):
        raise Missing(
            f"{reach.home.boundary} is an older version of the template: sessions of its roles can become longer "
            f"or other ones (it does not deny {_missing_from(found)}). {TEMPLATE}"
        )
    if not trust.same(found, identities.boundary()):
        raise Missing(f"{reach.home.boundary} says something else than the template. {TEMPLATE}")
    return f"{reach.home.boundary} is as the template has it."


def _missing_from(boundary: Mapping[str, Any]) -> str:
    """Return the actions that the template's boundary denies and this one does not, as words."""
    denied, wanted = (
        {action for one in document["Statement"] if one["Effect"] == "Deny" for action in one["Action"]}
        for document in (boundary, identities.boundary())
    )
    return ", ".join(sorted(wanted - denied))


def _is_closed_to_others(account: Account) -> str:
    try:
        aws.who_am_i(aws.Identity.WORKER, reach=replace(account.reach(), external_id=WRONG_ID))
    except aws.Denied:
        return "AWS refuses another external id."
    raise Missing(f"AWS lets the worker in with any external id. {TEMPLATE}")


def _has_its_documents(account: Account) -> str:
    reach = account.reach()
    found = aws.read_own_roles(reach=reach)
    wrong = [
        *_differences(found.get(reach.home.worker), identities.WORKER, identities.worker(reach.home)),
        *_differences(found.get(reach.home.builder), identities.BUILDER, identities.builder(reach.home)),
    ]
    if wrong:
        raise Missing(f"{' '.join(wrong)} {TEMPLATE}")
    return "The policies of both roles are as the template has them."


def _differences(role: aws.OwnRole | None, name: str, document: identities.Document) -> Iterator[str]:
    if role is None:
        yield f"There is no role {name}."
        return
    if not trust.same(role.policies.get(name), document):
        yield f"The policy of {name} says something else."
    adopted = {ADOPTED} if name == identities.WORKER else set()
    more = sorted({*role.policies} - {name} - adopted) + list(role.attached)
    if more:
        yield f"{name} has more rights than it needs: {', '.join(more)}."


def _adopted_are_listed(account: Account) -> str:
    missing = []
    adopted = list(account.roles.filter(is_managed=False).select_related("account"))
    for row in adopted:
        try:
            aws.read_trust(reach=account.reach(), arn=row.arn)
        except aws.AwsError:
            missing.append(row.arn)
    if missing:
        raise Missing(
            f"The worker may not touch {', '.join(missing)}. The account's owner lists it in AdoptedRoleArns."
        )
    return f"{len(adopted)} of {len(adopted)}." if adopted else "There are none."


def _has_issuer(account: Account) -> str:
    if not account.issuer_arn:
        raise Missing("Without its ARN the portal hands out no sessions here. Give IssuerArn of the hub's outputs.")
    return f"Trust policies name {account.issuer_arn}. Only the web can be it, so it is not tried here."
