"""What "because no … policy allows" and "with an explicit deny in …" mean, for each kind of policy.

Grounds: IAM User Guide, "Troubleshoot access denied error messages" and "Policy evaluation logic".
"""

from collections.abc import Iterator
from typing import Literal

from access.diagnose.parsing import Refusal
from access.diagnose.reason import Reason

_YOUR_ADMINISTRATOR = "Send AWS's error message to the administrator of your own account: it names the policy."
_ASK_BOTH = "Send AWS's error message to an approver: it names the policy."
# Whether the policy is missing or denies, words of its kind, whether it was AssumeRole that was refused (or either).
_POLICIES: tuple[tuple[Literal["missing", "denied"], str, bool | None, Reason], ...] = (
    (
        "missing",
        "identity-based",
        True,
        Reason(
            "certain",
            "Your own account does not let you assume the role: no identity policy there allows it.",
            "Send your administrator the policy from the request's page.",
        ),
    ),
    (
        "missing",
        "trust",
        True,
        Reason(
            "likely", "The role's trust policy does not allow this call.", "Check session name, identity and window."
        ),
    ),
    (
        "missing",
        "resource-based",
        True,
        Reason(
            "likely", "The role's trust policy does not allow this call.", "Check session name, identity and window."
        ),
    ),
    (
        "missing",
        "session",
        False,
        Reason(
            "certain",
            "The session was opened with a session policy that does not allow this.",
            "Open it without a policy.",
        ),
    ),
    (
        "missing",
        "session",
        True,
        Reason(
            "certain",
            "The session that you called with was opened with a session policy that does not allow sts:AssumeRole.",
            "Open your own session without a policy, or with one that allows it.",
        ),
    ),
    (
        "denied",
        "session",
        True,
        Reason(
            "certain",
            "The session that you called with was opened with a session policy that denies sts:AssumeRole.",
            "Open your own session without that policy.",
        ),
    ),
    (
        "missing",
        "boundar",
        True,
        Reason("certain", "Your own permissions boundary does not allow you to assume the role.", _YOUR_ADMINISTRATOR),
    ),
    (
        "denied",
        "boundar",
        True,
        Reason("certain", "Your own permissions boundary denies it.", _YOUR_ADMINISTRATOR),
    ),
    (
        "missing",
        "boundar",
        False,
        Reason("certain", "The role's permissions boundary does not allow it.", "Ask for another role."),
    ),
    (
        "denied",
        "boundar",
        False,
        Reason("certain", "The role's permissions boundary denies it.", "Ask for another role."),
    ),
    (
        "denied",
        "identity-based",
        True,
        Reason("certain", "A policy of your own account denies it.", "Your administrator must change that policy."),
    ),
    (
        "denied",
        "identity-based",
        False,
        Reason("likely", "The session belongs to a grant that has ended.", "Open a new one; delete ~/.aws/cli/cache."),
    ),
    (
        "denied",
        "session",
        False,
        Reason("likely", "The session is past the end of the grant.", "Request access again."),
    ),
    (
        "denied",
        "trust",
        None,
        Reason(
            "certain",
            "The role's trust policy denies it explicitly.",
            "Tell an approver that no one can assume the role.",
        ),
    ),
    (
        "missing",
        "service control",
        None,
        Reason("certain", "An organisation's policy does not allow it.", _ASK_BOTH),
    ),
    (
        "denied",
        "service control",
        None,
        Reason("certain", "An organisation's policy denies it.", _ASK_BOTH),
    ),
    (
        "missing",
        "resource control",
        None,
        Reason("certain", "An organisation's policy does not allow it.", _ASK_BOTH),
    ),
    (
        "denied",
        "resource control",
        None,
        Reason("certain", "An organisation's policy denies it.", _ASK_BOTH),
    ),
    (
        "missing",
        "vpc endpoint",
        None,
        Reason(
            "certain", "The policy of the VPC endpoint does not allow it.", "Ask the administrator of your network."
        ),
    ),
    (
        "denied",
        "vpc endpoint",
        None,
        Reason("certain", "The policy of the VPC endpoint denies it.", "Ask the administrator of your network."),
    ),
)

# What the policy of a resource is called, and who can change it, by the service in the resource's ARN.
_OWN_POLICIES = {
    "s3": ("bucket policy", "The bucket's owner"),
    "secretsmanager": ("resource policy of the secret", "The secret's owner"),
    "kms": ("key policy", "The key's administrator"),
    "lambda": ("resource policy of the function", "The function's owner"),
    "sqs": ("queue policy", "The queue's owner"),
    "sns": ("topic policy", "The topic's owner"),
    "ecr": ("repository policy", "The repository's owner"),
    "dynamodb": ("resource policy of the table", "The table's owner"),
}


def of_the_policies(refusal: Refusal) -> Iterator[Reason]:
    """Return what the kind of policy that AWS names means, for AssumeRole and for other calls."""
    assume = refusal.action == "sts:AssumeRole"
    for named, kind, on_assume, reason in _POLICIES:
        said = refusal.missing_in if named == "missing" else refusal.denied_in
        if kind in said.lower() and on_assume in {None, assume}:
            yield reason
    if not refusal.action.startswith("sts:"):
        yield from _of_the_resource(refusal)


def _of_the_resource(refusal: Refusal) -> Iterator[Reason]:
    service = (refusal.resource or f"::{refusal.action}").split(":")[2]
    policy, owner = _OWN_POLICIES.get(service, ("policy of the resource", "The resource's owner"))
    if "resource-based" in refusal.missing_in.lower():
        yield Reason("likely", f"The {policy} does not allow this session.", f"{owner} must allow the role there.")
    if "resource-based" in refusal.denied_in.lower():
        yield Reason("certain", f"The {policy} denies it explicitly.", f"{owner} must change it.")
