"""The meaning of "because no … policy allows" and "with an explicit deny in …" for each kind of policy.

Grounds: IAM User Guide, "Troubleshoot access denied error messages" and "Policy evaluation logic".
"""

from collections.abc import Iterator
from typing import Literal

from access.diagnose.parsing import Refusal
from access.diagnose.reason import Reason, fix, why

_YOUR_ADMINISTRATOR = fix("your_administrator")
_ASK_BOTH = fix("send_approver")
# Whether the policy is missing or denies, words of its kind, whether it was AssumeRole that was refused (or either).
_POLICIES: tuple[tuple[Literal["missing", "denied"], str, bool | None, Reason], ...] = (
    (
        "missing",
        "identity-based",
        True,
        Reason(
            "certain",
            why("identity_missing_for_assume"),
            fix("send_policy"),
        ),
    ),
    (
        "missing",
        "trust",
        True,
        Reason("likely", why("trust_missing"), fix("check_session")),
    ),
    (
        "missing",
        "resource-based",
        True,
        Reason("likely", why("trust_missing"), fix("check_session")),
    ),
    (
        "missing",
        "session",
        False,
        Reason(
            "certain",
            why("session_policy_missing"),
            fix("without_policy"),
        ),
    ),
    (
        "missing",
        "session",
        True,
        Reason(
            "certain",
            why("session_policy_missing_for_assume"),
            fix("own_session_without_policy"),
        ),
    ),
    (
        "denied",
        "session",
        True,
        Reason(
            "certain",
            why("session_policy_denies_assume"),
            fix("own_session_without_that"),
        ),
    ),
    (
        "missing",
        "boundar",
        True,
        Reason("certain", why("own_boundary_missing"), _YOUR_ADMINISTRATOR),
    ),
    (
        "denied",
        "boundar",
        True,
        Reason("certain", why("own_boundary_denies"), _YOUR_ADMINISTRATOR),
    ),
    (
        "missing",
        "boundar",
        False,
        Reason("certain", why("boundary_missing"), fix("other_role")),
    ),
    (
        "denied",
        "boundar",
        False,
        Reason("certain", why("boundary_denies"), fix("other_role")),
    ),
    (
        "denied",
        "identity-based",
        True,
        Reason("certain", why("own_policy_denies"), fix("administrator_changes")),
    ),
    (
        "denied",
        "identity-based",
        False,
        Reason("likely", why("grant_ended"), fix("new_session")),
    ),
    (
        "denied",
        "session",
        False,
        Reason("likely", why("past_end"), fix("request_again")),
    ),
    (
        "denied",
        "trust",
        None,
        Reason(
            "certain",
            why("trust_denies"),
            fix("tell_approver"),
        ),
    ),
    (
        "missing",
        "service control",
        None,
        Reason("certain", why("organisation_missing"), _ASK_BOTH),
    ),
    (
        "denied",
        "service control",
        None,
        Reason("certain", why("organisation_denies"), _ASK_BOTH),
    ),
    (
        "missing",
        "resource control",
        None,
        Reason("certain", why("organisation_missing"), _ASK_BOTH),
    ),
    (
        "denied",
        "resource control",
        None,
        Reason("certain", why("organisation_denies"), _ASK_BOTH),
    ),
    (
        "missing",
        "vpc endpoint",
        None,
        Reason("certain", why("endpoint_missing"), fix("network_administrator")),
    ),
    (
        "denied",
        "vpc endpoint",
        None,
        Reason("certain", why("endpoint_denies"), fix("network_administrator")),
    ),
)

# Services for whose resource policies people use a special name, such as "bucket policy".
_NAMED = frozenset({"s3", "secretsmanager", "kms", "lambda", "sqs", "sns", "ecr", "dynamodb"})


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
    kind = service if service in _NAMED else "resource"
    if "resource-based" in refusal.missing_in.lower():
        yield Reason("likely", why(f"resource_missing_{kind}"), fix(f"allow_in_{kind}"))
    if "resource-based" in refusal.denied_in.lower():
        yield Reason("certain", why(f"resource_denies_{kind}"), fix(f"change_{kind}"))
