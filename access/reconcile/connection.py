"""Test the way into an account, step by step: what works, and what is missing and what to do about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F, Q

from access import aws, trust, workload_identities
from access.ledger.accounts import record_test
from access.models import Account
from access.workload_identities import AwsTarget

log = structlog.get_logger(__name__)

WRONG_ID = "not-the-external-id-of-any-account"
TEMPLATE = "Deploy the account's template again, with the values that this page shows."
IMPORTED = "daypass-adopted"


@dataclass(frozen=True, slots=True)
class Step:
    """One check; `ok` is None when it was not done, because an earlier step failed."""

    title: str
    ok: bool | None
    text: str


class Missing(Exception):
    """Something is not as it has to be; the message says what it is and what to do."""


def tests_due() -> list[int]:
    """Return the ids of the accounts whose connection somebody wants tested and nobody has."""
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
    record_test(account, [asdict(step) for step in steps], by="worker", now=at)
    log.info("account.tested", account=account.account_id, missing=[step.title for step in steps if not step.ok])


def _steps(account: Account) -> Iterator[Step]:
    """Yield one check after the other; checks that depend on a failed step are not done."""
    stopped = ""
    for title, look, is_needed in _looks(account):
        if stopped:
            yield Step(title, None, f"Not checked: first “{stopped}” has to work.")
            continue
        try:
            yield Step(title, True, look(account))
        except (Missing, aws.AwsError) as error:
            yield Step(title, False, str(error))
            stopped = title if is_needed else ""


def _looks(account: Account) -> list[tuple[str, Callable[[Account], str], bool]]:
    """Return the checks, and whether the rest needs each of them."""
    through_hub: list[tuple[str, Callable[[Account], str], bool]] = [
        ("Nobody can assume the roles without the external id", _requires_external_id, False),
        ("Our roles have the permissions of the template", _has_its_documents, False),
    ]
    return [
        ("The worker reaches the account", _worker_is_there, True),
        ("The worker reads IAM", _reads, True),
        ("The permissions boundary is there", _has_boundary, False),
        ("The builder reaches the account", _builder_is_there, False),
        *(through_hub if account.external_id else []),
        ("Imported roles are listed", _imported_are_listed, False),
        ("The issuer is named", _has_issuer, False),
    ]


def _worker_is_there(account: Account) -> str:
    return _is_there(aws.WorkloadIdentity.WORKER, account.aws_target())


def _builder_is_there(account: Account) -> str:
    return _is_there(aws.WorkloadIdentity.BUILDER, account.aws_target())


def _is_there(identity: aws.WorkloadIdentity, target: AwsTarget) -> str:
    try:
        arn = aws.who_am_i(identity, target=target)
    except aws.Denied as error:
        what = f"AWS does not let the {identity} in. {TEMPLATE}" if target.external_id else "Its keys are not accepted."
        raise Missing(f"{what} AWS says: {error}") from error
    there = arn.split(":")[4]
    if there != target.account_id:
        raise Missing(
            f"It is in account {there}. Give its profile keys of {target.account_id}, or connect it by a hub."
        )
    return f"It is {arn}."


def _reads(account: Account) -> str:
    target = account.aws_target()
    try:
        quota = aws.trust_quota(target=target)
        roles = aws.read_roles(target=target, expiry_policy_name=trust.EXPIRY_POLICY_NAME)
    except aws.Denied as error:
        raise Missing(f"The worker may not read. {TEMPLATE} AWS says: {error}") from error
    ours = sum(1 for arn in roles if arn.startswith(target.home.roles.removesuffix("*")))
    return (
        f"{len(roles)} roles, {ours} of them under {workload_identities.ROLE_PATH}; "
        f"a trust policy has {quota} characters."
    )


def _has_boundary(account: Account) -> str:
    target = account.aws_target()
    try:
        found = aws.read_policy(target=target, arn=target.home.boundary)
    except aws.RoleMissing as error:
        raise Missing(f"There is no policy {target.home.boundary}. {TEMPLATE}") from error
    if any(trust.same(found, older) for older in workload_identities.older_boundaries()):
        raise Missing(
            f"{target.home.boundary} is an older version of the template: sessions of its roles can become longer "
            f"or other ones (it does not deny {_missing_from(found)}). {TEMPLATE}"
        )
    if not trust.same(found, workload_identities.boundary()):
        raise Missing(f"{target.home.boundary} says something else than the template. {TEMPLATE}")
    return f"{target.home.boundary} is as the template has it."


def _missing_from(boundary: Mapping[str, Any]) -> str:
    """Return the actions that the template's boundary denies and this one does not, as words."""
    denied, wanted = (
        {action for one in document["Statement"] if one["Effect"] == "Deny" for action in one["Action"]}
        for document in (boundary, workload_identities.boundary())
    )
    return ", ".join(sorted(wanted - denied))


def _requires_external_id(account: Account) -> str:
    try:
        aws.who_am_i(aws.WorkloadIdentity.WORKER, target=replace(account.aws_target(), external_id=WRONG_ID))
    except aws.Denied:
        return "AWS refuses another external id."
    raise Missing(f"AWS lets the worker in with any external id. {TEMPLATE}")


def _has_its_documents(account: Account) -> str:
    target = account.aws_target()
    found = aws.read_own_roles(target=target)
    wrong = [
        *_differences(
            found.get(target.home.worker), workload_identities.WORKER, workload_identities.worker(target.home)
        ),
        *_differences(
            found.get(target.home.builder), workload_identities.BUILDER, workload_identities.builder(target.home)
        ),
    ]
    if wrong:
        raise Missing(f"{' '.join(wrong)} {TEMPLATE}")
    return "The policies of both roles are as the template has them."


def _differences(role: aws.OwnRole | None, name: str, document: workload_identities.Document) -> Iterator[str]:
    if role is None:
        yield f"There is no role {name}."
        return
    if not trust.same(role.policies.get(name), document):
        yield f"The policy of {name} says something else."
    imported = {IMPORTED} if name == workload_identities.WORKER else set()
    more = sorted({*role.policies} - {name} - imported) + list(role.attached)
    if more:
        yield f"{name} has more rights than it needs: {', '.join(more)}."


def _imported_are_listed(account: Account) -> str:
    missing = []
    imported = list(account.roles.filter(is_managed=False).select_related("account"))
    for row in imported:
        try:
            aws.read_trust(target=account.aws_target(), arn=row.arn)
        except aws.AwsError:
            missing.append(row.arn)
    if missing:
        raise Missing(
            f"The worker may not touch {', '.join(missing)}. The account's owner lists it in ImportedRoleArns."
        )
    return f"{len(imported)} of {len(imported)}." if imported else "There are none."


def _has_issuer(account: Account) -> str:
    if not account.issuer_arn:
        raise Missing("Without its ARN the portal hands out no sessions here. Give IssuerArn of the hub's outputs.")
    return f"Trust policies name {account.issuer_arn}. Only the web can be it, so it is not tried here."
