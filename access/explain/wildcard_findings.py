"""Checks for statements that allow more than it seems: wildcards, and lists of what is excluded."""

from collections.abc import Iterator

from access.bypass import bypass_of
from access.explain.coverage import covers, narrowing
from access.explain.finding import Finding, Weight, text
from access.explain.sensitive import CARRIES, DATA
from access.explain.service_catalog import Action, Level, matching
from access.explain.statements import Policy, Statement
from access.explain.wildcards import has_wildcard
from access.explain.wording import some
from access.texts.text import Listed

CHANGING = {Level.WRITE, Level.TAG, Level.PERMIT}


def find_all_actions(statement: Statement, _policy: Policy) -> Iterator[Finding]:
    """Find an Allow for every action of AWS."""
    if statement.allows and "*" in statement.actions:
        keys = tuple(dict.fromkeys(one.key for one in narrowing(statement)))
        code = "all_actions_everywhere" if "*" in statement.resources else "all_actions"
        yield Finding(
            Weight.MEDIUM if keys else Weight.HIGH,
            "all-actions",
            text(f"{code}_held", keys=Listed(keys)) if keys else text(code),
            text("fix_name_actions"),
            statement.where,
        )


def find_whole_services(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find an Allow for every action of a service."""
    whole = [name for name in statement.actions if name.endswith(":*") and not policy.denies(name)]
    if statement.allows and whole:
        yield Finding(
            Weight.MEDIUM,
            "whole-service",
            text("whole_service", names=Listed(tuple(whole))),
            text("fix_name_actions"),
            statement.where,
        )


def find_patterns(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find patterns that take in actions which change something; those that only list and read weigh less."""
    patterns = [name for name in statement.actions if has_wildcard(name) and name != "*" and not name.endswith(":*")]
    if not statement.allows or not patterns:
        return
    found = [action for pattern in patterns for action in matching(pattern)]
    changing = policy.allowed(statement, [action.name for action in found if action.level in CHANGING])
    if changing:
        yield Finding(
            Weight.MEDIUM,
            "action-pattern",
            text("pattern_changes", names=some(changing)),
            text("fix_name_actions"),
            statement.where,
        )
    elif found:
        said = text("pattern_grows", names=some(patterns))
        yield Finding(Weight.NOTE, "action-pattern", said, text("fix_name_few_actions"), statement.where)


def find_all_resources(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find an Allow on everything for actions that could be held to something; reading weighs less than changing.

    Nothing is said where a condition holds the actions, or where the resources are of some of their kinds only.
    """
    if not statement.allows or "*" in statement.actions or any(narrowing(statement)):
        return
    named = [action for name in statement.actions for action in matching(name) if action.resources]
    held = [action for action in named if covers(action, statement) and not policy.denies(action.name)]
    if held:
        changing = [action for action in held if action.level in CHANGING]
        yield Finding(
            Weight.MEDIUM if changing else Weight.LOW,
            "all-resources",
            text("all_resources", names=some(action.name for action in changing or held)),
            text("fix_name_resources"),
            statement.where,
        )


def find_all_but(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find an Allow by NotAction or NotResource: it allows whatever AWS or the account will have one day."""
    if statement.allows and statement.not_actions:
        named = not ("*" in statement.resources or statement.not_resources)
        held = any(narrowing(statement)) or named
        code = "all_but_both" if statement.not_resources else "all_but_actions_named" if named else "all_but_actions"
        yield Finding(
            Weight.MEDIUM if held else Weight.HIGH,
            "all-but",
            text(code),
            text("fix_say_actions"),
            statement.where,
        )
    elif statement.allows and statement.not_resources:
        yield from _all_but_resources(statement, policy)


def _all_but_resources(statement: Statement, policy: Policy) -> Iterator[Finding]:
    found = [action for name in statement.actions for action in matching(name) if not policy.denies(action.name)]
    if "*" in statement.actions or any(map(_is_heavy, found)):
        weight = Weight.HIGH
    else:
        weight = Weight.MEDIUM if any(action.level in CHANGING for action in found) else Weight.LOW
    yield Finding(
        Weight.LOW if any(narrowing(statement)) else weight,
        "all-but",
        text("all_but_resources", names=some(statement.actions)),
        text("fix_say_resources"),
        statement.where,
    )


def _is_heavy(action: Action) -> bool:
    return action.name in DATA or action.name in CARRIES or bypass_of(action.name) is not None
