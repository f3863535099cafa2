"""What the catalogues of sentences are made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Plural(NamedTuple):
    """A template for one, and the template for any other number."""

    one: str
    many: str


def N_(english: str) -> str:  # noqa: N802 - the name that extractors of messages look for
    """Mark a template for translation, which happens where it is shown."""
    return english


def N_many(one: str, many: str) -> Plural:  # noqa: N802 - the name that `dev.messages` looks for
    """Mark singular and plural of a template for translation, which happens where it is shown."""
    return Plural(one, many)


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
    """The English of one code: whole sentences, the facts in braces. `check` is the id of a Django system check.

    Where its words depend on a number, `message` is a Plural and `count` names the fact that holds the number.
    """

    message: str | Plural
    reader: Reader
    check: str = ""
    count: str = ""

    @property
    def english(self) -> str:
        """Return the English, of a plural that for many."""
        return self.message if isinstance(self.message, str) else self.message.many


@dataclass(frozen=True, slots=True)
class Phrase:
    """The English of what is part of a sentence or on a page, and is no error: no code of the reference."""

    message: str | Plural
    count: str = ""
