"""Checks for actions by which a session gets further than its role: more rights, other identities, expiry undone.

The actions are those of `access.bypass`, which the gate of `access.verify` asks too.
"""

import re
from collections.abc import Iterator

from access.bypass import BYPASSES, HELPERS, LAUNCHERS, Bypass, BypassKind, bypass_of, launchers_for
from access.explain.conditions import operator_parts
from access.explain.coverage import Coverage, coverage_of, narrowing
from access.explain.finding import Finding, Weight
from access.explain.statements import Policy, Statement
from access.explain.wildcards import matches
from access.explain.wording import joined, some

_HANDING = "iam:PassRole"
_SAID = {
    BypassKind.RIGHTS: "change permissions, its own included, or take a Deny away",
    BypassKind.IDENTITY: "act as another identity, which its end does not stop",
    BypassKind.ACCESS: "let others in, or itself, by a way that outlives its end",
    BypassKind.CODE: "run code that has another role's rights and continues after the end",
}
_FIXES = {
    BypassKind.RIGHTS: "Take the actions out; a temporary role needs no changes in IAM.",
    BypassKind.IDENTITY: "Take the actions out; a temporary role needs no other identity.",
    BypassKind.ACCESS: "Take the actions out; who can sign in is not a temporary role's business.",
    BypassKind.CODE: "Hold it to the resources that are meant, and see which roles those have.",
}
# On named resources these do less: what they remove or make is held to names, and gives no rights itself.
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
_DOCUMENT = re.compile(r":(?:document|automation-definition)/([^:]*)")
_SHELLS = ("AWS-RunShellScript", "AWS-RunPowerShellScript", "SSM-SessionManagerRunShell")


def find_escalation(statement: Statement, policy: Policy) -> Iterator[Finding]:
    """Find actions that change rights or identities, let others in, or run code with another role."""
    allowed = set(policy.allowed(statement, [one.action for one in BYPASSES]))
    weighed = [(one, _weight(one, statement, policy)) for one in BYPASSES if one.action in allowed]
    for kind, said in _SAID.items():
        for weight in (Weight.HIGH, Weight.MEDIUM):
            found = [one for one, its in weighed if one.kind is kind and its is weight and _is_complete(one, policy)]
            if found:
                yield Finding(
                    weight,
                    "escalation",
                    f"With {some(one.action for one in found)} a session can {said}{_held(statement)}.",
                    _FIXES[kind],
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
    whose = "any role" if much is Coverage.EVERYTHING else "a role that Resource names"
    to = joined(services, last="or") or "a service"
    held = _held(statement, but="iam:passedtoservice")
    yield Finding(
        weight,
        "escalation",
        f"With {some([_HANDING, *with_it])} a session can give {to} {whose}{held}"
        + (", and act through it." if launchers else "."),
        "Name the roles in Resource and the service in iam:PassedToService, or take the action out.",
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
            f"With {some(found)} a session can prepare what continues after its end, "
            f"or what another role's rights are used for{_held(statement)}.",
            "Hold it to the resources that are meant, and see which roles those have.",
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
    if any(narrowing(statement)) or (mild and much is Coverage.NAMED) or _is_held_to_documents(one.action, policy):
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


def _documents(statement: Statement) -> list[str]:
    return [found[1] for text in statement.resources if (found := _DOCUMENT.search(text))]


def _is_complete(one: Bypass, policy: Policy) -> bool:
    return all(policy.allows(action) for action in one.needs)


def _services(statement: Statement) -> list[str]:
    """Return the services that iam:PassedToService holds a PassRole to, none where it does not."""
    held = [one for one in statement.conditions if one.key.lower() == "iam:passedtoservice"]
    positive = [one for one in held if "Not" not in operator_parts(one.operator)[1] and "Null" not in one.operator]
    return [value for one in positive for value in one.values if value != "*"]


def _held(statement: Statement, *, but: str = "") -> str:
    keys = dict.fromkeys(one.key for one in narrowing(statement) if one.key.lower() != but)
    return f", where {joined(list(keys))} lets it" if keys else ""
