"""A policy's statements, each with every list as a list: what the words and the findings are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.explain.globs import matches


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a statement's conditions: all keys must hold, of the values of one key any."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement; what it does not have is empty. Principals are pairs as `("AWS", "arn:…")`."""

    number: int
    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...]
    not_principals: tuple[tuple[str, str], ...]
    conditions: tuple[Condition, ...]

    @property
    def where(self) -> str:
        """Give the words that point at the statement."""
        return f"statement {self.number} ({self.sid})" if self.sid else f"statement {self.number}"

    def names(self, action: str) -> bool:
        """Say whether the statement is about this action, by name, by pattern or by leaving it out of NotAction."""
        wanted = action.lower()
        if self.not_actions:
            return not any(matches(pattern.lower(), wanted) for pattern in self.not_actions)
        return any(matches(pattern.lower(), wanted) for pattern in self.actions)

    def values_of(self, *keys: str) -> tuple[str, ...]:
        """Give what the conditions say of these keys, small and capital letters alike, whatever the operator."""
        wanted = {key.lower() for key in keys}
        return tuple(value for one in self.conditions if one.key.lower() in wanted for value in one.values)


def statements_of(policy: Mapping[str, Any]) -> list[Statement]:
    """Give the statements in their order, numbered from 1; what is no statement is left out."""
    body = enumerate(as_list(policy.get("Statement", [])), 1)
    return [_statement(number, raw) for number, raw in body if isinstance(raw, Mapping)]


def as_list(value: Any) -> list[Any]:
    """Give the list that IAM reads where a policy may have one thing or a list of them."""
    return value if isinstance(value, list) else [value]


def _statement(number: int, raw: Mapping[str, Any]) -> Statement:
    return Statement(
        number=number,
        sid=str(raw.get("Sid", "")),
        allows=raw.get("Effect") == "Allow",
        actions=_texts(raw, "Action"),
        not_actions=_texts(raw, "NotAction"),
        resources=_texts(raw, "Resource"),
        not_resources=_texts(raw, "NotResource"),
        principals=_principals(raw.get("Principal", {})),
        not_principals=_principals(raw.get("NotPrincipal", {})),
        conditions=tuple(_conditions(raw.get("Condition", {}))),
    )


def _texts(raw: Mapping[str, Any], element: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_text, as_list(raw.get(element, [])))))


def _text(value: Any) -> str:
    """Give a value as JSON writes it: conditions may hold true and 3600 without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _principals(raw: Any) -> tuple[tuple[str, str], ...]:
    kinds = raw if isinstance(raw, Mapping) else {"AWS": raw}
    return tuple((str(kind), _text(name)) for kind, names in kinds.items() for name in as_list(names))


def _conditions(raw: Any) -> list[Condition]:
    tests = raw.items() if isinstance(raw, Mapping) else ()
    return [
        Condition(str(operator), str(key), tuple(map(_text, as_list(values))))
        for operator, keys in tests
        if isinstance(keys, Mapping)
        for key, values in keys.items()
    ]
