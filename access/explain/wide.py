"""Rules for what is wider than it looks: wildcards in actions and resources, and lists that name what is left out."""

from collections.abc import Iterator

from access.explain.finding import Finding, Weight
from access.explain.globs import is_wide
from access.explain.offers import Level, matching
from access.explain.phrases import joined, some
from access.explain.places import is_everything
from access.explain.statements import Statement

CHANGING = {Level.WRITE, Level.TAG, Level.PERMIT}


def find_all_actions(statement: Statement) -> Iterator[Finding]:
    """Find an Allow for every action of AWS."""
    if statement.allows and "*" in statement.actions:
        everywhere = "*" in statement.resources
        yield Finding(
            Weight.HIGH,
            "all-actions",
            f"It allows every action of AWS{' on everything' if everywhere else ''}.",
            "Name the actions that the work needs.",
            statement.where,
        )


def find_whole_services(statement: Statement) -> Iterator[Finding]:
    """Find an Allow for every action of a service."""
    whole = [name for name in statement.actions if name.endswith(":*")]
    if statement.allows and whole:
        yield Finding(
            Weight.MEDIUM,
            "whole-service",
            f"It allows every action of a service ({joined(whole)}), also those that AWS will add.",
            "Name the actions that the work needs.",
            statement.where,
        )


def find_patterns(statement: Statement) -> Iterator[Finding]:
    """Find patterns that take in actions which change something; those that only list and read weigh less."""
    patterns = [name for name in statement.actions if is_wide(name) and name != "*" and not name.endswith(":*")]
    if not statement.allows or not patterns:
        return
    found = [action for pattern in patterns for action in matching(pattern)]
    changing = [action.name for action in found if action.level in CHANGING]
    if changing:
        yield Finding(
            Weight.MEDIUM,
            "action-pattern",
            f"A wildcard takes in actions that change something: {some(changing)}.",
            "Name the actions that the work needs.",
            statement.where,
        )
    elif found:
        said = f"A wildcard takes in actions that AWS will add ({some(patterns)})."
        yield Finding(Weight.NOTE, "action-pattern", said, "Name the actions, if they are few.", statement.where)


def find_all_resources(statement: Statement) -> Iterator[Finding]:
    """Find an Allow on everything for actions that could be held to something; reading weighs less than changing."""
    if not statement.allows or "*" in statement.actions or not any(map(is_everything, statement.resources)):
        return
    held = [action for name in statement.actions for action in matching(name) if action.resources]
    if held:
        changing = [action for action in held if action.level in CHANGING]
        yield Finding(
            Weight.MEDIUM if changing else Weight.LOW,
            "all-resources",
            f"It allows {some(action.name for action in changing or held)} on everything in the account.",
            "Put the ARNs that are meant into Resource.",
            statement.where,
        )


def find_all_but(statement: Statement) -> Iterator[Finding]:
    """Find an Allow by NotAction or NotResource: it allows whatever AWS or the account will have one day."""
    elements = [
        name
        for name, listed in (("NotAction", statement.not_actions), ("NotResource", statement.not_resources))
        if listed
    ]
    if statement.allows and elements:
        yield Finding(
            Weight.HIGH,
            "all-but",
            f"It allows everything but what {joined(elements)} names.",
            f"Say what is allowed, with {joined([name.removeprefix('Not') for name in elements])}.",
            statement.where,
        )
