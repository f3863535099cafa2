"""A statement's conditions in words. The key and every value are always named, so that nothing is hidden."""

import re
from collections.abc import Sequence

from access.explain.statements import Condition
from access.explain.wording import joined
from access.uploads import ACL_KEY, OWNER_HAS_ALL

# The words of an operator after the key; a value follows. The names are IAM's. [IAM User Guide, "IAM JSON policy
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
# Keys that every call brings along. A negated operator on any other key is met too when the key is absent.
_ALWAYS_GIVEN = {
    "aws:currenttime", "aws:epochtime", "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice",
    "aws:principaltype", "aws:requestedregion", "aws:securetransport", "aws:userid", "aws:viaawsservice",
}  # fmt: skip
_YES_OR_NO = {
    ("aws:multifactorauthpresent", "true"): "there is a second factor",
    ("aws:multifactorauthpresent", "false"): "there is no second factor",
    ("aws:securetransport", "true"): "the call is over TLS",
    ("aws:securetransport", "false"): "the call is without TLS",
    ("aws:viaawsservice", "true"): "an AWS service makes the call for the session",
    ("aws:viaawsservice", "false"): "the session makes the call itself",
}


def conditions_in_words(conditions: Sequence[Condition], *, allows: bool = True) -> str:
    """Return ", only if … and …" for an Allow, ", when … and …" for a Deny, or "" for a statement without conditions.

    A Deny is not said with "only if": it would read as what is needed to be allowed.
    """
    if not conditions:
        return ""
    said = [condition_in_words(one) for one in conditions]
    link = ", and " if any(" or " in one or " nor " in one for one in said[:-1]) else " and "
    return f", {'only if' if allows else 'when'} {link.join(said)}"


def condition_in_words(one: Condition) -> str:
    """Return one key's test: in words where the key is common, and always with the key itself.

    What an absent key does is told where it meets the test: with IfExists, with ForAllValues and with a negation.
    """
    over, name, optional = operator_parts(one.operator)
    small = tuple(value.lower() for value in one.values)
    if (name, one.key, one.values) == ("StringEquals", ACL_KEY, (OWNER_HAS_ALL,)) and not over and not optional:
        said = f"the object is handed to the bucket's owner, so that it belongs to us ({one.key} is {OWNER_HAS_ALL})"
    elif name == "Null":
        said = f"{one.key} is {_presence(small)}"
    elif name == "Bool" and len(small) == 1 and (one.key.lower(), small[0]) in _YES_OR_NO:
        said = f"{_YES_OR_NO[one.key.lower(), small[0]]} ({one.key} is {small[0]})"
    else:
        said = f"{_subject(one.key, over)} {_test(one, name)}"
    return said + _when_absent(one, name, over, optional=optional)


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


def _presence(values: tuple[str, ...]) -> str:
    """Return what Null asks; its values are read whatever their capitals."""
    if set(values) == {"true"}:
        return "not given"
    return "given" if set(values) == {"false"} else f"given or not (Null {joined(values, last='or')})"


def _when_absent(one: Condition, name: str, over: str, *, optional: bool) -> str:
    if name == "Null":
        return ""
    if over.startswith("each"):
        return ", or there are none"
    negated = "Not" in name and not over and one.key.lower() not in _ALWAYS_GIVEN
    return ", or it is not given" if optional or negated else ""


def _subject(key: str, wanted: str) -> str:
    words = _KEYS.get(key.lower())
    return f"{wanted}{words} ({key})" if words else f"{wanted}{key}"


def _test(one: Condition, name: str) -> str:
    """Return operator and values: any of them will do, but for a negated operator none."""
    verb, values = OPERATORS.get(name, one.operator), [_quoted(value) for value in one.values]
    if not values:
        return f"{verb} nothing"
    if "Not" not in name or len(values) == 1:
        return f"{verb} {joined(values, last='or')}"
    return f"{_NEITHER.get(verb, verb)} {joined(values, last='nor')}"


def _quoted(value: str) -> str:
    """Return the value, between quotation marks where its end would not be seen: an empty one, one with spaces."""
    return value if value and not re.search(r"[\s,]", value) else f"“{value}”"


_NEITHER = {
    "is not": "is neither",
    "is not, in small or capital letters,": "is, in small or capital letters, neither",
    "does not match": "matches neither",
    "is not in": "is in neither",
}
