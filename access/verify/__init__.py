"""The verifier: work out independently when a principal can assume a role, and when a session is denied.

Pure, and shares no code with `access.trust`: a mistake there must not be able to excuse itself here.
"""

from access.verify.callers import Caller
from access.verify.checks import check, check_expiry_policy, explain_admission, unmanaged_admits
from access.verify.escape import can_bypass_expiry
from access.verify.evaluator import admits, denies, statement_list, with_deleted_principal
from access.verify.expiry import own_denies
from access.verify.hardening import check_hardened
from access.verify.unmanaged import blocking_deny, next_date

__all__ = [
    "Caller",
    "admits",
    "blocking_deny",
    "can_bypass_expiry",
    "check",
    "check_expiry_policy",
    "check_hardened",
    "denies",
    "explain_admission",
    "next_date",
    "own_denies",
    "statement_list",
    "unmanaged_admits",
    "with_deleted_principal",
]
