"""What the catalogues of sentences are made of."""

from dataclasses import dataclass
from enum import StrEnum


def N_(english: str) -> str:  # noqa: N802 - the name that extractors of messages look for
    """Mark a template for translation, which happens where it is shown."""
    return english


class Reader(StrEnum):
    """Who sees a sentence."""

    ANYONE = "anyone"
    REQUESTER = "contractor"
    APPROVER = "approver"
    SPONSOR = "sponsor"
    ADMINISTRATOR = "administrator"
    INTERNAL = "internal user"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Sentence:
    """The English of one code: whole sentences, the facts in braces. `check` is the id of a Django system check."""

    english: str
    reader: Reader
    check: str = ""
