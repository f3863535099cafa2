"""Checks for the document as a whole: its version, and what only the newer version understands."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.explain.finding import Finding, Weight
from access.explain.statements import Statement
from access.explain.wording import some

NEWEST, OLDEST = "2012-10-17", "2008-10-17"


def find_version(policy: Mapping[str, Any], statements: Sequence[Statement]) -> Iterator[Finding]:
    """Find a version that IAM does not have, and variables under the one that takes them for plain text."""
    version = policy.get("Version", OLDEST)
    if version not in (NEWEST, OLDEST):
        said = f"IAM has no policy version {version} and refuses the policy."
        yield Finding(Weight.HIGH, "version", said, f'Write "Version": "{NEWEST}".')
        return
    variables = [text for statement in statements for text in _texts(statement) if "${" in text]
    if version == OLDEST and variables:
        yield Finding(
            Weight.HIGH,
            "version-variables",
            f"Without the version {NEWEST}, IAM takes {some(variables)} for plain text.",
            f'Write "Version": "{NEWEST}".',
        )
    elif version == OLDEST:
        said = f"Its version is {OLDEST}." if "Version" in policy else "It has no version."
        yield Finding(Weight.NOTE, "version", said, f'Write "Version": "{NEWEST}".')


def _texts(statement: Statement) -> Iterator[str]:
    yield from (*statement.resources, *statement.not_resources)
    yield from (value for one in statement.conditions for value in one.values)
