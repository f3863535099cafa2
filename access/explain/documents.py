"""Checks of a whole document: its version, and elements that need the newer version."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.explain.finding import Finding, Weight, text
from access.explain.statements import Statement
from access.explain.wording import some

NEWEST, OLDEST = "2012-10-17", "2008-10-17"


def find_version(policy: Mapping[str, Any], statements: Sequence[Statement]) -> Iterator[Finding]:
    """Find a version that IAM does not have, and variables under the one that takes them for plain text."""
    version, fix = policy.get("Version", OLDEST), text("fix_version", version=NEWEST)
    if version not in (NEWEST, OLDEST):
        said = text("version_unknown", version=version)
        yield Finding(Weight.HIGH, "version", said, fix)
        return
    variables = [one for statement in statements for one in _texts(statement) if "${" in one]
    if version == OLDEST and variables:
        yield Finding(
            Weight.HIGH,
            "version-variables",
            text("version_without_variables", version=NEWEST, names=some(variables)),
            fix,
        )
    elif version == OLDEST:
        said = text("version_old", version=OLDEST) if "Version" in policy else text("version_missing")
        yield Finding(Weight.NOTE, "version", said, fix)


def _texts(statement: Statement) -> Iterator[str]:
    yield from (*statement.resources, *statement.not_resources)
    yield from (value for one in statement.conditions for value in one.values)
