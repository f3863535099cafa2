"""Change facts and append to the audit chain, in one transaction: both happen or neither does."""

from access.ledger.accounts import account_subject, ask_test, connect, record_test
from access.ledger.certifications import certify
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
from access.ledger.people import change, close_invitation, person_subject, send_invitation, settle_sign_in, switch
from access.ledger.proving import block_remade, prove, resting_on_another_id, use, vouch
from access.ledger.refusals import DENIED, SIGN_IN_FAILED, STRANGERS, note_refusal, record_refusals
from access.ledger.rights import SSO, join, set_rights
from access.ledger.roles import change_role, propose_change, settle_change, told
from access.ledger.sessions import change_factors, close_others, close_session, open_session, set_password

__all__ = [
    "ABANDONED_AFTER",
    "DENIED",
    "SIGN_IN_FAILED",
    "SSO",
    "STRANGERS",
    "Conflict",
    "Entry",
    "account_subject",
    "add_twin",
    "append",
    "append_all",
    "ask_test",
    "block_remade",
    "broken_links",
    "certify",
    "change",
    "change_factors",
    "change_role",
    "close_abandoned",
    "close_invitation",
    "close_issuance",
    "close_others",
    "close_session",
    "connect",
    "decide",
    "event_hash",
    "give",
    "intend_issuance",
    "join",
    "lapse_overdue",
    "mark_applied",
    "mark_problem",
    "mark_removed",
    "note_refusal",
    "open_session",
    "person_subject",
    "prolong",
    "propose_change",
    "prove",
    "record_refusals",
    "record_test",
    "resting_on_another_id",
    "revoke",
    "role_subject",
    "send_invitation",
    "set_password",
    "set_rights",
    "settle",
    "settle_change",
    "settle_sign_in",
    "subject_of",
    "submit",
    "switch",
    "told",
    "use",
    "vouch",
    "want",
]
