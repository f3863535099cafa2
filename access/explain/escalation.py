"""Rules for actions by which a session gets further than its role: more rights, other identities, an end undone."""

import functools
from collections.abc import Iterable, Iterator

from access.explain.finding import Finding, Weight
from access.explain.offers import Action, Level, actions_of
from access.explain.phrases import some
from access.explain.statements import Statement

# Beginnings of IAM actions that make an identity, a key or a right. With the actions that AWS itself calls permissions
# management they are what a temporary role must not have; [aws.md §4] says why the end would not end them.
_MAKES = ("Add", "Attach", "Create", "Detach", "Enable", "Pass", "Put", "Set", "Update", "Upload", "Delete")
_HARMLESS = ("iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole")
_OTHERS = ("sts:AssumeRole", "sts:AssumeRoot", "sts:GetFederationToken")
# Code that runs with another role's rights, or on a machine that has some.
_THROUGH = (
    "cloudformation:CreateStack", "cloudformation:UpdateStack", "codebuild:StartBuild", "codebuild:UpdateProject",
    "ec2:ReplaceIamInstanceProfileAssociation", "ec2:RunInstances", "ec2-instance-connect:SendSSHPublicKey",
    "ecs:RunTask", "glue:CreateJob", "glue:UpdateJob", "lambda:CreateFunction", "lambda:UpdateFunctionCode",
    "sagemaker:CreateNotebookInstance", "ssm:SendCommand", "ssm:StartSession", "states:UpdateStateMachine",
)  # fmt: skip


def find_escalation(statement: Statement) -> Iterator[Finding]:
    """Find IAM and STS actions that make rights or identities."""
    found = _allowed(statement, (*_made_by_iam(), *_OTHERS))
    if found:
        yield Finding(
            Weight.HIGH,
            "escalation",
            f"With {some(found)} a session can get more rights than the role has, or outlive its end.",
            "Take the actions out; a temporary role needs neither iam: writes nor other roles.",
            statement.where,
        )


def find_detours(statement: Statement) -> Iterator[Finding]:
    """Find actions that run code with the rights of another role."""
    found = _allowed(statement, _THROUGH)
    if found:
        yield Finding(
            Weight.MEDIUM,
            "detour",
            f"With {some(found)} a session can run code that has another role's rights and goes on after the end.",
            "Hold it to the resources that are meant, and see which roles those have.",
            statement.where,
        )


@functools.cache
def _made_by_iam() -> tuple[str, ...]:
    return tuple(action.name for action in actions_of("iam").values() if _makes(action))


def _makes(action: Action) -> bool:
    if action.name in _HARMLESS:
        return False
    begins = action.name.partition(":")[2].startswith(_MAKES)
    return action.level is Level.PERMIT or (action.level is Level.WRITE and begins)


def _allowed(statement: Statement, wanted: Iterable[str]) -> list[str]:
    return [name for name in wanted if statement.allows and statement.names(name)]
