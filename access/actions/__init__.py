"""What people do. Every verb checks the rules again inside the transaction that changes something.

Raises `rules.Refused` when the rules say no, `arns.ArnError` for an ARN that cannot be trusted, and `ledger.Conflict`
when somebody was faster or decided on a page that no longer tells the truth.
"""

from access.actions.asking import RoleRefused, ask, keep_time_zone
from access.actions.certifying import certify_access, certify_contractor, certify_role, export
from access.actions.invitations import (
    Contract,
    accept,
    deliver,
    invitation_of,
    invite,
    link_of,
    resend,
    withdraw_invitation,
)
from access.actions.people import Ending, set_rights, set_terms, switch_off, switch_on, what_ends
from access.actions.requests import (
    approve,
    content_hash,
    deny,
    extend,
    return_early,
    revoke,
    submit,
    terms,
    withdraw,
)

__all__ = [
    "Contract",
    "Ending",
    "RoleRefused",
    "accept",
    "approve",
    "ask",
    "certify_access",
    "certify_contractor",
    "certify_role",
    "content_hash",
    "deliver",
    "deny",
    "export",
    "extend",
    "invitation_of",
    "invite",
    "keep_time_zone",
    "link_of",
    "resend",
    "return_early",
    "revoke",
    "set_rights",
    "set_terms",
    "submit",
    "switch_off",
    "switch_on",
    "terms",
    "what_ends",
    "withdraw",
    "withdraw_invitation",
]
