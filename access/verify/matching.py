"""Match IAM's patterns, `*` and `?`, against values of which a part can be unknown.

An answer is True, False, or None when it cannot be decided. Reading time grows with the product of the two lengths.
"""

import functools
from collections.abc import Iterable

ANY = "\0"
"""Replaces in a value a part that can be any text, of any length: `AROA…:\\0` is any session of a role."""

Answer = bool | None


def all_of(answers: Iterable[Answer]) -> Answer:
    """Return False when one is False, else None when one is undecided, else True."""
    undecided = False
    for answer in answers:
        if answer is False:
            return False
        undecided = undecided or answer is None
    return None if undecided else True


def any_of(answers: Iterable[Answer]) -> Answer:
    """Return True when one is True, else None when one is undecided, else False."""
    undecided = False
    for answer in answers:
        if answer:
            return True
        undecided = undecided or answer is None
    return None if undecided else False


def agreed(answers: Iterable[Answer]) -> Answer:
    """Return the answer on which all agree, else None."""
    different = set(answers)
    return different.pop() if len(different) == 1 else None


def equals(value: str, wanted: str) -> Answer:
    """Compare a value with a text without patterns."""
    if ANY not in value:
        return value == wanted
    head, tail = value.split(ANY, 1)
    fits = wanted.startswith(head) and wanted.endswith(tail) and len(wanted) >= len(head) + len(tail)
    return None if fits else False


@functools.lru_cache(maxsize=4096)
def like(value: str, pattern: str) -> Answer:
    """Compare a value with a pattern of StringLike: `*` is any text, `?` any one character."""
    if "?" not in pattern and "*" not in pattern.removesuffix("*"):
        if not pattern.endswith("*"):
            return equals(value, pattern)
        if value.startswith(pattern.removesuffix("*")):
            return True
    if _walk(value, pattern, is_opaque=True):
        return True
    return None if ANY in value and _walk(value, pattern, is_opaque=False) else False


@functools.lru_cache(maxsize=4096)
def arn_like(value: str, pattern: str) -> Answer:
    """Compare an ARN with a pattern of ArnLike, each of the six parts by itself. [IAM User Guide, ARN operators]

    AWS does not say what a pattern of fewer parts matches, so it is undecided.
    """
    parts, patterns = value.split(":", 5), pattern.split(":", 5)
    if len(parts) < 6 or len(patterns) < 6:
        return None
    return all_of(like(part, wanted) for part, wanted in zip(parts, patterns, strict=True))


def _walk(value: str, pattern: str, *, is_opaque: bool) -> bool:
    """Walk the pattern along the value, at all positions together: there is no backtracking for any pattern.

    An unknown part is `is_opaque` a character that only `*` takes; otherwise it can be whatever the pattern asks for.
    """
    end = len(pattern)
    places = _after_stars({0}, pattern)
    for character in value:
        if character == ANY and not is_opaque:
            places = set(range(min(places), end + 1))
            continue
        places = _after_stars({_next(place, pattern) for place in places if _takes(place, pattern, character)}, pattern)
        if not places:
            return False
    return end in places


def _takes(place: int, pattern: str, character: str) -> bool:
    if place == len(pattern):
        return False
    wanted = pattern[place]
    return wanted == "*" or (character != ANY and wanted in ("?", character))


def _next(place: int, pattern: str) -> int:
    return place if pattern[place] == "*" else place + 1


def _after_stars(places: set[int], pattern: str) -> set[int]:
    """Return the places, and those that are reached from them when a `*` takes nothing."""
    reached = set(places)
    for start in places:
        place = start
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            reached.add(place)
    return reached
