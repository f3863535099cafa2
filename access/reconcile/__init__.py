"""Converge one role: the database says what should be, this makes AWS so, and only here is AWS's state recorded.

Approve, revoke, expiry, drift and repair all end in `role`. Running it twice changes nothing.
"""

from access.reconcile.connection import check_connection, tests_due
from access.reconcile.convergence import role
from access.reconcile.daily_refresh import read_quotas
from access.reconcile.drift import drifted
from access.reconcile.due import due, revocations_due, revoked
from access.reconcile.plan import VerifierRefused, foresee
from access.reconcile.unmanaged import settle_left_over

__all__ = [
    "VerifierRefused",
    "check_connection",
    "drifted",
    "due",
    "foresee",
    "read_quotas",
    "revocations_due",
    "revoked",
    "role",
    "settle_left_over",
    "tests_due",
]
