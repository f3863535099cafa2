"""Build policies from a form: a service, some of its actions, and the resources. Nobody types JSON for them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from access.explain.documents import NEWEST
from access.explain.naming import typed_names, without_vendor
from access.explain.service_catalog import (
    Action,
    actions_of,
    is_service,
    matching,
    nearest_service,
    service_name,
    services,
)
from access.texts.text import CodedError
from access.uploads import ACL_KEY, OWNER_HAS_ALL

UPLOAD, HAND_OVER = "s3:PutObject", "s3:PutObjectAcl"

# A bucket's name, with or without the beginning of its objects' keys. [S3 User Guide, "Bucket naming rules"]
_BUCKET = re.compile(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9!_.'()/*-]*))?\Z", re.ASCII)


class ChoiceError(CodedError):
    """What was chosen makes no statement; the text is for the person who chose."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What one service may: names of actions with their prefix, and lines that say on what.

    With `must_belong_to_us` an upload has to hand the object to the bucket's owner.
    """

    actions: Sequence[str]
    resources: Sequence[str]
    must_belong_to_us: bool = False


def service_of(text: str) -> str:
    """Return the prefix of the service that was typed: "s3", "S3", "Amazon S3". Raises ChoiceError with a guess."""
    word = " ".join(text.split())
    if is_service(word):
        return word.lower()
    typed = typed_names(dict(services()))
    for name in (word.lower(), without_vendor(word)):
        if name in typed:
            return typed[name]
        if is_service(name):
            return name
    guess = nearest_service(word)
    if guess:
        raise ChoiceError("choice_service_guessed", typed=word[:50], guess=guess, name=service_name(guess))
    raise ChoiceError("choice_service_unknown", typed=word[:50])


def compose(choices: Sequence[Choice], *, partition: str = "aws") -> dict[str, Any]:
    """Return the policy that permits what is chosen, and nothing else.

    Actions that cannot be held to a resource get a statement of their own, and a bucket's name becomes the bucket or
    the objects in it, whichever an action is about.
    """
    statements = [statement for choice in choices for statement in _statements(choice, partition)]
    return {"Version": NEWEST, "Statement": statements}


def examples_of(actions: Sequence[str], formats: Mapping[str, str]) -> list[str]:
    """Return what the resources of these actions look like, from the formats of their service."""
    kinds = [kind for action in _known(actions) for kind in action.resources]
    return list(dict.fromkeys(formats[kind] for kind in kinds if kind in formats))


def _statements(choice: Choice, partition: str) -> Iterator[dict[str, Any]]:
    by_resources: dict[tuple[str, ...], list[str]] = {}
    handed_over: tuple[str, ...] = ()
    for action in _known(choice.actions):
        on = tuple(_resources(action, choice.resources, partition))
        if choice.must_belong_to_us and action.name in (UPLOAD, HAND_OVER):
            handed_over = on if action.name == UPLOAD else handed_over
            continue
        by_resources.setdefault(on, []).append(action.name)
    if choice.must_belong_to_us and not handed_over:
        raise ChoiceError("choice_without_upload", field="ours")
    if handed_over:
        condition = {"StringEquals": {ACL_KEY: OWNER_HAS_ALL}}
        yield {**_allow([UPLOAD, HAND_OVER], handed_over), "Condition": condition}
    for on, names in by_resources.items():
        yield _allow(names, on)


def _known(names: Sequence[str]) -> list[Action]:
    found = [matching(name) for name in names]
    missing = [name for name, actions in zip(names, found, strict=True) if len(actions) != 1]
    if missing:
        raise ChoiceError("choice_action_unknown", typed=missing[0][:100])
    return [actions[0] for actions in found]


def _resources(action: Action, lines: Sequence[str], partition: str) -> Iterator[str]:
    """Yield the lines as the action's resources; what it cannot be held to is everything."""
    if not action.resources:
        yield "*"
        return
    if not lines:
        raise ChoiceError("choice_without_resource")
    for line in lines:
        yield _resource(action, line, partition)


def _resource(action: Action, line: str, partition: str) -> str:
    if line == "*" or line.startswith("arn:"):
        return line
    bucket = _BUCKET.match(line) if action.service == "s3" else None
    if bucket is None:
        raise ChoiceError("choice_resource_invalid", typed=line[:100], partition=partition)
    if "object" not in action.resources:
        return f"arn:{partition}:s3:::{bucket[1]}"
    key = bucket[2] or ""
    is_folder = not key or key.endswith("/")
    return f"arn:{partition}:s3:::{bucket[1]}/{key}{'*' if is_folder else ''}"


def _allow(names: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": _one(names), "Resource": _one(list(dict.fromkeys(resources)))}


def _one(texts: Sequence[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else list(texts)


def offered(prefix: str) -> dict[str, list[Action]]:
    """Return the actions of a service by what they do, in the order in which IAM's console has them."""
    actions = actions_of(prefix).values()
    found = {level: [action for action in actions if action.level == level] for level in _LEVELS}
    return {level: listed for level, listed in found.items() if listed}


_LEVELS = ("list", "read", "write", "tag", "change permissions")
