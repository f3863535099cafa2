"""A permissions policy in plain words: what it allows, what it forbids, and what one would have thought it allows."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from access.explain.conditions import conditions_in_words
from access.explain.offers import matching
from access.explain.phrases import NAMED, in_words, summary
from access.explain.places import resources_in_words
from access.explain.statements import Statement, statements_of

SERVICES = 6  # sentences that one statement makes, one for each service; more services are told in one

MOST = 24  # sentences that a whole policy makes

# Whoever may do the first is taken to be able to do the others too; when he is not, that is said.
_PRESUMED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "s3:PutObject": (("s3:GetObject", "read"), ("s3:ListBucket", "list")),
    "dynamodb:PutItem": (("dynamodb:GetItem", "read"),),
    "sqs:SendMessage": (("sqs:ReceiveMessage", "receive"),),
    "kms:Encrypt": (("kms:Decrypt", "decrypt"),),
    "ec2:StartInstances": (("ec2:StopInstances", "stop"),),
}
_THEM = {"kms:Encrypt": "what was encrypted"}


def permissions_in_words(
    policy: Mapping[str, Any], *, attached: Sequence[str] = (), documents: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    """Give a permissions policy as sentences: a few for each statement, then what follows from all of them.

    `attached` are the ARNs of managed policies of the same role. Those whose content is among `documents` are told
    too; of the others it is said that nobody here knows what they permit.
    """
    known = {arn: document for arn, document in (documents or {}).items() if arn in attached}
    own = statements_of(policy)
    managed = [statement for document in known.values() for statement in statements_of(document)]
    said = [sentence for statement in own for sentence in _in_words(statement)]
    for arn, document in known.items():
        words = [sentence for statement in statements_of(document) for sentence in _in_words(statement)]
        said += [f"By the managed policy {_name(arn)}: {_small(sentence)}" for sentence in words]
    unknown = [f"And whatever the managed policy {arn} permits." for arn in attached if arn not in known]
    return [*_shortened(said), *(unknown or _what_follows([*own, *managed]))]


def _shortened(sentences: Sequence[str]) -> list[str]:
    """Give at most MOST sentences and say how many are missing; the loud ones and what is forbidden go first then."""
    said = list(dict.fromkeys(sentences))
    if len(said) <= MOST:
        return said
    first = sorted(said, key=lambda sentence: "EVERYTHING" not in sentence and "ay never" not in sentence)
    return [*first[:MOST], f"And {len(said) - MOST} sentences more: read the policy itself."]


def _what_follows(statements: Sequence[Statement]) -> list[str]:
    allowed = [statement for statement in statements if statement.allows]
    if not allowed:
        return ["May do nothing."]
    return [*_not_allowed(allowed), "Nothing else."]


def _not_allowed(allowed: Sequence[Statement]) -> list[str]:
    """Give what one would presume from an allowed action and what is not: an upload-only policy lets nobody read."""
    sentences = []
    for action, others in _PRESUMED.items():
        missing = [verb for other, verb in others if not any(one.names(other) for one in allowed)]
        if missing and any(one.names(action) for one in allowed):
            sentences.append(f"May not {' or '.join(missing)} {_THEM.get(action, 'them')}.")
    return sentences


@functools.lru_cache(maxsize=1024)
def _in_words(statement: Statement) -> tuple[str, ...]:
    """Give a statement's sentences; kept, because a long one (ReadOnlyAccess) is asked for with every page."""
    verb, everything = ("May", "EVERYTHING") if statement.allows else ("May never", "anything")
    place = resources_in_words(statement.resources, statement.not_resources, allows=statement.allows)
    tests = conditions_in_words(statement.conditions)
    if statement.not_actions:
        return (f"{verb} do {everything} but {_named(statement.not_actions)} on {place}{tests}.",)
    if "*" in statement.actions:
        return (f"{verb} do {everything} on {place}{tests}.",)
    whole = [name for name in statement.actions if name.endswith(":*")]
    groups = _by_service([name for name in statement.actions if name not in whole])
    if len(groups) > SERVICES:
        many = [f"{verb} {summary(name for names in groups for name in names)} on {place}{tests}."]
    else:
        many = [f"{verb} {_done(names, statement, place)}{tests}." for names in groups]
    return (*(f"{verb} {_done([name], statement, place)}{tests}." for name in whole), *many)


def _done(names: Sequence[str], statement: Statement, place: str) -> str:
    """Give what is done and where; nothing is said of the place when AWS knows none for any of the actions."""
    words, preposition = in_words(names, allows=statement.allows)
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
