"""What people do. Every action checks the rules again inside its own transaction.

Raises `rules.Refused` when a rule refuses the action, `arns.ArnError` for an ARN that cannot be trusted, and
`ledger.Conflict` when somebody else acted first or the page that was shown is out of date.
"""

from access.actions.asking import RoleRefused, ask, keep_time_zone
from access.actions.auto_approvals import (
    AutoApprovalLimits,
    confirm_auto_approval_policy,
    create_auto_approval_policy,
    end_auto_approval_policy,
    spent_by,
)
from access.actions.break_glass import review_break_glass, stop_break_glass, use_break_glass
from access.actions.break_glass_policies import (
    confirm_break_glass_policy,
    create_break_glass_policy,
    withdraw_break_glass_policy,
)
from access.actions.certifying import certify_contractor, certify_grant, certify_role, export
from access.actions.comments import answer, ask_for_information
from access.actions.contents import RequestDraft, content_hash, new_grant
from access.actions.deciding import approve, deny
from access.actions.delegations import create_delegation, end_delegation
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
from access.actions.people import (
    Ending,
    disable_person_or_company,
    enable_person_or_company,
    set_contract,
    set_rights,
    what_ends,
)
from access.actions.requests import extend, return_access, revoke, submit, withdraw

__all__ = [
    "AutoApprovalLimits",
    "Contract",
    "Ending",
    "RequestDraft",
    "RoleRefused",
    "accept",
    "answer",
    "approve",
    "ask",
    "ask_for_information",
    "certify_contractor",
    "certify_grant",
    "certify_role",
    "confirm_auto_approval_policy",
    "confirm_break_glass_policy",
    "content_hash",
    "create_auto_approval_policy",
    "create_break_glass_policy",
    "create_delegation",
    "deliver",
    "deny",
    "disable_person_or_company",
    "enable_person_or_company",
    "end_auto_approval_policy",
    "end_delegation",
    "export",
    "extend",
    "invitation_of",
    "invite",
    "invite_first_administrator",
    "keep_time_zone",
    "link_of",
    "new_grant",
    "resend",
    "return_access",
    "review_break_glass",
    "revoke",
    "set_contract",
    "set_rights",
    "spent_by",
    "stop_break_glass",
    "submit",
    "use_break_glass",
    "what_ends",
    "withdraw",
    "withdraw_break_glass_policy",
    "withdraw_invitation",
]
