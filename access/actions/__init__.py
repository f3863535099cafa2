"""What people do. Every verb checks the rules again inside the transaction that changes something.

Raises `rules.Refused` when the rules say no, `arns.ArnError` for an ARN that cannot be trusted, and `ledger.Conflict`
when somebody was faster or decided on a page that no longer tells the truth.
"""

from access.actions.asking import RoleRefused, ask, keep_time_zone
from access.actions.automatic import AutoTerms, confirm_rule, end_rule, make_rule, spent_by
from access.actions.away import end_deputy, name_deputy
from access.actions.breakglass import break_glass, review_use, stop
from access.actions.certifying import certify_access, certify_contractor, certify_role, export
from access.actions.contents import Wish, content_hash, given
from access.actions.deciding import approve, deny
from access.actions.invitations import (
    Contract,
    accept,
    deliver,
    invitation_of,
    invite,
    invite_first_administrator,
    link_of,
    resend,
    withdraw_invitation,
)
from access.actions.people import Ending, set_rights, set_terms, switch_off, switch_on, what_ends
from access.actions.remarking import answer, ask_back
from access.actions.requests import extend, return_early, revoke, submit, withdraw
from access.actions.standing import confirm_standing, make_standing, withdraw_standing

__all__ = [
    "AutoTerms",
    "Contract",
    "Ending",
    "RoleRefused",
    "Wish",
    "accept",
    "answer",
    "approve",
    "ask",
    "ask_back",
    "break_glass",
    "certify_access",
    "certify_contractor",
    "certify_role",
    "confirm_rule",
    "confirm_standing",
    "content_hash",
    "deliver",
    "deny",
    "end_deputy",
    "end_rule",
    "export",
    "extend",
    "given",
    "invitation_of",
    "invite",
    "invite_first_administrator",
    "keep_time_zone",
    "link_of",
    "make_rule",
    "make_standing",
    "name_deputy",
    "resend",
    "return_early",
    "review_use",
    "revoke",
    "set_rights",
    "set_terms",
    "spent_by",
    "stop",
    "submit",
    "switch_off",
    "switch_on",
    "what_ends",
    "withdraw",
    "withdraw_invitation",
    "withdraw_standing",
]
