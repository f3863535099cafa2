"""Change facts and append to the audit chain, in one transaction: both happen or neither does."""

from access.ledger.chain import Entry, append, append_all, broken_links, event_hash, role_subject, subject_of
from access.ledger.changes import (
    Conflict,
    add_twin,
    decide,
    give,
    lapse_overdue,
    mark_applied,
    mark_problem,
    mark_removed,
    prolong,
    revoke,
    settle,
    submit,
    want,
)
from access.ledger.issuances import ABANDONED_AFTER, close_abandoned, close_issuance, intend_issuance

__all__ = [
    "ABANDONED_AFTER",
    "Conflict",
    "Entry",
    "add_twin",
    "append",
    "append_all",
    "broken_links",
    "close_abandoned",
    "close_issuance",
    "decide",
    "event_hash",
    "give",
    "intend_issuance",
    "lapse_overdue",
    "mark_applied",
    "mark_problem",
    "mark_removed",
    "prolong",
    "revoke",
    "role_subject",
    "settle",
    "subject_of",
    "submit",
    "want",
]
