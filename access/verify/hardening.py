"""Check a hardening change before it is written: one statement is removed or stricter, and nothing else changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.texts.text import Text
from access.verify.evaluator import statement_list

_ADDED = {
    "external_id": ("StringEquals", "sts:ExternalId"),
    "mfa": ("Bool", "aws:MultiFactorAuthPresent"),
}
_DEFAULT_DENY = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def check_hardened(
    before: Mapping[str, Any], after: Mapping[str, Any], *, how: str, value: str, ours: frozenset[str]
) -> list[Text]:
    """Return every finding; `ours` are the Sids of our own grants, which no hardening change must touch."""
    return list(_findings(before, after, how, value, ours))


def _findings(
    before: Mapping[str, Any], after: Mapping[str, Any], how: str, value: str, ours: frozenset[str]
) -> Iterator[Text]:
    was, now = [*statement_list(before)], [*statement_list(after)]
    gone, added = _without(was, now), _without(now, was)
    if len(gone) != 1 or gone[0].get("Sid") in ours:
        yield Text("hardening_changes_several")
        return
    if gone[0].get("Effect") != "Allow":
        yield Text("hardening_of_deny")
    if how == "remove":
        if added != ([_DEFAULT_DENY] if len(was) == 1 else []):
            yield Text("hardening_adds_statement")
    elif len(added) != 1 or not _asks_for_more(gone[0], added[0], *_ADDED[how], value=value):
        yield Text("hardening_changes_otherwise")
    if {key: one for key, one in before.items() if key not in ("Statement", "Version")} != {
        key: one for key, one in after.items() if key not in ("Statement", "Version")
    }:
        yield Text("hardening_changes_more")
    if before.get("Version") != after.get("Version") and added != [_DEFAULT_DENY]:
        yield Text("hardening_changes_version")


def _without(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return those of `some` that have no match of their own among the others."""
    left, found = list(others), []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            found.append(one)
    return found


def _asks_for_more(was: Mapping[str, Any], now: Mapping[str, Any], operator: str, key: str, *, value: str) -> bool:
    """Return whether `now` is `was` with one condition more, which asks for the value (any, for a second factor:
    true).
    """
    old, held = was.get("Condition", {}), now.get("Condition", {})
    if not isinstance(old, Mapping) or not all(isinstance(tests, Mapping) for tests in held.values()):
        return False
    new = {name: dict(tests) for name, tests in held.items()}
    asked = new.get(operator, {}).pop(key, None)
    if operator in new and not new[operator] and operator not in old:
        del new[operator]
    rest = {name: one for name, one in now.items() if name != "Condition"}
    same_rest = rest == {name: one for name, one in was.items() if name != "Condition"}
    wanted = "true" if key.startswith("aws:Multi") else value
    return same_rest and new == old and bool(asked) and asked == wanted
