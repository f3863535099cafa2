"""Match wildcards as IAM does: `*` for any text, `?` for one character. Callers fold the case where IAM does."""

import fnmatch


def has_wildcard(text: str) -> bool:
    """Return whether the text has a wildcard in it."""
    return "*" in text or "?" in text


def matches(pattern: str, text: str) -> bool:
    """Return whether the pattern takes in the text; the usual `Get*` is tried without a regular expression."""
    start = pattern[:-1]
    if pattern.endswith("*") and not has_wildcard(start):
        return text.startswith(start)
    if not has_wildcard(pattern):
        return pattern == text
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))


def overlap(one: str, other: str) -> bool:
    """Return whether both patterns take in some text. In the second, `\\x00` is a star without slash and colon."""
    # Compare the two patterns row by row: which ends of `other` can this beginning of `one` reach?
    reached = _skipped({0}, other)
    for character in one:
        step = _after_star(reached, other) if character == "*" else _after_one(reached, other, character)
        reached = _skipped(step, other)
        if not reached:
            return False
    return len(other) in reached


def _skipped(reached: set[int], other: str) -> set[int]:
    """Add the places behind stars, which can stand for nothing."""
    grown = set(reached)
    for place, character in enumerate(other):
        if place in grown and character in "*\x00":
            grown.add(place + 1)
    return grown


def _after_one(reached: set[int], other: str, character: str) -> set[int]:
    """Return the places after one more character, "?" being any."""
    after = set()
    for place in reached:
        if place == len(other):
            continue
        if other[place] == "*" or (other[place] == "\x00" and character not in "/:"):
            after.add(place)
        elif "?" in (character, other[place]) or character == other[place]:
            after.add(place + 1)
    return after


def _after_star(reached: set[int], other: str) -> set[int]:
    """Return the places after any text at all: all that lie behind."""
    return set(range(min(reached), len(other) + 1))
