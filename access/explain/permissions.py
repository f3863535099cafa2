"""Describe a permissions policy: what it allows, what it denies, and what a reader could wrongly expect it to allow."""

import functools
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from access.explain.conditions import conditions_in_words
from access.explain.coverage import fitting, fitting_resources, idle_because, unallowed_kinds
from access.explain.resources import SHOWN, resources_in_words
from access.explain.service_catalog import Action, matching
from access.explain.statements import Policy, Statement, statements_of
from access.explain.wildcards import has_wildcard
from access.explain.wording import (
    NAMED,
    actions_in_words,
    counted_of_service,
    many_in_words,
    service_in_words,
    some,
)
from access.texts.text import Inside, Listed, Text


class Tone(StrEnum):
    """How a sentence about permissions is to be shown."""

    USUAL = ""
    LOUD = "loud"
    DENIES = "denies"


# Codes of sentences about Denies, and of sentences about everything.
_DENIALS = ("never_", "cannot_", "allows_nothing_", "can_nothing", "nothing_else")
_LOUD = ("can_everything", "can_service", "can_counted", "everything")
SERVICES = 6  # sentences that one statement makes, one for each service; more services are explained in one

MOST = 24  # sentences that a whole policy makes

# People assume that a role with the first permission has the others too. If it has none of them, the page says so.
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
) -> list[Text]:
    """Return a permissions policy as sentences: a few for each statement, then what follows from all of them.

    `attached` are the ARNs of managed policies of the same role. Those whose content is among `documents` are told
    too; of the others it is said that nobody here knows what they permit.
    """
    known = {arn: statements_of(document) for arn, document in (documents or {}).items() if arn in attached}
    own = statements_of(policy)
    together = Policy((*own, *(statement for statements in known.values() for statement in statements)))
    said = [sentence for statement in own for sentence in _in_words(statement, together.denying)]
    for arn, statements in known.items():
        words = [sentence for one in statements for sentence in _in_words(one, together.denying)]
        said += [Text("by_managed_policy", {"name": _name(arn), "sentence": Inside(sentence)}) for sentence in words]
    unknown = [Text("managed_policy_unread", {"arn": arn}) for arn in attached if arn not in known]
    return [*_shortened(said), *(unknown or _what_follows(together))]


def tone_of(sentence: Text) -> Tone:
    """Return how a sentence is to be shown: what is denied, what is allowed on everything, or the usual."""
    if sentence.code.startswith(_DENIALS):
        return Tone.DENIES
    return Tone.LOUD if _names_everything(sentence) else Tone.USUAL


def _names_everything(value: object) -> bool:
    if isinstance(value, Inside):
        return _names_everything(value.text)
    if isinstance(value, Listed):
        return any(map(_names_everything, value.words))
    if not isinstance(value, Text):
        return False
    return value.code.startswith(_LOUD) or any(map(_names_everything, value.facts.values()))


def _shortened(sentences: Sequence[Text]) -> list[Text]:
    """Return at most MOST sentences and how many are missing; the loud ones and what is denied go first then."""
    said = list(dict.fromkeys(sentences))
    if len(said) <= MOST:
        return said
    first = sorted(said, key=lambda sentence: not _is_weighty(sentence))
    return [*first[:MOST], Text("more_sentences", {"count": len(said) - MOST})]


def _is_weighty(sentence: Text) -> bool:
    inner = sentence.facts.get("sentence")
    code = inner.text.code if isinstance(inner, Inside) else sentence.code
    return _names_everything(sentence) or code.startswith("never_")


def _what_follows(policy: Policy) -> list[Text]:
    effective = [one for one in policy.statements if one.allows and _has_effect(one, policy)]
    if not effective:
        return [Text("can_nothing")]
    return [*_not_allowed(effective, policy), Text("nothing_else")]


def _has_effect(statement: Statement, policy: Policy) -> bool:
    forbidden = _forbidden(statement, policy)
    names = [name for name in statement.actions if name not in forbidden]
    return bool(statement.not_actions) or any(idle_because(name, statement) == "" for name in names)


def _not_allowed(effective: Sequence[Statement], policy: Policy) -> list[Text]:
    """Return what one would presume from an allowed action and what is not: an upload-only policy lets nobody read."""
    sentences = []
    for action, others in _PRESUMED.items():
        if not any(_allows(one, action, policy) for one in effective):
            continue
        missing = [(verb, what) for verb, what, names in others if not any(map(policy.allows, names))]
        if missing:
            verbs = Listed(tuple(Text(f"verb_{verb}") for verb, _ in missing), "or")
            sentences.append(Text(f"cannot_{missing[0][1]}", {"verbs": verbs}))
    return [*sentences, *_incomplete(policy)]


