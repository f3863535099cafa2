"""A statement's conditions in words. The key and every value are always named, so that nothing is hidden."""

from collections.abc import Sequence

from access.explain.phrases import joined
from access.explain.statements import Condition
from access.uploads import ACL_KEY, OWNER_HAS_ALL

# How an operator goes on from the key; a value follows. The names are IAM's. [IAM User Guide, "IAM JSON policy
# elements: Condition operators"]
OPERATORS = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in small or capital letters,",
    "StringNotEqualsIgnoreCase": "is not, in small or capital letters,",
    "StringLike": "matches",
    "StringNotLike": "does not match",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is not after",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is not before",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
    "ArnEquals": "matches",
    "ArnLike": "matches",
    "ArnNotEquals": "does not match",
    "ArnNotLike": "does not match",
    "Null": "is",
}
_KEYS = {
    "aws:sourceip": "the caller's address",
    "aws:currenttime": "the time",
    "aws:epochtime": "the time",
    "aws:requestedregion": "the region",
    "aws:principalorgid": "the caller's organisation",
    "aws:principalarn": "the caller",
    "aws:principalaccount": "the caller's account",
    "aws:resourceaccount": "the account that owns the resource",
    "s3:resourceaccount": "the account that owns the bucket",
    "aws:resourceorgid": "the organisation that owns the resource",
    "aws:multifactorauthage": "the age of the second factor in seconds",
    "aws:userid": "the caller's unique id",
    "aws:sourcevpc": "the network that it comes from",
    "aws:sourcevpce": "the endpoint that it comes through",
    "sts:externalid": "the external id",
    "sts:rolesessionname": "the session name",
    "sts:sourceidentity": "the source identity",
    "iam:passedtoservice": "the service that the role is passed to",
    "s3:prefix": "the prefix that is listed",
}
_YES_OR_NO = {
    ("aws:multifactorauthpresent", "true"): "there is a second factor",
    ("aws:multifactorauthpresent", "false"): "there is no second factor",
    ("aws:securetransport", "true"): "the call is over TLS",
    ("aws:securetransport", "false"): "the call is without TLS",
    ("aws:viaawsservice", "true"): "an AWS service calls in his name",
    ("aws:viaawsservice", "false"): "he calls himself",
}


def conditions_in_words(conditions: Sequence[Condition]) -> str:
    """Give ", only if … and …", or "" for a statement without conditions."""
    return f", only if {' and '.join(map(condition_in_words, conditions))}" if conditions else ""


def condition_in_words(one: Condition) -> str:
    """Give one key's test: in words where the key is common, and always with the key itself."""
    wanted, name, optional = operator_parts(one.operator)
    if (name, one.key, one.values) == ("StringEquals", ACL_KEY, (OWNER_HAS_ALL,)) and not wanted and not optional:
        said = f"the object is handed to the bucket's owner, so that it belongs to us ({one.key} is {OWNER_HAS_ALL})"
    elif name == "Null":
        said = f"{one.key} is {'not given' if one.values == ('true',) else 'given'}"
    elif name == "Bool" and len(one.values) == 1 and (one.key.lower(), one.values[0]) in _YES_OR_NO:
        said = f"{_YES_OR_NO[one.key.lower(), one.values[0]]} ({one.key} is {one.values[0]})"
    else:
        said = f"{_subject(one.key, wanted)} {OPERATORS.get(name, one.operator)} {_values(one, name)}"
    return f"{said}, or it is not given" if optional else said


def operator_parts(operator: str) -> tuple[str, str, bool]:
    """Split `ForAllValues:StringLikeIfExists` into words for the set, IAM's own name or "", and what is optional.

    Case counts: IAM refuses `stringEquals` with "Invalid Condition type".
    """
    quantifier, _, rest = operator.rpartition(":")
    optional = rest.endswith("IfExists")
    name = rest.removesuffix("IfExists")
    words = {"": "", "ForAllValues": "each value of ", "ForAnyValue": "at least one value of "}.get(quantifier)
    if words is None or name not in OPERATORS or (optional and name == "Null"):
        return "", "", False
    return words, name, optional


def _subject(key: str, wanted: str) -> str:
    words = _KEYS.get(key.lower())
    return f"{wanted}{words} ({key})" if words else f"{wanted}{key}"


def _values(one: Condition, name: str) -> str:
    """Give the values: any of them will do, but for a negated operator none may."""
    if not one.values:
        return "nothing"
    negated = "Not" in name
    return joined(one.values, last="nor" if negated else "or")
