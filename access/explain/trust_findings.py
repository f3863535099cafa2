"""Checks of trust policies: who can assume the role by mistake, and what limits them."""

import re
from collections.abc import Iterator

from access import arns
from access.explain.finding import Finding, Weight, text
from access.explain.held import (
    asks_for_external_id,
    asks_for_mfa,
    asks_for_session_name,
    is_held_to_accounts,
    is_held_to_identities,
    is_held_to_organization,
)
from access.explain.statements import Statement
from access.explain.trusts import principal_in_words, window_of

_ACCOUNT_IN = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?([0-9]{12})(?::|\Z)", re.ASCII)
_WHOLE = re.compile(r"(?:[0-9]{12}|arn:[^:]*:iam::[0-9]{12}:root)\Z", re.ASCII)


def find_anybody(statement: Statement) -> Iterator[Finding]:
    """Find an Allow for everybody, or for everybody but a few."""
    if not statement.allows:
        return
    if statement.not_principals:
        yield Finding(Weight.HIGH, "anybody", text("anybody_but"), text("fix_name_principal"), statement.where)
    elif ("AWS", "*") in statement.principals:
        held = is_held_to_organization(statement) or is_held_to_accounts(statement) or is_held_to_identities(statement)
        yield Finding(
            Weight.MEDIUM if held else Weight.HIGH,
            "anybody",
            text("anybody_held" if held else "anybody"),
            text("fix_name_one"),
            statement.where,
        )


def find_whole_accounts(statement: Statement, account_id: str) -> Iterator[Finding]:
    """Find a whole account as principal: its administrators choose who is admitted; in our own, a session can too."""
    for kind, name in statement.principals if statement.allows else ():
        if kind != "AWS" or not _WHOLE.match(name) or is_held_to_identities(statement):
            continue
        own = bool(account_id) and account_id in name
        yield Finding(
            Weight.MEDIUM,
            "whole-account",
            text(
                "whole_account_own" if own else "whole_account",
                who=principal_in_words(kind, name, account_id=account_id),
            ),
            text("fix_name_one"),
            statement.where,
        )


def find_other_accounts(statement: Statement, account_id: str) -> Iterator[Finding]:
    """Find principals of other accounts that are held by no window, external id or second factor.

    A statement that names one session and its window is as restrictive as possible, and yields no finding.
    """
    outside = [name for kind, name in statement.principals if kind == "AWS" and _is_outside(name, account_id)]
    until = window_of(statement)[1]
    if not statement.allows or not outside or (until and asks_for_session_name(statement)):
        return
    if not until:
        said = text("no_window", name=outside[0])
        yield Finding(Weight.MEDIUM, "no-window", said, text("fix_window"), statement.where)
    if not asks_for_external_id(statement):
        said = text("no_external_id", name=outside[0])
        yield Finding(Weight.LOW, "no-external-id", said, text("fix_external_id"), statement.where)
    if not asks_for_mfa(statement):
        yield Finding(Weight.NOTE, "no-mfa", text("no_mfa", name=outside[0]), text("fix_mfa"), statement.where)


def find_deleted(statement: Statement) -> Iterator[Finding]:
    """Find ids of deleted principals: they match nobody, and IAM refuses every write that names them."""
    for name in (name for _, name in (*statement.principals, *statement.not_principals) if arns.is_unique_id(name)):
        said = text("deleted_principal", name=name)
        yield Finding(Weight.LOW, "deleted-principal", said, text("fix_take_out"), statement.where)


def _is_outside(name: str, account_id: str) -> bool:
    found = _ACCOUNT_IN.match(name)
    return found is not None and found[1] != account_id
