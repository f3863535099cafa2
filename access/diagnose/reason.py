"""One reason why AWS refused, with what to do about it."""

from dataclasses import dataclass
from typing import Literal

Weight = Literal["certain", "likely", "possible"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with what to do about it; *certain* ones follow from what is known."""

    weight: Weight
    why: str
    fix: str
