"""What a statement's actions are, in words: common ones plainly, others as AWS describes them, many by number."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from access.explain.service_catalog import Action, Level, matching, service_name
from access.explain.wildcards import has_wildcard

# Verb, what it is done to, and the words before the resource.
_PLAIN = {
    "s3:PutObject": ("upload", "objects", "to"),
    "s3:GetObject": ("read", "objects", "from"),
    "s3:DeleteObject": ("delete", "objects", "from"),
    "s3:PutObjectAcl": ("say whose", "an object is", "in"),
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
    "lambda:InvokeFunction": ("run", "the function", "at"),
    "kms:Encrypt": ("encrypt", "data", "with"),
    "kms:Decrypt": ("decrypt", "data", "with"),
    "secretsmanager:GetSecretValue": ("read", "the secret's value", "of"),
    "ec2:StartInstances": ("start", "instances", "at"),
    "ec2:StopInstances": ("stop", "instances", "at"),
    "ec2:TerminateInstances": ("terminate", "instances", "at"),
    "iam:PassRole": ("pass", "roles to services", "on"),
    "sts:AssumeRole": ("become", "other roles", "on"),
}
_BY_SMALL = {name.lower(): name for name in _PLAIN}

DESCRIBED = 2  # actions that a sentence describes; more of them are named only
NAMED = 10  # actions and patterns that a sentence names; more of them are counted
EXAMPLES = 3


Known = Callable[[str], Sequence[Action]]  # the actions of a name or pattern that the statement can be about


def in_words(names: Sequence[str], *, allows: bool, known: Known = matching) -> tuple[str, str]:
    """Return what one service's actions or patterns do, and the preposition that the resource follows."""
    everything = "EVERYTHING" if allows else "anything"
    if names[0].endswith(":*"):
        counted = f", {_counted(found)}" if (found := known(names[0])) else ""
        return f"do {everything} in {_service(names[0])} ({names[0]}{counted})", "on"
    if len(names) > NAMED:
        return summary(names, known), "on"
    exact = [name for name in names if not has_wildcard(name)]
    plain = [_BY_SMALL[name.lower()] for name in exact if name.lower() in _BY_SMALL]
    others = [name for name in exact if name.lower() not in _BY_SMALL]
    patterns = _pattern_parts([name for name in names if has_wildcard(name)], known)
    parts = [*_plain_parts(plain), *_other_parts(others), *patterns]
    prepositions = {_PLAIN[name][2] for name in plain} if not others and not patterns else set()
    return joined(parts), prepositions.pop() if len(prepositions) == 1 else ("in" if prepositions else "on")


def summary(names: Iterable[str], known: Known = matching) -> str:
    """Return many actions by number, level and a few examples."""
    listed = list(names)
    found = {action.name: action for name in listed for action in known(name)}
    services = list(dict.fromkeys(name.partition(":")[0].lower() for name in listed))
    shown = [_service(f"{prefix}:") for prefix in services[:EXAMPLES]]
    rest = [f"{len(services) - EXAMPLES} more services"] if len(services) > EXAMPLES else []
    examples = ", ".join(listed[:EXAMPLES])
    return f"use {_counted(found.values(), of=joined([*shown, *rest]))}, such as {examples},"


def joined(words: Sequence[str], last: str = "and") -> str:
    """Return "a, b and c"."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def some(names: Iterable[str], *, most: int = EXAMPLES) -> str:
    """Return the first few of the names and how many more there are."""
    listed = list(dict.fromkeys(names))
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")


def _plain_parts(names: Sequence[str]) -> list[str]:
    """Return "upload and read objects (s3:PutObject, s3:GetObject)": verbs of one thing together."""
    parts = []
    for thing, group in itertools.groupby(sorted(names, key=_order), key=lambda name: _PLAIN[name][1]):
        listed = list(group)
        parts.append(f"{joined([_PLAIN[name][0] for name in listed])} {thing} ({', '.join(listed)})")
    return parts


def _order(name: str) -> tuple[int, int]:
    """Return the place that keeps the table's order and one thing's verbs side by side."""
    order = list(_PLAIN)
    first = next(index for index, other in enumerate(order) if _PLAIN[other][1] == _PLAIN[name][1])
    return first, order.index(name)


def _other_parts(names: Sequence[str]) -> list[str]:
    if len(names) > DESCRIBED:
        return [f"use {', '.join(names)}"]
    return [_described(name) for name in names]


def _described(name: str) -> str:
    """Return AWS's own words for an action, or its name where they do not follow "can"."""
    found = matching(name)
    return f"{found[0].says} ({name})" if found and found[0].says else f"use {name}"


def _pattern_parts(names: Sequence[str], known: Known) -> list[str]:
    if not names:
        return []
    found = {action.name: action for name in names for action in known(name)}
    counted = f" ({_counted(found.values(), of=_service(names[0]))})" if found else ""
    return [f"do what matches {', '.join(names)}{counted}"]


def _counted(actions: Iterable[Action], *, of: str = "") -> str:
    levels = Counter(action.level for action in actions)
    split = ", ".join(f"{levels[level]} {level.value}" for level in Level if levels[level])
    total = levels.total()
    of = f" of {of}" if of else ""
    return f"{total} action{'' if total == 1 else 's'}{of}: {split}" if split else f"no action{of} that AWS has"


def _service(name: str) -> str:
    return service_name(name.partition(":")[0])
