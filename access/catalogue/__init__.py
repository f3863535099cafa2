"""What administrators do with the roles of ours. Every verb checks the rules again inside its transaction.

Raises `rules.Refused` with a sentence when it cannot be, and `ledger.Conflict` when somebody was faster or the page no
longer tells the truth.
"""

from access.catalogue.accepting import accept_statement, waiting_statement
from access.catalogue.changes import change, confirm, needs_second, rests_on, withdraw
from access.catalogue.importing import import_role, is_ours, offers, request_hardening, statement_at
from access.catalogue.making import Permissions, check_permissions, make, plan, rename, set_permissions, version_of

__all__ = [
    "Permissions",
    "accept_statement",
    "change",
    "check_permissions",
    "confirm",
    "import_role",
    "is_ours",
    "make",
    "needs_second",
    "offers",
    "plan",
    "rename",
    "request_hardening",
    "rests_on",
    "set_permissions",
    "statement_at",
    "version_of",
    "waiting_statement",
    "withdraw",
]
