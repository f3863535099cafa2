"""All findings about a policy, the most severe first. Each check is a small function that examines one statement."""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from access.explain import (
    documents,
    escalation,
    exfiltration_findings,
    federation,
    kinds,
    trust_findings,
    unknown_names,
    values,
    wildcard_findings,
)
from access.explain.finding import Finding, text
from access.explain.statements import Policy, Statement, statements_of

_Check = Callable[[Statement, Policy], Iterator[Finding]]
_StatementCheck = Callable[[Statement], Iterator[Finding]]

_OF_NAMES: tuple[_StatementCheck, ...] = (
    unknown_names.find_unknown_actions,
    unknown_names.find_wrong_resources,
    unknown_names.find_unknown_operators,
    unknown_names.find_unknown_keys,
    unknown_names.find_keys_not_sent,
    kinds.find_wrong_operators,
    values.find_bad_values,
    values.find_open_networks,
)
_OF_PERMISSIONS: tuple[_Check, ...] = (
    wildcard_findings.find_all_actions,
    wildcard_findings.find_whole_services,
    wildcard_findings.find_patterns,
    wildcard_findings.find_all_resources,
    wildcard_findings.find_all_but,
    escalation.find_escalation,
    escalation.find_passing,
    escalation.find_detours,
    exfiltration_findings.find_all_data,
    exfiltration_findings.find_carrying_out,
    exfiltration_findings.find_credentials,
    exfiltration_findings.find_resource_sharing,
    exfiltration_findings.find_missing_owner,
)


def find_in_permissions(policy: Mapping[str, Any]) -> list[Finding]:
    """Return what is wide or wrong in a permissions policy, the weightiest first."""
    statements = tuple(statements_of(policy))
    found = _found(statements, Policy(statements), names_too=True)
    return _ordered([*found, *documents.find_version(policy, statements)])


def find_in_role(policy: Mapping[str, Any], *, managed: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Return the findings about a role's own policy and its managed ones; `where` names the policy if it is managed.

    All of them count together: what one allows can complete what another begins, and what one forbids nobody can do.
    A policy that AWS keeps is judged by what it permits only: nobody here can correct its spelling.
    """
    own = tuple(statements_of(policy))
    others = {arn: tuple(statements_of(document)) for arn, document in managed.items()}
    together = Policy((*own, *(one for statements in others.values() for one in statements)))
    found = [*_found(own, together, names_too=True)]
    found += documents.find_version(policy, own) if policy else []
    for arn, statements in others.items():
        name = arn.rpartition("/")[2]
        of_it = _found(statements, together, names_too=":iam::aws:" not in arn)
        found += [
            dataclasses.replace(finding, where=text("in_policy", policy=name, where=finding.where)) for finding in of_it
        ]
    return _ordered(found)


def find_in_trust(document: Mapping[str, Any], *, account_id: str = "") -> list[Finding]:
    """Return what is wide or wrong in a trust policy of a role in this account, the weightiest first."""
    statements = statements_of(document)
    found = [finding for one in statements for finding in _of_trust(one, account_id)]
    return _ordered([*found, *documents.find_version(document, statements)])


def _of_trust(statement: Statement, account_id: str) -> Iterator[Finding]:
    yield from trust_findings.find_anybody(statement)
    yield from trust_findings.find_whole_accounts(statement, account_id)
    yield from trust_findings.find_other_accounts(statement, account_id)
    yield from federation.find_open_federation(statement)
    yield from trust_findings.find_deleted(statement)
    for check in _OF_NAMES:
        yield from check(statement)


@functools.lru_cache(maxsize=256)
def _found(statements: tuple[Statement, ...], policy: Policy, *, names_too: bool) -> tuple[Finding, ...]:
    """Return what is found in statements of a policy; kept, because pages ask for the same roles again and again."""
    found = [finding for one in statements for check in _OF_PERMISSIONS for finding in check(one, policy)]
    of_names = [finding for one in statements for check in _OF_NAMES for finding in check(one)]
    return (*found, *(of_names if names_too else ()))


def _ordered(found: list[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(found), key=lambda finding: finding.weight.rank)
