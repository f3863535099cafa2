"""All findings about a policy, the weightiest first. Each rule is a small function over one statement."""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from access.explain import documents, escalation, federation, leaks, openings, spelling, values, wide
from access.explain.finding import Finding
from access.explain.statements import Statement, statements_of

_Rule = Callable[[Statement], Iterator[Finding]]

_OF_SPELLING: tuple[_Rule, ...] = (
    spelling.find_unknown_actions,
    spelling.find_wrong_resources,
    spelling.find_unknown_operators,
    spelling.find_unknown_keys,
    spelling.find_keys_not_sent,
    values.find_bad_values,
    values.find_open_networks,
)
_OF_PERMISSIONS: tuple[_Rule, ...] = (
    wide.find_all_actions,
    wide.find_whole_services,
    wide.find_patterns,
    wide.find_all_resources,
    wide.find_all_but,
    escalation.find_escalation,
    escalation.find_detours,
    leaks.find_all_data,
    leaks.find_carrying_out,
    leaks.find_opening,
    leaks.find_missing_owner,
)


def find_in_permissions(policy: Mapping[str, Any]) -> list[Finding]:
    """Give what is wide or wrong in a permissions policy, the weightiest first."""
    statements = statements_of(policy)
    found = _found(statements, (*_OF_PERMISSIONS, *_OF_SPELLING))
    return _ordered([*found, *documents.find_version(policy, statements)])


def find_in_role(policy: Mapping[str, Any], *, managed: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Give the findings about a role's own policy and its managed ones; `where` names the policy if it is managed.

    A policy that AWS keeps is judged by what it permits only: nobody here can mend its spelling.
    """
    found = find_in_permissions(policy) if policy else []
    for arn, document in managed.items():
        rules = _OF_PERMISSIONS if ":iam::aws:" in arn else (*_OF_PERMISSIONS, *_OF_SPELLING)
        name = arn.rpartition("/")[2]
        of_it = _found(statements_of(document), rules)
        found += [dataclasses.replace(finding, where=f"{name}, {finding.where}") for finding in of_it]
    return _ordered(found)


def find_in_trust(document: Mapping[str, Any], *, account_id: str = "") -> list[Finding]:
    """Give what is wide or wrong in a trust policy of a role in this account, the weightiest first."""
    statements = statements_of(document)
    found = [finding for one in statements for finding in _of_trust(one, account_id)]
    return _ordered([*found, *documents.find_version(document, statements)])


def _of_trust(statement: Statement, account_id: str) -> Iterator[Finding]:
    yield from openings.find_anybody(statement)
    yield from openings.find_whole_accounts(statement, account_id)
    yield from openings.find_outsiders(statement, account_id)
    yield from federation.find_open_federation(statement)
    yield from openings.find_deleted(statement)
    for rule in _OF_SPELLING:
        yield from rule(statement)


def _found(statements: Sequence[Statement], rules: Sequence[_Rule]) -> list[Finding]:
    return [finding for statement in statements for rule in rules for finding in _by_rule(rule, statement)]


@functools.lru_cache(maxsize=8192)
def _by_rule(rule: _Rule, statement: Statement) -> tuple[Finding, ...]:
    """Give what one rule finds in one statement; kept, because pages ask for the same roles again and again."""
    return tuple(rule(statement))


def _ordered(found: list[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(found), key=lambda finding: finding.weight.rank)
