"""A permissions policy in plain words: what it allows, what it forbids, and what one would have thought it allows."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from access.explain.conditions import conditions_in_words
from access.explain.coverage import fitting, idle_because
from access.explain.resources import SHOWN, resources_in_words
from access.explain.service_catalog import matching
from access.explain.statements import Policy, Statement, statements_of
from access.explain.wildcards import has_wildcard
from access.explain.wording import NAMED, in_words, some, summary

SERVICES = 6  # sentences that one statement makes, one for each service; more services are told in one

MOST = 24  # sentences that a whole policy makes

# A role with the first is assumed to have the others too; when it has nothing of the kind, the page says so.
_PRESUMED: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "s3:PutObject": (
        ("read", "objects", ("s3:GetObject", "s3:GetObjectVersion")),
        ("list", "objects", ("s3:ListBucket", "s3:ListBucketVersions")),
    ),
    "dynamodb:PutItem": (
        ("read", "items", (
            "dynamodb:BatchGetItem", "dynamodb:ExportTableToPointInTime", "dynamodb:GetItem", "dynamodb:GetRecords",
            "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan",
        )),
    ),
    "sqs:SendMessage": (("receive", "messages", ("sqs:ReceiveMessage",)),),
    "kms:Encrypt": (("decrypt", "data", ("kms:Decrypt", "kms:ReEncryptFrom")),),
    "ec2:StartInstances": (("stop", "instances", ("ec2:StopInstances",)),),
}  # fmt: skip


def permissions_in_words(
    policy: Mapping[str, Any], *, attached: Sequence[str] = (), documents: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    """Return a permissions policy as sentences: a few for each statement, then what follows from all of them.

    `attached` are the ARNs of managed policies of the same role. Those whose content is among `documents` are told
    too; of the others it is said that nobody here knows what they permit.
    """
    known = {arn: statements_of(document) for arn, document in (documents or {}).items() if arn in attached}
    own = statements_of(policy)
    together = Policy((*own, *(statement for statements in known.values() for statement in statements)))
    said = [sentence for statement in own for sentence in _in_words(statement, _forbidden(statement, together))]
    for arn, statements in known.items():
        words = [sentence for one in statements for sentence in _in_words(one, _forbidden(one, together))]
        said += [f"By the managed policy {_name(arn)}: {_small(sentence)}" for sentence in words]
    unknown = [f"And whatever the managed policy {arn} permits." for arn in attached if arn not in known]
    return [*_shortened(said), *(unknown or _what_follows(together))]


def _shortened(sentences: Sequence[str]) -> list[str]:
    """Return at most MOST sentences and how many are missing; the loud ones and what is forbidden go first then."""
    said = list(dict.fromkeys(sentences))
    if len(said) <= MOST:
        return said
    first = sorted(said, key=lambda sentence: "EVERYTHING" not in sentence and "an never" not in sentence)
    return [*first[:MOST], f"And {len(said) - MOST} sentences more: read the policy itself."]


def _what_follows(policy: Policy) -> list[str]:
    effective = [one for one in policy.statements if one.allows and _has_effect(one, policy)]
    if not effective:
        return ["Can do nothing."]
    return [*_not_allowed(effective, policy), "Nothing else."]


def _has_effect(statement: Statement, policy: Policy) -> bool:
    forbidden = _forbidden(statement, policy)
    names = [name for name in statement.actions if name not in forbidden]
    return bool(statement.not_actions) or any(idle_because(name, statement) == "" for name in names)


def _not_allowed(effective: Sequence[Statement], policy: Policy) -> list[str]:
    """Return what one would presume from an allowed action and what is not: an upload-only policy lets nobody read."""
    sentences = []
    for action, others in _PRESUMED.items():
        if not any(_allows(one, action, policy) for one in effective):
            continue
        missing = [(verb, what) for verb, what, names in others if not any(map(policy.allows, names))]
        if missing:
            sentences.append(f"Cannot {' or '.join(verb for verb, _ in missing)} {missing[0][1]}.")
    return sentences


def _allows(statement: Statement, action: str, policy: Policy) -> bool:
    return bool(policy.allowed(statement, [action])) and idle_because(action, statement) == ""


def _forbidden(statement: Statement, policy: Policy) -> frozenset[str]:
    """Return the names and patterns of an Allow that a Deny forbids always and everywhere."""
    if not statement.allows or not policy.denying:
        return frozenset()
    return frozenset(name for name in statement.actions if _is_forbidden(name, policy))


def _is_forbidden(name: str, policy: Policy) -> bool:
    if name == "*":
        return any("*" in one.actions for one in policy.denying)
    found = matching(name) if has_wildcard(name) else ()
    return all(policy.denies(action.name) for action in found) if found else policy.denies(name)


@functools.lru_cache(maxsize=1024)
def _in_words(statement: Statement, forbidden: frozenset[str]) -> tuple[str, ...]:
    """Return a statement's sentences; kept, because a long one (ReadOnlyAccess) is asked for with every page."""
    verb, everything = ("Can", "EVERYTHING") if statement.allows else ("Can never", "anything")
    place = resources_in_words(statement.resources, statement.not_resources, allows=statement.allows)
    tests = conditions_in_words(statement.conditions, allows=statement.allows)
    if statement.not_actions:
        return (f"{verb} do {everything} but {_named(statement.not_actions)} on {place}{tests}.",)
    reasons = {name: _FORBIDDEN if name in forbidden else idle_because(name, statement) for name in statement.actions}
    exactly = some(statement.resources, most=SHOWN) or place
    idle = [
        f"{'Allows' if statement.allows else 'Forbids'} nothing by {_named(names)} on {exactly}{tests}: {reason}."
        for reason in dict.fromkeys(filter(None, reasons.values()))
        if (names := [name for name, its in reasons.items() if its == reason])
    ]
    names = [name for name, reason in reasons.items() if not reason]
    if "*" in names:
        return (f"{verb} do {everything} on {place}{tests}.", *idle)
    whole = [name for name in names if name.endswith(":*")]
    groups = _by_service([name for name in names if name not in whole])
    if len(groups) > SERVICES:
        known = functools.partial(fitting, statement)
        many = [f"{verb} {summary((name for group in groups for name in group), known)} on {place}{tests}."]
    else:
        many = [f"{verb} {_done(group, statement, place)}{tests}." for group in groups]
    return (*(f"{verb} {_done([name], statement, place)}{tests}." for name in whole), *many, *idle)


_FORBIDDEN = "another statement forbids it everywhere"


def _done(names: Sequence[str], statement: Statement, place: str) -> str:
    """Return what is done and where; nothing is said of the place when AWS knows none for any of the actions."""
    words, preposition = in_words(names, allows=statement.allows, known=functools.partial(fitting, statement))
    found = [action for name in names for action in matching(name)]
    if statement.resources == ("*",) and found and not any(action.resources for action in found):
        return words.rstrip(",")
    return f"{words} {preposition} {place}"


def _named(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _by_service(names: Sequence[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition(":")[0].lower(), []).append(name)
    return list(groups.values())


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
