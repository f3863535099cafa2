"""One reason why AWS refused a call, with what to do about it."""

from dataclasses import dataclass
from typing import Any, Literal

from access.texts.text import Text

Weight = Literal["certain", "likely", "possible"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with what to do about it; *certain* ones follow from what is known."""

    weight: Weight
    why: Text
    fix: Text

    @property
    def likelihood(self) -> Text:
        """Return how sure it is, as pages show it."""
        return Text(f"likelihood_{self.weight}")


def why(code: str, **facts: Any) -> Text:
    """Return the text of a reason; its English is in `access.texts.diagnosis`."""
    return Text(f"denied_{code}", facts)


def fix(code: str, **facts: Any) -> Text:
    """Return the text of what to do."""
    return Text(f"denied_fix_{code}", facts)
