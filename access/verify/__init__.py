"""An independent judge of what the compiler wrote: who may assume when, and which session is denied when.

Pure, and shares no code with `access.trust`: a mistake there must not be able to excuse itself here.
"""

from access.verify.callers import Caller
from access.verify.checks import check, check_closing, explain_admission, foreign_admits
from access.verify.escape import may_undo_end
from access.verify.evaluator import admits, denies, statement_list, with_deleted_principal
from access.verify.tightening import check_tightened
from access.verify.unmanaged import blocking_deny, next_date

__all__ = [
    "Caller",
    "admits",
    "blocking_deny",
    "check",
    "check_closing",
    "check_tightened",
    "denies",
    "explain_admission",
    "foreign_admits",
    "may_undo_end",
    "next_date",
    "statement_list",
    "with_deleted_principal",
]
