"""A trust policy in plain words: who may assume the role, from when to when, and under which conditions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from access import arns
from access.explain.conditions import condition_in_words, operator_parts
from access.explain.statements import Condition, Statement, statements_of
from access.explain.values import is_date
from access.explain.wording import joined

_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?([0-9]{12})(?::root)?\Z", re.ASCII)
_NAMED = re.compile(r"arn:[^:]*:(?:iam|sts)::([0-9]{12}):(user|role|assumed-role|federated-user)/(.*)\Z", re.ASCII)
_PROVIDER = re.compile(r"arn:[^:]*:iam::([0-9]{12}):(saml|oidc)-provider/(.*)\Z", re.ASCII)
_WAYS = {
    "sts:assumerole": "assume the role",
    "sts:assumerolewithsaml": "assume the role by SAML",
    "sts:assumerolewithwebidentity": "assume the role by a web identity",
    "sts:tagsession": "give the session tags",
    "sts:setsourceidentity": "give the session a source identity",
    "sts:setcontext": "give the session a context",
}


def trust_in_words(document: Mapping[str, Any], *, account_id: str = "") -> list[str]:
    """Return a trust policy as sentences: one for each statement, and one that nobody else may assume the role.

    `account_id` is the role's own account, so that the sentences can distinguish it from external accounts.
    """
    statements = statements_of(document)
    sentences = [_in_words(statement, account_id) for statement in statements]
    if any("ANYBODY IN THE WORLD" in sentence for sentence in sentences):
        return sentences
    others = "else " if any(statement.allows for statement in statements) else ""
    return [*sentences, f"Nobody {others}may assume the role."]


def principal_in_words(kind: str, name: str, *, account_id: str = "") -> str:
    """Return who is meant by a principal of a policy, with the account it belongs to."""
    if kind == "Service":
        return f"the AWS service {name}"
    if kind == "Federated":
        return _federated(name)
    if name == "*":
        return "ANYBODY IN THE WORLD"
    if whole := _ACCOUNT.match(name):
        return f"anybody in {_account(whole[1], account_id)} whom its administrators let"
    if arns.is_unique_id(name):
        return f"the deleted {name} (nobody)"
    named = _NAMED.match(name)
    return _identity(named, account_id) if named else f"{name} ({kind})"


def window_of(statement: Statement) -> tuple[str, str]:
    """Return the first and the last moment that the conditions set, as they are there, "" where there is none."""
    since = _times(statement, "DateGreaterThanEquals", "DateGreaterThan")
    until = _times(statement, "DateLessThan", "DateLessThanEquals")
    return max(since, default=""), min(until, default="")


def _in_words(statement: Statement, account_id: str) -> str:
    who = _who(statement, account_id)
    who = who if statement.allows else who.replace("ANYBODY IN THE WORLD", "anybody")
    verb = "may" if statement.allows else "may never"
    since, until = window_of(statement)
    window = "".join([f" from {since}" if since else "", f" until {until}" if until else ""])
    others = [condition_in_words(one) for one in statement.conditions if not _is_shown(one, since, until)]
    only = f", only if {' and '.join(others)}" if others else ""
    return f"{who[0].upper()}{who[1:]} {verb} {_done(statement)}{window}{only}."


def _who(statement: Statement, account_id: str) -> str:
    if statement.not_principals:
        excepted = [principal_in_words(kind, name, account_id=account_id) for kind, name in statement.not_principals]
        return f"ANYBODY IN THE WORLD but {joined(excepted)}"
    named = [principal_in_words(kind, name, account_id=account_id) for kind, name in statement.principals]
    return joined(named, last="or") or "nobody"


def _done(statement: Statement) -> str:
    if statement.not_actions:
        return f"do EVERYTHING with the role but {', '.join(statement.not_actions)}"
    if any(action in {"*", "sts:*"} for action in statement.actions):
        return "do EVERYTHING with the role"
    return joined([_WAYS.get(action.lower(), f"use {action} on the role") for action in statement.actions])


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


def _federated(name: str) -> str:
    provider = _PROVIDER.match(name)
    if provider is None:
        return f"anybody whom {name} signs in"
    return f"anybody whom the {provider[2].upper()} provider {provider[3]} of account {provider[1]} signs in"


def _identity(named: re.Match[str], account_id: str) -> str:
    account, (kind, name) = _account(named[1], account_id), (named[2], named[3])
    if kind == "assumed-role":
        role, _, session = name.partition("/")
        return f"the session {session} of role {role} of {account}"
    if kind == "role":
        return f"anybody with the role {name.rpartition('/')[2]} of {account}"
    return f"{'the federated user' if kind == 'federated-user' else 'the user'} {name.rpartition('/')[2]} of {account}"


def _account(number: str, own: str) -> str:
    return f"our own account {number}" if number == own else f"account {number}"
