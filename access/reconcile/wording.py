"""Return what an attempt at a role failed with: a machine word and a sentence for people."""

from access import aws, trust
from access.ledger.chain import AuditUnavailable
from access.lifecycle import Problem
from access.reconcile.plan import Undecided, VerifierRefused

_PROBLEM_OF: tuple[tuple[type[Exception], Problem], ...] = (
    (aws.Throttled, Problem.AWS_THROTTLED),
    (aws.Denied, Problem.AWS_DENIED),
    (aws.RoleMissing, Problem.ROLE_MISSING),
    (aws.PolicyFull, Problem.POLICY_FULL),
    (aws.PolicyRefused, Problem.POLICY_REFUSED),
    (trust.NotWritable, Problem.POLICY_REFUSED),
    (VerifierRefused, Problem.VERIFIER_REFUSED),
    (Undecided, Problem.INTERNAL_ERROR),
    (AuditUnavailable, Problem.AUDIT_UNAVAILABLE),
    (aws.AwsError, Problem.AWS_UNAVAILABLE),
)
INTERNAL = (
    "Daypass met an error of its own at this role ({kind}). Revoked and ended grants are still denied in AWS where AWS "
    "accepts it. Everything else is retried automatically. The worker's log has the details."
)


def in_words(error: Exception) -> tuple[Problem, str]:
    """Return the code of an error and a sentence for people; of an unexpected error it names only the type."""
    for kind, word in _PROBLEM_OF:
        if isinstance(error, kind):
            return word, str(error)[:1000]
    return Problem.INTERNAL_ERROR, INTERNAL.format(kind=type(error).__name__)[:1000]
