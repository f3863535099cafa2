"""Checks for actions with which a session gets more permissions, another identity, or bypasses its expiry.

The actions are those of `access.bypass`, which the gate of `access.verify` asks too.
"""

import re
from collections.abc import Iterator
from typing import Any

from access.bypass import BYPASSES, HELPERS, LAUNCHERS, Bypass, BypassKind, bypass_of, launchers_for
from access.explain.conditions import operator_parts
from access.explain.coverage import Coverage, coverage_of, is_free, narrowing
from access.explain.finding import Finding, Weight, text
from access.explain.resources import completed
from access.explain.statements import Policy, Statement
from access.explain.wildcards import matches
from access.explain.wording import some
from access.texts.text import Listed, Text

_HANDING = "iam:PassRole"
# The last word of the codes of each kind.
_CODES = {
    BypassKind.RIGHTS: "rights",
    BypassKind.IDENTITY: "identity",
    BypassKind.ACCESS: "access",
    BypassKind.CODE: "code",
}
# On named resources these actions do less: they remove or create only named objects, which give no permissions.
_MILD = ("iam:CreateRole", "iam:CreateUser", "iam:Delete", "iam:Detach", "iam:Remove")
_STEPS = tuple(
    dict.fromkeys(
        [
            *(one.action for one in BYPASSES if one.needs),
            *(one.action for one in HELPERS),
            *(name for names in LAUNCHERS.values() for name in names),
        ]
    )
)
_BY_DOCUMENT = (
    "ssm:CreateAssociation", "ssm:CreateAssociationBatch", "ssm:SendCommand", "ssm:StartAutomationExecution",
    "ssm:StartChangeRequestExecution", "ssm:StartSession", "ssm:UpdateAssociation",
)  # fmt: skip
_ON_NODES = ("ssm:SendCommand", "ssm:StartSession")
_NODE = re.compile(r"arn:[^:]*:(?:ec2|ecs|ssm|\*):[^:]*:[^:]*:(?:instance|managed-instance|task|\*)")
_DOCUMENT = re.compile(r":(?:document|automation-definition)/([^:]*)")
_SHELLS = ("AWS-RunShellScript", "AWS-RunPowerShellScript", "SSM-SessionManagerRunShell")


def find_escalation(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find actions that change rights or identities, let others in, or run code with another role."""
    allowed = set(policy.allowed(statement, [one.action for one in BYPASSES]))
    weighed = [(one, _weight(one, statement, policy)) for one in BYPASSES if one.action in allowed]
    for kind, code in _CODES.items():
        for weight in (Weight.HIGH, Weight.MEDIUM):
            found = [one for one, its in weighed if one.kind is kind and its is weight and _is_complete(one, policy)]
            if found:
                yield Finding(
                    weight,
                    "escalation",
                    _held(statement, f"escalation_{code}", names=some(one.action for one in found)),
                    text(f"fix_{code}"),
                    statement.where,
                )


def find_passing(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find iam:PassRole: a session gives a service a role and acts through it."""
    if not policy.allowed(statement, [_HANDING]):
        return
    much, services = coverage_of(_HANDING, statement), _services(statement)
    if much is Coverage.NOTHING:
        return
    launchers = launchers_for(services or ["*"])
    with_it = [name for name in launchers if policy.allows(name)]
    narrowed = [one for one in narrowing(statement) if one.key.lower() != "iam:passedtoservice"]
    if services and not launchers:
        weight = Weight.LOW
    elif much is Coverage.EVERYTHING and not narrowed and (with_it or not services):
        weight = Weight.HIGH
    else:
        weight = Weight.MEDIUM
    facts = {
        "names": some([_HANDING, *with_it]),
        "service": Listed(tuple(services), "or") if services else text("passed_to_a_service"),
        "role": text("passed_any_role" if much is Coverage.EVERYTHING else "passed_named_role"),
    }
    yield Finding(
        weight,
        "escalation",
        _held(statement, "passing_acts" if launchers else "passing", but="iam:passedtoservice", **facts),
        text("fix_passing"),
        statement.where,
    )


def find_detours(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find actions that are a step to it only: something else has to come together, or a role has to be passed."""
    steps = policy.allowed(statement, _STEPS)
    found = [
        name for name in steps if coverage_of(name, statement) is not Coverage.NOTHING and _is_a_step(name, policy)
    ]
    if found:
        yield Finding(
            Weight.MEDIUM,
            "detour",
            _held(statement, "detour", names=some(found)),
            text("fix_code"),
            statement.where,
        )


def _is_a_step(action: str, policy: Policy) -> bool:
    """Return whether the action is not said to suffice already: what it needs is missing, or no role can be passed."""
    found = bypass_of(action)
    if found is None:
        return not policy.allows(_HANDING)
    return found.kind is BypassKind.HELP or not _is_complete(found, policy)


def _weight(one: Bypass, statement: Statement, policy: Policy) -> Weight | None:
    much = coverage_of(one.action, statement)
    if much is Coverage.NOTHING:
        return None
    mild = one.kind is BypassKind.CODE or one.action.startswith(_MILD)
    if any(narrowing(statement)) or much is Coverage.DOUBTFUL or (mild and much is Coverage.NAMED):
        return Weight.MEDIUM
    if any(_is_held_elsewhere(action, policy) for action in (one.action, *one.needs) if action != _HANDING):
        return Weight.MEDIUM
    return Weight.HIGH


def _is_held_to_documents(action: str, policy: Policy) -> bool:
    """Return whether what Systems Manager runs is held to documents that take no command of the caller's.

    The document and the instance are resources of one call, and can be in different statements.
    """
    if action not in _BY_DOCUMENT:
        return False
    having = [one for one in policy.statements if one.allows and one.names(action)]
    free = [one for one in having if not any(narrowing(one))]
    named = any(_documents(one) for one in having)
    shells = any(matches(document, name) for one in free for document in _documents(one) for name in _SHELLS)
    return named and not shells and not any("*" in one.resources or one.not_resources for one in free)


def _is_held_elsewhere(action: str, policy: Policy) -> bool:
    """Return whether another resource of the call has a condition, or is named."""
    return not is_free(action, policy) or _is_held_to_documents(action, policy) or _is_held_to_nodes(action, policy)


def _is_held_to_nodes(action: str, policy: Policy) -> bool:
    """Return whether Systems Manager reaches no instance or task without a condition on it."""
    if action not in _ON_NODES:
        return False
    having = [each for each in policy.statements if each.allows and each.names(action) and not any(narrowing(each))]
    return not any(
        each.not_resources or any(name == "*" or _NODE.match(completed(name)) for name in each.resources)
        for each in having
    )


def _documents(statement: Statement) -> list[str]:
    return [found[1] for text in statement.resources if (found := _DOCUMENT.search(text))]


def _is_complete(one: Bypass, policy: Policy) -> bool:
    return all(policy.allows(action) for action in one.needs)


def _services(statement: Statement) -> list[str]:
    """Return the services that iam:PassedToService holds a PassRole to, none where it does not."""
    held = [one for one in statement.conditions if one.key.lower() == "iam:passedtoservice"]
    positive = [one for one in held if "Not" not in operator_parts(one.operator)[1] and "Null" not in one.operator]
    return [value for one in positive for value in one.values if value != "*"]


def _held(statement: Statement, code: str, *, but: str = "", **facts: Any) -> Text:
    """Return the text of this code, in the form that names the condition keys which hold it where there are some."""
    keys = tuple(dict.fromkeys(one.key for one in narrowing(statement) if one.key.lower() != but))
    return text(f"{code}_held", **facts, keys=Listed(keys)) if keys else text(code, **facts)
