"""Describe the actions of a statement: common ones in plain words, others with AWS's descriptions, many by number."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from access.explain.service_catalog import Action, Level, matching, service_name
from access.explain.wildcards import has_wildcard
from access.texts.text import Listed, Text

# Verb, what it is done to, and the words before the resource.
_PLAIN = {
    "s3:PutObject": ("upload", "objects", "to"),
    "s3:GetObject": ("read", "objects", "from"),
    "s3:DeleteObject": ("delete", "objects", "from"),
    "s3:PutObjectAcl": ("change", "the ACLs of objects", "in"),
    "s3:ListBucket": ("list", "the objects", "of"),
    "s3:ListAllMyBuckets": ("list", "the buckets", "of"),
    "dynamodb:GetItem": ("read", "items", "from"),
    "dynamodb:PutItem": ("write", "items", "to"),
    "dynamodb:UpdateItem": ("change", "items", "in"),
    "dynamodb:DeleteItem": ("delete", "items", "from"),
    "dynamodb:Query": ("query", "items", "in"),
    "dynamodb:Scan": ("read", "all items", "from"),
    "sqs:SendMessage": ("send", "messages", "to"),
    "sqs:ReceiveMessage": ("receive", "messages", "from"),
    "sqs:DeleteMessage": ("delete", "messages", "from"),
    "sns:Publish": ("publish", "messages", "to"),
    "lambda:InvokeFunction": ("invoke", "functions", "on"),
    "kms:Encrypt": ("encrypt", "data", "with"),
    "kms:Decrypt": ("decrypt", "data", "with"),
    "secretsmanager:GetSecretValue": ("read", "the secret's value", "of"),
    "ec2:StartInstances": ("start", "instances", "at"),
    "ec2:StopInstances": ("stop", "instances", "at"),
    "ec2:TerminateInstances": ("terminate", "instances", "at"),
    "iam:PassRole": ("pass", "roles to services", "on"),
    "sts:AssumeRole": ("assume", "other roles", "on"),
}
_BY_SMALL = {name.lower(): name for name in _PLAIN}

DESCRIBED = 2  # actions that a sentence describes; more of them are named only
NAMED = 10  # actions and patterns that a sentence names; more of them are counted
EXAMPLES = 3


Known = Callable[[str], Sequence[Action]]  # the actions of a name or pattern that the statement can be about


def counted_of_service(name: str, known: Known) -> Text | None:
    """Return how many actions a service's whole pattern takes in, or None where none is known."""
    return _counted(found) if (found := known(name)) else None


def actions_in_words(
    names: Sequence[str], known: Known = matching, *, joined: Literal["and", "or"] = "and"
) -> tuple[Listed, str]:
    """Return what one service's actions and patterns do, and the preposition that the resource follows.

    `joined` is "or" after "never": each of them is denied by itself, and not only all of them together.
    """
    exact = [name for name in names if not has_wildcard(name)]
    plain = [_BY_SMALL[name.lower()] for name in exact if name.lower() in _BY_SMALL]
    others = [name for name in exact if name.lower() not in _BY_SMALL]
    patterns = _pattern_parts([name for name in names if has_wildcard(name)], known)
    parts = (*_plain_parts(plain, joined), *_other_parts(others), *patterns)
    prepositions = {_PLAIN[name][2] for name in plain} if not others and not patterns else set()
    return Listed(parts, joined), prepositions.pop() if len(prepositions) == 1 else ("in" if prepositions else "on")


def many_in_words(names: Iterable[str], known: Known = matching) -> dict[str, Any]:
    """Return the facts of a sentence about many actions: how many of which services, and a few examples."""
    listed = list(names)
    found = {action.name: action for name in listed for action in known(name)}
    services = list(dict.fromkeys(name.partition(":")[0].lower() for name in listed))
    shown = [service_in_words(f"{prefix}:") for prefix in services[:EXAMPLES]]
    more = len(services) - EXAMPLES
    rest = [Text("more_services", {"count": more})] if more > 0 else []
    return {"counted": _counted(found.values(), of=Listed((*shown, *rest))), "examples": tuple(listed[:EXAMPLES])}


def some(names: Iterable[Any], *, most: int = EXAMPLES) -> Text | Listed:
    """Return the first few of the names and how many more there are."""
    listed = list(dict.fromkeys(names))
    more, shown = len(listed) - most, Listed(tuple(listed[:most]), "plain")
    return Text("and_more", {"names": shown, "count": more}) if more > 0 else shown


def service_in_words(name: str) -> str:
    """Return the name of the service that an action belongs to."""
    return service_name(name.partition(":")[0])


def _plain_parts(names: Sequence[str], joined: Literal["and", "or"]) -> list[Text]:
    """Return "upload and read objects (s3:PutObject, s3:GetObject)": verbs of one thing together."""
    parts = []
    for thing, group in itertools.groupby(sorted(names, key=_order), key=lambda name: _PLAIN[name][1]):
        listed = tuple(group)
        verbs = Listed(tuple(Text(f"verb_{_PLAIN[name][0]}") for name in listed), joined)
        parts.append(Text(f"do_{thing}", {"verbs": verbs, "names": listed}))
    return parts


def _order(name: str) -> tuple[int, int]:
    """Return the place that keeps the table's order and one thing's verbs side by side."""
    order = list(_PLAIN)
    first = next(index for index, other in enumerate(order) if _PLAIN[other][1] == _PLAIN[name][1])
    return first, order.index(name)


def _other_parts(names: Sequence[str]) -> list[Text]:
    if len(names) > DESCRIBED:
        return [Text("do_use", {"names": tuple(names)})]
    return [_described(name) for name in names]


def _described(name: str) -> Text:
    """Return AWS's own words for an action, or its name where they do not follow "can"."""
    found = matching(name)
    if found and found[0].says:
        return Text("do_described", {"says": found[0].says, "name": name})
    return Text("do_use", {"names": name})


def _pattern_parts(names: Sequence[str], known: Known) -> list[Text]:
    if not names:
        return []
    found = {action.name: action for name in names for action in known(name)}
    if not found:
        return [Text("do_matching", {"names": tuple(names)})]
    counted = _counted(found.values(), of=Listed((service_in_words(names[0]),)))
    return [Text("do_matching_counted", {"names": tuple(names), "counted": counted})]


def _counted(actions: Iterable[Action], *, of: Listed | None = None) -> Text:
    levels = Counter(action.level for action in actions)
    split = tuple(Text(f"count_{level.value}", {"count": levels[level]}) for level in Level if levels[level])
    total, listed = levels.total(), Listed(split, "plain")
    if of is None:
        return Text("actions", {"count": total, "levels": listed})
    if not split:
        return Text("actions_of_none", {"services": of})
    return Text("actions_of", {"count": total, "services": of, "levels": listed})
