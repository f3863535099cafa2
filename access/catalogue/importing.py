"""Import existing roles, and harden unmanaged statements of their trust policies."""

from datetime import datetime

from django.db import IntegrityError, transaction

from access import arns, tasks, trust
from access.catalogue.changes import lock_connected
from access.catalogue.making import check_name
from access.ledger import hardening
from access.ledger.conflicts import Conflict
from access.ledger.roles import store_imported_role
from access.models import Account, HardeningChange, Role, User, new_external_id
from access.rules.facts import Refused
from access.rules.people import check_can_administer
from access.trust import Hardening
from access.workload_identities import IDENTITY_PATH, ROLE_PATH

_OF_AWS = ("/aws-service-role/", "/aws-reserved/")  # only AWS changes these [IAM User Guide, service-linked roles]


@transaction.atomic
def import_role(*, by: User, account: Account, arn: str, description: str, now: datetime) -> Role:
    """Store a role that is there already, disabled until somebody has reviewed it, and ask the worker to read it.

    Nothing of it is changed: only our own statements, once there are grants, and what somebody orders.
    """
    check_can_administer(by.facts())
    named = _named(arn, account)
    role = Role.new(
        account=account,
        name=named.name,
        path=named.path,
        description=description.strip(),
        is_managed=False,
        is_active=False,
    )
    check_name(role)
    lock_connected(account)
    try:
        with transaction.atomic():
            store_imported_role(role, by=by, now=now)
    except IntegrityError:
        raise Refused("role_name_exists", field="arn") from None
    tasks.enqueue(role.pk)
    return role


@transaction.atomic
def request_hardening(
    *, by: User, role: Role, index: int, how: Hardening, document_hash: str, now: datetime
) -> HardeningChange:
    """Order the worker to harden one statement of the trust policy that was shown; raises Conflict for another one."""
    check_can_administer(by.facts())
    list(Role.objects.lock().filter(pk=role.pk))
    role = Role.objects.select_related("account").get(pk=role.pk)
    if trust.fingerprint(role.state.observed_trust) != document_hash:
        raise Conflict("page_outdated_trust_policy")
    statement = statement_at(role, index)
    if how not in offers(role, statement):
        raise Refused("statement_action_invalid")
    change = HardeningChange(
        role=role,
        how=how,
        statement=statement,
        value=new_external_id() if how is Hardening.EXTERNAL_ID else "",
        document=role.state.observed_trust,
        document_hash=document_hash,
        requested_by=by,
        requested_at=now,
    )
    hardening.request_hardening(change, by=by, now=now)
    tasks.enqueue(role.pk)
    return change


def statement_at(role: Role, index: int) -> trust.Document:
    """Return a statement of the trust policy as AWS was last read; raises Refused when there is none at that place."""
    found = trust.statements(role.state.observed_trust)
    if not 0 <= index < len(found):
        raise Refused("statement_gone")
    return found[index]


def offers(role: Role, statement: trust.Document) -> list[Hardening]:
    """Return the hardening changes for a statement: none for our own, nor for one that admits nobody."""
    if is_ours(role, statement) or statement.get("Effect") != "Allow":
        return []
    tested = trust.tested_keys(statement)
    if tested is None:
        return [Hardening.REMOVE]
    principal = statement.get("Principal")
    names_people = principal == "*" or (isinstance(principal, dict) and "AWS" in principal)
    more = [Hardening.EXTERNAL_ID] if "sts:externalid" not in tested else []
    if not {"aws:multifactorauthpresent", "aws:multifactorauthage"} & tested:
        more.append(Hardening.MFA)
    return [Hardening.REMOVE, *(more if names_people else [])]


def is_ours(role: Role, statement: trust.Document) -> bool:
    """Return whether a statement is that of a grant, or the one that closes a role."""
    sid = str(statement.get("Sid", ""))
    return sid == trust.DEFAULT_DENY_SID or role.grants.filter(session_name=sid).exists()


def _named(arn: str, account: Account) -> arns.IamArn:
    """Return the role that the ARN names, when it is one that can be imported."""
    named = arns.parse(arn)
    if named.kind != "role":
        raise Refused("import_is_user", field="arn")
    if (named.partition, named.account_id) != (account.partition, account.account_id):
        raise Refused("import_other_account", field="arn", account=named.account_id)
    if named.path.startswith(ROLE_PATH):
        raise Refused("import_daypass_path", field="arn", path=ROLE_PATH)
    if named.path.startswith((IDENTITY_PATH, *_OF_AWS)):
        raise Refused("import_own_role", field="arn")
    return named
