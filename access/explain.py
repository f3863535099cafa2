"""IAM documents in plain words. What is not understood is named as it stands; nothing is left unsaid."""

from collections.abc import Mapping, Sequence
from typing import Any

_PLAIN = {
    "s3:PutObject": "upload objects",
    "s3:PutObjectAcl": "say whose an object is",
    "s3:GetObject": "read objects",
    "s3:DeleteObject": "delete objects",
    "s3:ListBucket": "list the objects",
    "s3:ListAllMyBuckets": "list the buckets",
}
_PREPOSITION = {
    "s3:PutObject": "to",
    "s3:PutObjectAcl": "in",
    "s3:GetObject": "from",
    "s3:DeleteObject": "from",
    "s3:ListBucket": "of",
}


def permissions_in_words(policy: Mapping[str, Any], *, attached: Sequence[str] = ()) -> list[str]:
    """Give a permissions policy as sentences, one per statement and action, and what follows from them.

    `attached` are the ARNs of managed policies of the same role: their content is not known here, and that is said.
    """
    body = _as_list(policy.get("Statement", []))
    sentences = [sentence for statement in body for sentence in _statement_in_words(statement)]
    managed = [f"And whatever the managed policy {arn} permits." for arn in attached]
    if managed:
        return [*sentences, *managed]
    if not any(statement.get("Effect") == "Allow" for statement in body):
        return [*sentences, "May do nothing."]
    return [*sentences, "Nothing else."]


def identity_policy(role_arn: str, *, twins: bool = False) -> dict[str, Any]:
    """Give the policy that the contractor's own administrator attaches, so that his user may assume the role.

    With `twins` it names the role's numbered twins too. Cross-account access needs both sides [IAM User Guide,
    "Cross-account policy evaluation logic"].
    """
    resource: str | list[str] = [role_arn, f"{role_arn}-*"] if twins else role_arn
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [allow]}


def _statement_in_words(statement: Mapping[str, Any]) -> list[str]:
    verb, all_of_it = ("May", "EVERYTHING") if statement.get("Effect") == "Allow" else ("May never", "anything")
    tail = _resources_in_words(statement, all_of_it) + _conditions_in_words(statement)
    if "NotAction" in statement:
        others = ", ".join(map(str, _as_list(statement["NotAction"])))
        return [f"{verb} do {all_of_it} but {others} on {tail}."]
    actions = map(str, _as_list(statement.get("Action", [])))
    return [f"{verb} {_action_in_words(action, all_of_it)} {tail}." for action in actions]


def _action_in_words(action: str, all_of_it: str) -> str:
    """Give the words for one action up to its resource, the preposition included."""
    if action == "*":
        return f"do {all_of_it} on"
    if _is_wide(action):
        return f"do {'everything' if all_of_it.isupper() else all_of_it} that matches {action} on"
    if action in _PLAIN:
        return f"{_PLAIN[action]} ({action}) {_PREPOSITION.get(action, 'on')}"
    return f"{action} on"


def _resources_in_words(statement: Mapping[str, Any], all_of_it: str) -> str:
    if "NotResource" in statement:
        return f"{all_of_it} but " + ", ".join(map(_resource_in_words, _as_list(statement["NotResource"])))
    return ", ".join(map(_resource_in_words, _as_list(statement.get("Resource", "*"))))


def _resource_in_words(resource: Any) -> str:
    text = str(resource)
    if text == "*":
        return "EVERYTHING"
    bucket = text.removeprefix("arn:aws:s3:::")
    if bucket == text:
        return f"everything that matches {text}" if _is_wide(text) else text
    name, _, key = bucket.partition("/")
    named = f"every bucket that matches {name}" if _is_wide(name) else f"bucket {name}"
    return named if key in {"", "*"} else f"{key} in {named}"


def _is_wide(text: str) -> bool:
    return "*" in text or "?" in text


def _conditions_in_words(statement: Mapping[str, Any]) -> str:
    tests = [
        _condition_in_words(operator, key, " or ".join(map(str, _as_list(values))))
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    ]
    return f", only if {' and '.join(tests)}" if tests else ""


def _condition_in_words(operator: str, key: str, values: str) -> str:
    as_it_stands = f"{key} {operator} {values}"
    if (operator, key, values) == ("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"):
        return f"the object is handed to the bucket's owner, so that it belongs to us ({as_it_stands})"
    return as_it_stands


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
