"""Adopt roles that were there before, and order what is to be tightened in their trust policies."""

from datetime import datetime

from django.db import IntegrityError, transaction

from access import arns, ledger, rules, tasks, trust
from access.catalogue.making import check_name
from access.identities import IDENTITY_PATH, ROLE_PATH
from access.ledger import Conflict
from access.models import Account, Role, TrustOrder, User, new_external_id
from access.rules import Refused
from access.trust import Tightening

_OF_AWS = ("/aws-service-role/", "/aws-reserved/")  # only AWS changes these [IAM User Guide, service-linked roles]


@transaction.atomic
def adopt(*, by: User, account: Account, arn: str, description: str, now: datetime) -> Role:
    """Store a role that is there already, switched off until somebody has looked at it, and ask the worker to read it.

    Nothing of it is changed: only our own statements, once there are grants, and what somebody orders.
    """
    rules.check_can_administer(by.facts())
    named = _named(arn, account)
    role = Role(
        account=account,
        name=named.name,
        path=named.path,
        description=description.strip(),
        is_managed=False,
        is_active=False,
    )
    check_name(role)
    try:
        with transaction.atomic():
            ledger.adopt_role(role, by=by, now=now)
    except IntegrityError:
        raise Refused("There is a role of this name in the account already.") from None
    tasks.hint(role.pk)
    return role


@transaction.atomic
def order_tightening(
    *, by: User, role: Role, index: int, how: Tightening, document_hash: str, now: datetime
) -> TrustOrder:
    """Order the worker to tighten one statement of the trust policy that was shown; raises Conflict for another one."""
    rules.check_can_administer(by.facts())
    list(Role.objects.select_for_update().filter(pk=role.pk))
    role = Role.objects.select_related("account").get(pk=role.pk)
    if trust.fingerprint(role.seen_trust) != document_hash:
        raise Conflict("The trust policy is not the one that this page showed. Look at it again.")
    statement = statement_at(role, index)
    if how not in offers(role, statement):
        raise Refused("This is not offered for that statement. Choose from the page.")
    order = TrustOrder(
        role=role,
        how=how,
        statement=statement,
        value=new_external_id() if how is Tightening.EXTERNAL_ID else "",
        document=role.seen_trust,
        document_hash=document_hash,
        ordered_by=by,
        ordered_at=now,
    )
    ledger.order_tightening(order, by=by, now=now)
    tasks.hint(role.pk)
    return order


def statement_at(role: Role, index: int) -> trust.Document:
    """Give a statement of the trust policy as AWS was last read; raises Refused when there is none at that place."""
    found = trust.statements(role.seen_trust)
    if not 0 <= index < len(found):
        raise Refused("There is no such statement any more. Look at the trust policy again.")
    return found[index]


def offers(role: Role, statement: trust.Document) -> list[Tightening]:
    """Give what can be done to a statement: nothing to our own, nor to one that lets nobody in."""
    if is_ours(role, statement) or statement.get("Effect") != "Allow":
        return []
    tested = trust.tested_keys(statement)
    if tested is None:
        return [Tightening.REMOVE]
    principal = statement.get("Principal")
    names_people = principal == "*" or (isinstance(principal, dict) and "AWS" in principal)
    more = [Tightening.EXTERNAL_ID] if "sts:externalid" not in tested else []
    if not {"aws:multifactorauthpresent", "aws:multifactorauthage"} & tested:
        more.append(Tightening.MFA)
    return [Tightening.REMOVE, *(more if names_people else [])]


def is_ours(role: Role, statement: trust.Document) -> bool:
    """Say whether a statement is that of a grant, or the one that closes a role."""
    sid = str(statement.get("Sid", ""))
    return sid == trust.CLOSED_SID or role.grants.filter(session_name=sid).exists()


def _named(arn: str, account: Account) -> arns.IamArn:
    """Give the role that the ARN names, when it is one that can be adopted."""
    named = arns.parse(arn)
    if named.kind != "role":
        raise Refused("This is a user. Only roles can be asked for: make one that may what is needed.")
    if (named.partition, named.account_id) != (account.partition, account.account_id):
        raise Refused(f"This role is in account {named.account_id}. Choose that account, or connect it first.")
    if named.path.startswith(ROLE_PATH):
        raise Refused(f"Roles under {ROLE_PATH} are made by Daypass. Adopt one from elsewhere, or make it here.")
    if named.path.startswith((IDENTITY_PATH, *_OF_AWS)):
        raise Refused("This role is one of the portal's own, or of AWS's. It cannot be given to anybody.")
    return named
