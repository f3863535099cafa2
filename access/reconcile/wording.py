"""Return why an attempt to update a role failed: the kind of problem, and a text for people."""

from access import aws, trust
from access.ledger.chain import AuditUnavailable
from access.lifecycle import Problem
from access.reconcile.plan import Undecided, VerifierRefused
from access.texts.text import CodedError, Text

_PROBLEM_OF: tuple[tuple[type[CodedError], Problem], ...] = (
    (aws.Throttled, Problem.AWS_THROTTLED),
    (aws.Denied, Problem.AWS_DENIED),
    (aws.RoleMissing, Problem.ROLE_MISSING),
    (aws.PolicyFull, Problem.POLICY_FULL),
    (aws.PolicyRefused, Problem.POLICY_REFUSED),
    (trust.NotWritable, Problem.POLICY_REFUSED),
    (VerifierRefused, Problem.VERIFIER_REFUSED),
    (Undecided, Problem.INTERNAL_ERROR),
    (aws.AwsError, Problem.AWS_UNAVAILABLE),
)


def text_of(error: Exception) -> tuple[Problem, Text]:
    """Return the problem of an error, and a text for people. For an unexpected error, the text names only the type."""
    if isinstance(error, AuditUnavailable):
        return Problem.AUDIT_UNAVAILABLE, Text("audit_log_unavailable")
    for kind, word in _PROBLEM_OF:
        if isinstance(error, kind):
            return word, error.text
    return Problem.INTERNAL_ERROR, Text("internal_error", {"kind": type(error).__name__})
