"""Ticket numbers, and the patterns that roles set for them.

A pattern is a small subset of regular expressions with a parser of our own: any pattern is matched in time proportional
to the input, and only ASCII matches.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

from access.rules.facts import Refused, RoleSettings

TICKET_MAX_LENGTH = 64
PATTERN_MAX_LENGTH = 100
_PLAIN = frozenset(string.ascii_letters + string.digits + "-_/#:")
_PRINTABLE = frozenset(chr(code) for code in range(0x20, 0x7F))
_COUNT = re.compile(r"\{([0-9]{1,2})(?:,([0-9]{1,2}))?\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One of these characters, so many times."""

    characters: frozenset[str]
    least: int
    most: int


def check_pattern(pattern: str, example: str) -> None:
    """Raise Refused unless the pattern can be read and the example is what it asks for; both can be empty."""
    if bool(pattern) != bool(example):
        raise Refused("ticket_pattern_and_example", field="ticket_pattern")
    if pattern and not _matches(pattern, example):
        raise Refused("ticket_example_mismatch", field="ticket_example", example=example)


def check_ticket(role: RoleSettings, ticket: str) -> None:
    """Raise Refused unless the ticket number looks as the role asks; a role without a pattern asks for none."""
    if not role.ticket_pattern:
        return
    if not ticket:
        raise Refused("ticket_missing", field="ticket", example=role.ticket_example)
    if len(ticket) > TICKET_MAX_LENGTH or not _matches(role.ticket_pattern, ticket):
        raise Refused("ticket_invalid", field="ticket", example=role.ticket_example)


def _matches(pattern: str, text: str) -> bool:
    """Return whether the whole of `text` is what the pattern asks for; raises Refused when that cannot be read."""
    if len(pattern) > PATTERN_MAX_LENGTH:
        raise Refused("ticket_pattern_too_long", field="ticket_pattern", most=PATTERN_MAX_LENGTH)
    return any(_is(pieces, text) for pieces in _read(pattern))


def _is(pieces: list[_Piece], text: str) -> bool:
    ends = {0}
    for piece in pieces:
        ends = {end for start in ends for end in _after(piece, text, start)}
    return len(text) in ends


def _after(piece: _Piece, text: str, start: int) -> Iterator[int]:
    """Yield every place at which the piece can end when it begins at `start`."""
    for count in range(min(piece.most, len(text) - start) + 1):
        if count >= piece.least:
            yield start + count
        if start + count < len(text) and text[start + count] not in piece.characters:
            return


def _read(pattern: str) -> list[list[_Piece]]:
    """Return the alternatives of a pattern, each as its pieces."""
    alternatives: list[list[_Piece]] = [[]]
    rest = pattern
    while rest:
        if rest[0] == "|":
            alternatives, rest = [*alternatives, []], rest[1:]
            continue
        characters, rest = _characters(rest)
        least, most, rest = _how_many(rest)
        alternatives[-1].append(_Piece(characters, least, most))
    if not all(alternatives):
        raise Refused("ticket_pattern_empty_alternative", field="ticket_pattern")
    return alternatives


def _characters(rest: str) -> tuple[frozenset[str], str]:
    if rest.startswith("["):
        inside, bracket, after = rest[1:].partition("]")
        if bracket and inside:
            return frozenset(_set(inside)), after
    elif rest.startswith("\\d"):
        return frozenset(string.digits), rest[2:]
    elif rest[0] == "\\" and rest[1:2] in _PRINTABLE and not rest[1:2].isalnum():
        return frozenset(rest[1]), rest[2:]
    elif rest[0] in _PLAIN:
        return frozenset(rest[0]), rest[1:]
    raise Refused("ticket_pattern_unreadable", field="ticket_pattern", rest=rest[:20])


def _set(inside: str) -> Iterator[str]:
    """Yield the characters of a set: single ones, and ranges between two letters or digits of a kind."""
    place = 0
    while place < len(inside):
        first, last = inside[place], inside[place]
        if inside[place + 1 : place + 2] == "-" and place + 2 < len(inside):
            last = inside[place + 2]
            kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
            if first > last or not any(first in kind and last in kind for kind in kinds):
                raise Refused(
                    "ticket_pattern_range",
                    field="ticket_pattern",
                    inside=inside,
                    first=first,
                    last=last,
                )
            place += 2
        if first not in _PLAIN and first not in {".", " "}:
            raise Refused(
                "ticket_pattern_set_character",
                field="ticket_pattern",
                inside=inside,
                character=first,
            )
        yield from map(chr, range(ord(first), ord(last) + 1))
        place += 1


def _how_many(rest: str) -> tuple[int, int, str]:
    if rest[:1] == "?":
        return 0, 1, rest[1:]
    if rest[:1] == "+":
        return 1, TICKET_MAX_LENGTH, rest[1:]
    if counted := _COUNT.match(rest):
        least = int(counted[1])
        most = int(counted[2] or counted[1])
        if not least <= most or not most:
            raise Refused("ticket_pattern_count", field="ticket_pattern", count=counted[0])
        return least, most, rest[counted.end() :]
    return 1, 1, rest