def _incomplete(policy: Policy) -> list[Text]:
    """Return the EC2 actions that AWS checks on several resources, of which the policy allows some and not all.

    [EC2 User Guide, "Example policies: RunInstances"]
    """
    named = dict.fromkeys(name for one in policy.statements if one.allows for name in one.actions)
    found = [action for name in named if not has_wildcard(name) for action in matching(name)]
    checked = [action for action in found if action.service == "ec2" and len(action.required) > 1]
    missing = [(action, unallowed_kinds(action, policy)) for action in checked]
    return [Text("cannot_complete", {"action": one.name, "kinds": Listed(kinds)}) for one, kinds in missing if kinds]


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
def _in_words(statement: Statement, denying: tuple[Statement, ...]) -> tuple[Text, ...]:
    """Return a statement's sentences; kept, because a long one (ReadOnlyAccess) is asked for with every page.

    What `denying` forbids always and everywhere is neither allowed nor counted.
    """
    policy = Policy(denying)
    denied = _forbidden(statement, policy)
    if statement.not_actions:
        return (_said(statement, "everything_but", names=some(statement.not_actions, most=NAMED)),)
    reasons = {name: "denied" if name in denied else idle_because(name, statement) for name in statement.actions}
    idle = [
        _idle(statement, reason, [name for name, its in reasons.items() if its == reason])
        for reason in dict.fromkeys(filter(None, reasons.values()))
    ]
    names = [name for name, reason in reasons.items() if not reason]
    if "*" in names:
        return (_said(statement, "everything"), *idle)
    whole = [name for name in names if name.endswith(":*")]
    groups = _by_service([name for name in names if name not in whole])
    if len(groups) > SERVICES:
        many = [_many(statement, policy, [name for group in groups for name in group], may_be_nowhere=False)]
    else:
        many = [_done(statement, policy, group) for group in groups]
    return (*(_service(statement, policy, name) for name in whole), *many, *idle)


def _said(statement: Statement, code: str, *, nowhere: bool = False, about: Sequence[str] = (), **facts: Any) -> Text:
    """Return the sentence of this code about a statement, its conditions, and the resources of what it is `about`."""
    effect = "can" if statement.allows else "never"
    if not nowhere:
        resources = fitting_resources(statement, about) if about else statement.resources
        facts["place"] = resources_in_words(resources, statement.not_resources, allows=statement.allows)
    if statement.conditions:
        return Text(f"{effect}_{code}_if", facts | {"conditions": conditions_in_words(statement.conditions)})
    return Text(f"{effect}_{code}", facts)


def _idle(statement: Statement, reason: str, names: Sequence[str]) -> Text:
    """Return which names allow or deny nothing, and why; resources are named as they are there."""
    effect = "allows" if statement.allows else "denies"
    place = resources_in_words(statement.resources, statement.not_resources, allows=statement.allows)
    exactly = some(statement.resources, most=SHOWN) if statement.resources else place
    facts: dict[str, Any] = {"names": some(names, most=NAMED), "resources": exactly}
    if statement.conditions:
        facts["conditions"] = conditions_in_words(statement.conditions)
    return Text(f"{effect}_nothing_{reason}{'_if' if statement.conditions else ''}", facts)


def _counting(statement: Statement, policy: Policy) -> Callable[[str], list[Action]]:
    """Return what gives the actions of a name or pattern that are not forbidden always and everywhere."""

    def known(name: str) -> list[Action]:
        found = fitting(statement, name)
        return [action for action in found if not (statement.allows and policy.denies(action.name))]

    return known


def _service(statement: Statement, policy: Policy, name: str) -> Text:
    """Return what is done in a whole service."""
    nowhere = "_nowhere" if _takes_no_resource(statement, [name]) else ""
    counted = counted_of_service(name, _counting(statement, policy))
    facts: dict[str, Any] = {"service": service_in_words(name)} | ({} if counted is None else {"counted": counted})
    code = f"{'service' if counted is None else 'counted'}{nowhere}"
    return _said(statement, code, nowhere=bool(nowhere), about=[name], **facts, name=name)


def _done(statement: Statement, policy: Policy, names: Sequence[str]) -> Text:
    """Return what is done and where; nothing is said of the place when AWS knows none for any of the actions."""
    if len(names) > NAMED:
        return _many(statement, policy, names, may_be_nowhere=True)
    actions, preposition = actions_in_words(
        names, _counting(statement, policy), joined="and" if statement.allows else "or"
    )
    nowhere = _takes_no_resource(statement, names)
    return _said(statement, "nowhere" if nowhere else preposition, nowhere=nowhere, about=names, actions=actions)


def _many(statement: Statement, policy: Policy, names: Sequence[str], *, may_be_nowhere: bool) -> Text:
    nowhere = may_be_nowhere and _takes_no_resource(statement, names)
    facts = many_in_words(names, _counting(statement, policy))
    return _said(statement, "many_nowhere" if nowhere else "many", nowhere=nowhere, about=names, **facts)


def _takes_no_resource(statement: Statement, names: Sequence[str]) -> bool:
    found = [action for name in names for action in matching(name)]
    return statement.resources == ("*",) and bool(found) and not any(action.resources for action in found)


def _by_service(names: Sequence[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition(":")[0].lower(), []).append(name)
    return list(groups.values())


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
