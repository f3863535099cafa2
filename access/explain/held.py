"""What the conditions of an Allow really require, which depends on the operator, the quantifier and the value.

`StringNotEquals`, `…IfExists`, `ForAllValues:` and `*` name a key and limit nobody, or admit callers without it.
[IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys"]
"""

import re

from access.explain.conditions import EACH, operator_parts
from access.explain.statements import Condition, Statement

_POSITIVE = {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}
_WITH_PATTERNS = {"StringLike", "ArnEquals", "ArnLike"}
# Every request that a principal makes has these, so …IfExists and ForAllValues give nobody else access.
_ALWAYS_SENT = {"aws:principalaccount", "aws:principalarn", "aws:userid", "sts:rolesessionname"}
_ACCOUNT = re.compile(r"arn:[^:*?]+:(?:iam|sts)::([0-9]{12}):(.+)\Z", re.ASCII)
_ANY_OF_ACCOUNT = re.compile(r"(?:(?:user|role|assumed-role)/)?[*?/]*\Z", re.ASCII)
_ORGANIZATION = re.compile(r"o-[a-z0-9]+(?:/.*)?\Z", re.ASCII)


def held_to(statement: Statement, *keys: str) -> tuple[str, ...]:
    """Return the values to which a condition holds one of the keys, as patterns; none when nothing holds it.

    A value that leaves the key open, such as `*`, makes the whole condition hold nothing: any of its values will do.
    """
    wanted = {key.lower() for key in keys}
    found = [one for one in statement.conditions if one.key.lower() in wanted and _holds(one)]
    return tuple(value for one in found for value in one.values)


def literal(pattern: str) -> str:
    """Return the text before the first wildcard."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


def is_held_to_organization(statement: Statement) -> bool:
    """Return whether callers must belong to organizations that are named."""
    values = held_to(statement, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
    return bool(values) and all(_ORGANIZATION.match(value) and literal(value)[2:] for value in values)


def is_held_to_accounts(statement: Statement) -> bool:
    """Return whether callers must belong to accounts that are named, by number or in an ARN."""
    numbers = held_to(statement, "aws:PrincipalAccount")
    arns = held_to(statement, "aws:PrincipalArn")
    return (bool(numbers) and all(re.fullmatch(r"[0-9]{12}", one, re.ASCII) for one in numbers)) or (
        bool(arns) and all(map(_ACCOUNT.match, arns))
    )


def is_held_to_identities(statement: Statement) -> bool:
    """Return whether callers must be users or roles that are named, if by a pattern: not just anybody of an account."""
    arns, ids = held_to(statement, "aws:PrincipalArn"), held_to(statement, "aws:userid")
    return (bool(arns) and all(_names_identity(arn) for arn in arns)) or (
        bool(ids) and all(len(literal(one)) >= 20 for one in ids)
    )


def asks_for_external_id(statement: Statement) -> bool:
    """Return whether callers must know an external id."""
    values = held_to(statement, "sts:ExternalId")
    return bool(values) and all(len(re.sub(r"[*?]", "", value)) > 1 for value in values)


def asks_for_session_name(statement: Statement) -> bool:
    """Return whether the session must bear one of the names that are given in full."""
    values = held_to(statement, "sts:RoleSessionName")
    return bool(values) and all(literal(value) == value for value in values)


def asks_for_mfa(statement: Statement) -> bool:
    """Return whether callers must have signed in with a second factor. [IAM User Guide, "MFA-protected API access"]"""
    return any(_asks_for_mfa(one) for one in statement.conditions)


def _asks_for_mfa(one: Condition) -> bool:
    key, (over, name, is_optional) = one.key.lower(), operator_parts(one.operator)
    if is_optional or over == EACH:
        return False
    values = {value.lower() for value in one.values}
    if key == "aws:multifactorauthpresent":
        return name in {"Bool", "StringEquals", "StringEqualsIgnoreCase"} and values == {"true"}
    return key == "aws:multifactorauthage" and (
        name in {"NumericLessThan", "NumericLessThanEquals"} or (name == "Null" and values == {"false"})
    )


def _holds(one: Condition) -> bool:
    over, name, is_optional = operator_parts(one.operator)
    lets_absent_in = is_optional or over == EACH
    if name not in _POSITIVE or not one.values or (lets_absent_in and one.key.lower() not in _ALWAYS_SENT):
        return False
    return name not in _WITH_PATTERNS or all(value.strip("*?") for value in one.values)


def _names_identity(arn: str) -> bool:
    match = _ACCOUNT.match(arn)
    return match is not None and match[2] != "root" and not _ANY_OF_ACCOUNT.match(match[2])
