"""Rules for trust policies: who could become the role whom nobody meant, and what holds him to it."""

import re
from collections.abc import Iterator

from access import arns
from access.explain.finding import Finding, Weight
from access.explain.statements import Statement
from access.explain.trusts import principal_in_words, window_of

_ACCOUNT_IN = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?([0-9]{12})(?::|\Z)", re.ASCII)
_WHOLE = re.compile(r"(?:[0-9]{12}|arn:[^:]*:iam::[0-9]{12}:root)\Z", re.ASCII)
_HOLDS = (
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:userid",
)
_SUBJECT = re.compile(r".*:(?:sub|aud|app_id|user_id|amr)\Z", re.IGNORECASE)


def find_anybody(statement: Statement) -> Iterator[Finding]:
    """Find an Allow for everybody, or for everybody but a few."""
    if not statement.allows:
        return
    if statement.not_principals:
        said = "NotPrincipal with Allow lets the whole world in, but for the few that it names."
        yield Finding(Weight.HIGH, "anybody", said, "Name who is meant, with Principal.", statement.where)
    elif ("AWS", "*") in statement.principals:
        held = bool(statement.values_of(*_HOLDS))
        yield Finding(
            Weight.MEDIUM if held else Weight.HIGH,
            "anybody",
            "It lets in anybody in the world" + (" who meets the conditions." if held else "."),
            "Name the one user or role that is meant.",
            statement.where,
        )


def find_whole_accounts(statement: Statement, account_id: str) -> Iterator[Finding]:
    """Find a whole account as principal: its administrators choose who gets in; in our own, so may a session."""
    for kind, name in statement.principals if statement.allows else ():
        if kind != "AWS" or not _WHOLE.match(name) or statement.values_of("aws:PrincipalArn", "aws:userid"):
            continue
        own = bool(account_id) and account_id in name
        yield Finding(
            Weight.MEDIUM,
            "whole-account",
            f"It lets in {principal_in_words(kind, name, account_id=account_id)}"
            + (", and a session of this role could let itself in again." if own else "."),
            "Name the one user or role that is meant.",
            statement.where,
        )


def find_outsiders(statement: Statement, account_id: str) -> Iterator[Finding]:
    """Find principals of other accounts that are held by no window, external id or second factor.

    A statement that names one session and its window is as narrow as it can be, and nothing is said of it.
    """
    outside = [name for kind, name in statement.principals if kind == "AWS" and _is_outside(name, account_id)]
    until = window_of(statement)[1]
    if not statement.allows or not outside or (until and statement.values_of("sts:RoleSessionName")):
        return
    if not until:
        said = f"It never ends for {outside[0]}: there is no last moment."
        yield Finding(Weight.MEDIUM, "no-window", said, "Add DateLessThan aws:CurrentTime.", statement.where)
    if not statement.values_of("sts:ExternalId"):
        said = f"It asks {outside[0]}, of another account, for no external id."
        yield Finding(Weight.LOW, "no-external-id", said, "Add StringEquals sts:ExternalId.", statement.where)
    if not statement.values_of("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"):
        said = f"It asks {outside[0]} for no second factor."
        yield Finding(Weight.NOTE, "no-mfa", said, "Add Bool aws:MultiFactorAuthPresent true.", statement.where)


def find_open_federation(statement: Statement) -> Iterator[Finding]:
    """Find identity providers that let in all of their users: nothing says for whom the token must be."""
    named = [name for kind, name in statement.principals if kind == "Federated"]
    if statement.allows and named and not any(_SUBJECT.match(one.key) for one in statement.conditions):
        yield Finding(
            Weight.HIGH,
            "open-federation",
            f"It lets in everybody whom {named[0]} signs in, whatever the token is for.",
            "Add a condition on the provider's aud and sub.",
            statement.where,
        )


def find_deleted(statement: Statement) -> Iterator[Finding]:
    """Find ids of deleted principals: they match nobody, and IAM refuses every write that names them."""
    for name in (name for _, name in (*statement.principals, *statement.not_principals) if arns.is_unique_id(name)):
        said = f"{name} is the id of a user or role that was deleted."
        yield Finding(Weight.LOW, "deleted-principal", said, "Take it out.", statement.where)


def _is_outside(name: str, account_id: str) -> bool:
    found = _ACCOUNT_IN.match(name)
    return found is not None and found[1] != account_id
