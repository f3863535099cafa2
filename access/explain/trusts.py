"""Describe a trust policy: who can assume the role, from when to when, and under which conditions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access import arns
from access.explain.conditions import conditions_in_words, operator_parts
from access.explain.statements import Condition, Statement, statements_of
from access.explain.values import is_date
from access.texts.text import Inside, Listed, Text
from access.texts.trusts import WAYS

_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?([0-9]{12})(?::root)?\Z", re.ASCII)
_NAMED = re.compile(r"arn:[^:]*:(?:iam|sts)::([0-9]{12}):(user|role|assumed-role|federated-user)/(.*)\Z", re.ASCII)
_PROVIDER = re.compile(r"arn:[^:]*:iam::([0-9]{12}):(saml|oidc)-provider/(.*)\Z", re.ASCII)


def trust_in_words(document: Mapping[str, Any], *, account_id: str = "") -> list[Text]:
    """Return a trust policy as sentences: one for each statement, and one that nobody else may assume the role.

    `account_id` is the role's own account, so that the sentences can distinguish it from external accounts.
    """
    statements = statements_of(document)
    sentences = [_in_words(statement, account_id) for statement in statements]
    if any(map(admits_anybody, sentences)):
        return sentences
    some_may = any(statement.allows for statement in statements)
    return [*sentences, Text("nobody_else_may" if some_may else "nobody_may")]


def admits_anybody(sentence: Text) -> bool:
    """Return whether a sentence of a trust policy says that anybody in the world may assume the role."""
    who = sentence.facts.get("who")
    codes = [word.code for word in _texts(who.text if isinstance(who, Inside) else who)]
    return any(code in {"who_anybody", "who_anybody_but"} for code in codes)


def _texts(value: object) -> Iterator[Text]:
    """Yield the text, those in it and those of a list."""
    if isinstance(value, Listed):
        for word in value.words:
            yield from _texts(word)
    elif isinstance(value, Text):
        yield value
        for fact in value.facts.values():
            yield from _texts(fact)


def principal_in_words(kind: str, name: str, *, account_id: str = "", allows: bool = True) -> Text:
    """Return who is meant by a principal of a policy, with the account it belongs to."""
    if kind == "Service":
        return Text("who_service", {"name": name})
    if kind == "Federated":
        return _federated(name)
    if name == "*":
        return Text("who_anybody" if allows else "who_anybody_denied")
    if whole := _ACCOUNT.match(name):
        code = "who_account" if allows else "who_account_denied"
        return Text(_own(code, whole[1], account_id), {"account": whole[1]})
    if arns.is_unique_id(name):
        return Text("who_deleted", {"name": name})
    named = _NAMED.match(name)
    return _identity(named, account_id) if named else Text("who_other", {"name": name, "kind": kind})


_NOBODY = {"who_anybody_denied", "who_anybody_but_denied"}  # of a Deny, which "may ever" follows


def window_of(statement: Statement) -> tuple[str, str]:
    """Return the first and the last moment that the conditions set, as they are there, "" where there is none."""
    since = _times(statement, "DateGreaterThanEquals", "DateGreaterThan")
    until = _times(statement, "DateLessThan", "DateLessThanEquals")
    return max(since, default=""), min(until, default="")


def _in_words(statement: Statement, account_id: str) -> Text:
    since, until = window_of(statement)
    others = [one for one in statement.conditions if not _is_shown(one, since, until)]
    who = _who(statement, account_id)
    facts: dict[str, Any] = {"who": Inside(who, begins=True), "done": _done(statement)}
    facts |= {name: value for name, value in (("since", since), ("until", until)) if value}
    if others:
        facts["conditions"] = conditions_in_words(others)
    code = "may" if statement.allows else "may_ever" if who.code in _NOBODY else "may_never"
    window = f"{'_from' if since else ''}{'_until' if until else ''}"
    return Text(f"{code}{window}{'_if' if others else ''}", facts)


def _who(statement: Statement, account_id: str) -> Text:
    denied = "" if statement.allows else "_denied"
    if statement.not_principals:
        excepted = [principal_in_words(kind, name, account_id=account_id) for kind, name in statement.not_principals]
        return Text(f"who_anybody_but{denied}", {"names": Listed(tuple(excepted))})
    named = [
        principal_in_words(kind, name, account_id=account_id, allows=statement.allows)
        for kind, name in statement.principals
    ]
    if len(named) == 1:
        return named[0]
    if everybody := [one for one in named if one.code in _NOBODY]:
        return everybody[0]
    return Text("who_any_of", {"names": Listed(tuple(named), "or")}) if named else Text("who_nobody")


def _done(statement: Statement) -> Text | Listed:
    if statement.not_actions:
        return Text("way_everything_but", {"names": statement.not_actions})
    if any(action in {"*", "sts:*"} for action in statement.actions):
        return Text("way_everything")
    return Listed(tuple(map(_way, statement.actions)))


def _way(action: str) -> Text:
    return Text(f"way_{action.lower()}") if action.lower() in WAYS else Text("way_other", {"action": action})


def _is_shown(one: Condition, since: str, until: str) -> bool:
    """Return whether the window says this condition already."""
    shown = {"DateGreaterThanEquals": since, "DateLessThan": until}
    return one.key.lower() == "aws:currenttime" and len(one.values) == 1 and shown.get(one.operator) == one.values[0]


def _times(statement: Statement, *operators: str) -> Sequence[str]:
    return [
        one.values[0]
        for one in statement.conditions
        if one.key.lower() in {"aws:currenttime", "aws:epochtime"}
        and len(one.values) == 1
        and is_date(one.values[0])
        and operator_parts(one.operator) in [("", name, False) for name in operators]
    ]


def _federated(name: str) -> Text:
    provider = _PROVIDER.match(name)
    if provider is None:
        return Text("who_provider", {"name": name})
    return Text("who_provider_of", {"kind": provider[2].upper(), "name": provider[3], "account": provider[1]})


def _identity(named: re.Match[str], account_id: str) -> Text:
    account, kind, name = named[1], named[2], named[3]
    if kind == "assumed-role":
        role, _, session = name.partition("/")
        facts = {"session": session, "role": role, "account": account}
        return Text(_own("who_session", account, account_id), facts)
    code = {"role": "who_role", "federated-user": "who_federated"}.get(kind, "who_user")
    return Text(_own(code, account, account_id), {"name": name.rpartition("/")[2], "account": account})


def _own(code: str, account: str, own: str) -> str:
    return f"{code}_own" if account == own else code
