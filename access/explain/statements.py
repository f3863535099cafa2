"""The statements of a policy, with every value as a list. Descriptions and findings are built from these."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from access.explain.wildcards import has_wildcard, matches
from access.texts.text import Text


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a statement's conditions: all keys must hold, of the values of one key any."""

    operator: str
    key: str
    values: tuple[str, ...]


class Listed:
    """The names and patterns of an Action list, sorted so that long lists answer fast: they are asked very often."""

    __slots__ = ("_exact", "_patterns", "services")

    def __init__(self, listed: Iterable[str]) -> None:
        small = [name.lower() for name in listed]
        self._exact = frozenset(small)
        self._patterns: dict[str, list[str]] = {}  # by service, "" for those of any
        for one in filter(has_wildcard, small):
            service, _, name = one.partition(":")
            self._patterns.setdefault("" if has_wildcard(service) or not name else service, []).append(one)
        self.services = frozenset(name.partition(":")[0] for name in self._exact if ":" in name) | {*self._patterns}

    def __contains__(self, action: str) -> bool:
        wanted, service = action.lower(), action.lower().partition(":")[0]
        patterns = (*self._patterns.get(service, ()), *self._patterns.get("", ()))
        return wanted in self._exact or any(matches(one, wanted) for one in patterns)


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
    listed: Listed = field(compare=False, repr=False)

    @property
    def where(self) -> Text:
        """Return the words that point at the statement."""
        if self.sid:
            return Text("finding_statement_named", {"number": self.number, "sid": self.sid})
        return Text("finding_statement", {"number": self.number})

    @property
    def denies_everywhere(self) -> bool:
        """Return whether this is a Deny on everything that no condition limits."""
        return not self.allows and not self.conditions and "*" in self.resources

    def names(self, action: str) -> bool:
        """Return whether the statement is about this action, by name, by pattern or by leaving it out of NotAction."""
        return (action in self.listed) != bool(self.not_actions)

    def values_of(self, *keys: str) -> tuple[str, ...]:
        """Return what the conditions say of these keys, in upper or lower case, whatever the operator."""
        wanted = {key.lower() for key in keys}
        return tuple(value for one in self.conditions if one.key.lower() in wanted for value in one.values)


@dataclass(frozen=True, slots=True)
class Policy:
    """The statements that count together: of one document, or of all policies of a role."""

    statements: tuple[Statement, ...]
    denying: tuple[Statement, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "denying", tuple(one for one in self.statements if one.denies_everywhere))

    def allows(self, action: str) -> bool:
        """Return whether some statement allows the action and none forbids it always and everywhere."""
        return any(one.allows and one.names(action) for one in self.statements) and not self.denies(action)

    def denies(self, action: str) -> bool:
        """Return whether a Deny without conditions, on everything, is about the action."""
        return any(one.names(action) for one in self.denying)

    def allowed(self, statement: Statement, wanted: Iterable[str]) -> list[str]:
        """Return those of the actions that this statement allows and no statement forbids always and everywhere."""
        if not statement.allows:
            return []
        names = wanted if statement.not_actions else _of_services(tuple(wanted), statement.listed.services)
        return [name for name in names if statement.names(name) and not self.denies(name)]


@functools.lru_cache(maxsize=4096)
def _of_services(wanted: tuple[str, ...], services: frozenset[str]) -> tuple[str, ...]:
    """Return the actions that are of one of the services; all of them for "", which is any service."""
    return wanted if "" in services else tuple(one for one in wanted if one.partition(":")[0].lower() in services)


def statements_of(policy: Mapping[str, Any]) -> list[Statement]:
    """Return the statements in their order, numbered from 1; what is no statement is left out."""
    body = enumerate(as_list(policy.get("Statement", [])), 1)
    return [_statement(number, raw) for number, raw in body if isinstance(raw, Mapping)]


def as_list(value: Any) -> list[Any]:
    """Return the list that IAM reads where a policy can have one thing or a list of them."""
    return value if isinstance(value, list) else [value]


def _statement(number: int, raw: Mapping[str, Any]) -> Statement:
    return Statement(
        number=number,
        sid=str(raw.get("Sid", "")),
        allows=raw.get("Effect") == "Allow",
        actions=_action_names(raw, "Action"),
        not_actions=_action_names(raw, "NotAction"),
        resources=_texts(raw, "Resource"),
        not_resources=_texts(raw, "NotResource"),
        principals=_principals(raw.get("Principal", {})),
        not_principals=_principals(raw.get("NotPrincipal", {})),
        conditions=tuple(_conditions(raw.get("Condition", {}))),
        listed=Listed(_action_names(raw, "NotAction") or _action_names(raw, "Action")),
    )


def _action_names(raw: Mapping[str, Any], element: str) -> tuple[str, ...]:
    """Return the names and patterns of an element; `*:*` is another spelling of `*`, and IAM takes it as that."""
    return tuple(dict.fromkeys("*" if name == "*:*" else name for name in _texts(raw, element)))


def _texts(raw: Mapping[str, Any], element: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_text, as_list(raw.get(element, [])))))


def _text(value: Any) -> str:
    """Return a value as JSON writes it: conditions can hold true and 3600 without quotes."""
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
