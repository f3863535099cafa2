"""Test the connection to an account step by step: what works, what is missing, and how to fix it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F, Q

from access import aws, trust, workload_identities
from access.ledger.accounts import record_test
from access.models import Account
from access.texts import stored
from access.texts.text import CodedError, Text
from access.workload_identities import AwsTarget

log = structlog.get_logger(__name__)

WRONG_ID = "not-the-external-id-of-any-account"
IMPORTED = "daypass-adopted"


@dataclass(frozen=True, slots=True)
class Step:
    """One check of the connection. `ok` is None if the check did not run, because an earlier step failed."""

    title: Text
    ok: bool | None
    text: Text


class Missing(CodedError):
    """A check failed. The text says what is missing and how to fix it."""


def tests_due() -> list[int]:
    """Return the IDs of the accounts for which somebody has requested a connection test that has not run yet."""
    asked = Account.objects.filter(test_asked_at__isnull=False, disconnected_at=None)
    waiting = asked.filter(Q(tested_at=None) | Q(tested_at__lt=F("test_asked_at")))
    return list(waiting.values_list("pk", flat=True))


def check_connection(account_id: int, *, now: Callable[[], datetime]) -> None:
    """Test the connection of one account, and record the results with the time."""
    account = Account.objects.get(pk=account_id)
    asked_at = account.test_asked_at
    aws.forget()  # an earlier session does not prove that a new one can be opened
    steps = list(_steps(account))
    at = max(now(), asked_at) if asked_at else now()
    record_test(account, [_plain(step) for step in steps], by="worker", now=at)
    log.info("account.tested", account=account.account_id, missing=[step.title.code for step in steps if not step.ok])


def _plain(step: Step) -> dict[str, Any]:
    return {"title": stored.dump(step.title), "ok": step.ok, "text": stored.dump(step.text)}


def _steps(account: Account) -> Iterator[Step]:
    """Yield the result of each check. Checks that depend on a failed step do not run."""
    stopped: Text | None = None
    for title, look, is_needed in _looks(account):
        if stopped:
            yield Step(title, None, Text("not_checked", {"step": stopped}))
            continue
        try:
            yield Step(title, True, look(account))
        except (Missing, aws.AwsError) as error:
            yield Step(title, False, error.text)
            stopped = title if is_needed else None


def _looks(account: Account) -> list[tuple[Text, Callable[[Account], Text], bool]]:
    """Return each check with its title, and whether the later checks depend on it."""
    through_hub: list[tuple[Text, Callable[[Account], Text], bool]] = [
        (Text("step_external_id"), _requires_external_id, False),
        (Text("step_documents"), _has_its_documents, False),
    ]
    return [
        (Text("step_worker"), _worker_is_there, True),
        (Text("step_reading"), _reads, True),
        (Text("step_boundary"), _has_boundary, False),
        (Text("step_builder"), _builder_is_there, False),
        *(through_hub if account.external_id else []),
        (Text("step_imported"), _imported_are_listed, False),
        (Text("step_issuer"), _has_issuer, False),
    ]


def _worker_is_there(account: Account) -> Text:
    return _is_there(aws.WorkloadIdentity.WORKER, account.aws_target())


def _builder_is_there(account: Account) -> Text:
    return _is_there(aws.WorkloadIdentity.BUILDER, account.aws_target())


def _is_there(identity: aws.WorkloadIdentity, target: AwsTarget) -> Text:
    try:
        arn = aws.who_am_i(identity, target=target)
    except aws.Denied as error:
        if target.external_id:
            raise Missing("identity_not_admitted", identity=str(identity), answer=error.text) from error
        raise Missing("identity_keys_refused", answer=error.text) from error
    there = arn.split(":")[4]
    if there != target.account_id:
        raise Missing("identity_elsewhere", found=there, account=target.account_id)
    return Text("identity_ok", {"arn": arn})


def _reads(account: Account) -> Text:
    target = account.aws_target()
    try:
        quota = aws.trust_quota(target=target)
        roles = aws.read_roles(target=target, expiry_policy_name=trust.EXPIRY_POLICY_NAME)
    except aws.Denied as error:
        raise Missing("reading_denied", answer=error.text) from error
    ours = sum(1 for arn in roles if arn.startswith(target.home.roles.removesuffix("*")))
    path = workload_identities.ROLE_PATH
    return Text("reading_ok", {"roles": len(roles), "ours": ours, "path": path, "quota": quota})


def _has_boundary(account: Account) -> Text:
    target = account.aws_target()
    try:
        found = aws.read_policy(target=target, arn=target.home.boundary)
    except aws.RoleMissing as error:
        raise Missing("boundary_missing", policy=target.home.boundary) from error
    if any(trust.same(found, older) for older in workload_identities.older_boundaries()):
        raise Missing("boundary_outdated", policy=target.home.boundary, actions=_missing_from(found))
    if not trust.same(found, workload_identities.boundary()):
        raise Missing("boundary_differs", policy=target.home.boundary)
    return Text("boundary_ok", {"policy": target.home.boundary})


def _missing_from(boundary: Mapping[str, Any]) -> list[str]:
    """Return the actions that the boundary of the template denies and this boundary does not deny."""
    denied, wanted = (
        {action for one in document["Statement"] if one["Effect"] == "Deny" for action in one["Action"]}
        for document in (boundary, workload_identities.boundary())
    )
    return sorted(wanted - denied)


def _requires_external_id(account: Account) -> Text:
    try:
        aws.who_am_i(aws.WorkloadIdentity.WORKER, target=replace(account.aws_target(), external_id=WRONG_ID))
    except aws.Denied:
        return Text("external_id_required")
    raise Missing("external_id_not_required")


def _has_its_documents(account: Account) -> Text:
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
        raise Missing("own_roles_differ", differences=wrong)
    return Text("own_roles_ok")


def _differences(role: aws.OwnRole | None, name: str, document: workload_identities.Document) -> Iterator[Text]:
    if role is None:
        yield Text("own_role_missing", {"role": name})
        return
    if not trust.same(role.policies.get(name), document):
        yield Text("own_role_policy_differs", {"role": name})
    imported = {IMPORTED} if name == workload_identities.WORKER else set()
    more = sorted({*role.policies} - {name} - imported) + list(role.attached)
    if more:
        yield Text("own_role_excess", {"role": name, "policies": more})


def _imported_are_listed(account: Account) -> Text:
    missing = []
    imported = list(account.roles.filter(is_managed=False).select_related("account"))
    for row in imported:
        try:
            aws.read_trust(target=account.aws_target(), arn=row.arn)
        except aws.AwsError:
            missing.append(row.arn)
    if missing:
        raise Missing("imported_roles_not_listed", roles=missing)
    return Text("imported_roles_listed", {"count": len(imported)}) if imported else Text("no_imported_roles")


def _has_issuer(account: Account) -> Text:
    if not account.issuer_arn:
        raise Missing("issuer_missing")
    return Text("issuer_named", {"issuer": account.issuer_arn})
