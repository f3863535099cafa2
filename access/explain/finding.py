"""A finding: a problem or an overly permissive element of a policy, its severity, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from access.texts.text import Text


class Weight(StrEnum):
    """How much a finding weighs: *high* opens more than anybody meant, *note* is worth knowing and no more."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Return the place in a list that has the weightiest first."""
        return list(Weight).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `rule` names what found it, `where` the statement, empty for the document as a whole."""

    weight: Weight
    rule: str
    sentence: Text
    fix: Text
    where: Text | str = ""


def text(code: str, **facts: Any) -> Text:
    """Return the text of a finding or of a fix."""
    return Text(f"finding_{code}", facts)
