"""Checks for names that AWS does not have (services, actions, keys, operators), and for wrong resources."""

from collections.abc import Iterator

from access.explain.conditions import OPERATORS, operator_parts
from access.explain.coverage import fits, kinds_of
from access.explain.finding import Finding, Weight, text
from access.explain.service_catalog import (
    GLOBAL_KEYS,
    Action,
    is_among,
    is_service,
    keys_of,
    matching,
    nearest,
    nearest_action,
    nearest_service,
)
from access.explain.statements import Statement
from access.explain.wildcards import has_wildcard
from access.explain.wording import some


def find_unknown_actions(statement: Statement) -> Iterator[Finding]:
    """Find actions, and patterns of actions, that no service of AWS has; those of one service together."""
    unknown = [name for name in (*statement.actions, *statement.not_actions) if name != "*" and not matching(name)]
    for prefix in dict.fromkeys(name.partition(":")[0] for name in unknown):
        names = [name for name in unknown if name.partition(":")[0] == prefix]
        guess = nearest_action(names[0]) if is_service(prefix) else nearest_service(prefix)
        does, facts = _does(statement), {"names": some(names)}
        said = (
            text(f"unknown_action_{does}", **facts)
            if is_service(prefix)
            else text(f"unknown_service_{does}", service=prefix, **facts)
        )
        yield Finding(
            Weight.MEDIUM,
            "unknown-action",
            said,
            text("fix_did_you_mean", guess=guess) if guess else text("fix_look_up"),
            statement.where,
        )


def find_unknown_operators(statement: Statement) -> Iterator[Finding]:
    """Find condition operators that IAM does not have; it refuses the whole policy."""
    for operator in dict.fromkeys(one.operator for one in statement.conditions):
        _, name, _ = operator_parts(operator)
        if not name:
            guess = nearest(operator.rpartition(":")[2], OPERATORS)
            yield Finding(
                Weight.HIGH,
                "unknown-operator",
                text("unknown_operator", operator=operator),
                text("fix_did_you_mean", guess=guess) if guess else text("fix_operator"),
                statement.where,
            )


def find_unknown_keys(statement: Statement) -> Iterator[Finding]:
    """Find condition keys that AWS does not have: their conditions are never met, or always."""
    for key in dict.fromkeys(one.key for one in statement.conditions):
        prefix = key.partition(":")[0].lower()
        if prefix != "aws" and not is_service(prefix):
            continue  # keys of identity providers bear the provider's own name
        known = GLOBAL_KEYS if prefix == "aws" else keys_of(prefix)
        if not is_among(key, known):
            guess = nearest(key, known)
            yield Finding(
                Weight.MEDIUM if statement.allows else Weight.HIGH,
                "unknown-key",
                text("unknown_key", key=key),
                text("fix_did_you_mean", guess=guess) if guess else text("fix_key_unknown"),
                statement.where,
            )


def find_keys_not_sent(statement: Statement) -> Iterator[Finding]:
    """Find condition keys of a service that none of the statement's actions brings along."""
    actions = [action for name in statement.actions for action in matching(name)]
    if not actions or "*" in statement.actions:
        return
    for key in dict.fromkeys(one.key for one in statement.conditions):
        prefix = key.partition(":")[0].lower()
        if prefix == "aws" or not is_among(key, keys_of(prefix)):
            continue
        if not any(is_among(key, action.keys) for action in actions):
            yield Finding(
                Weight.LOW,
                "key-not-sent",
                text("key_not_sent", names=some(action.name for action in actions), key=key),
                text("fix_move_condition"),
                statement.where,
            )


def find_wrong_resources(statement: Statement) -> Iterator[Finding]:
    """Find actions for which none of the statement's resources is of a kind that the action takes."""
    if "*" in statement.resources or not statement.resources:
        return
    named = [found[0] for name in statement.actions if len(found := matching(name)) == 1]
    for action in (action for action in named if is_lost(action, statement)):
        yield Finding(
            Weight.MEDIUM,
            "wrong-resource",
            text(f"wrong_resource_{_does(statement)}", name=action.name, resources=some(statement.resources)),
            text("fix_takes", kinds=some(kinds_of(action))),
            statement.where,
        )
    homeless = [
        action.name for action in named if not action.resources and not any(map(has_wildcard, statement.resources))
    ]
    if homeless:
        yield Finding(
            Weight.MEDIUM,
            "wrong-resource",
            text(f"no_resource_{_does(statement)}", names=some(homeless), resources=some(statement.resources)),
            text("fix_no_resource"),
            statement.where,
        )


def is_lost(action: Action, statement: Statement) -> bool:
    """Return whether none of the statement's resources is of a kind that the action takes."""
    return bool(kinds_of(action)) and not any(fits(action, resource) for resource in statement.resources)


def _does(statement: Statement) -> str:
    return "allows" if statement.allows else "forbids"
