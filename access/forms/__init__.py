"""The shape of what people type; the rules are asked again by the actions."""

from access.forms.accounts import AccountChangeForm, AccountForm
from access.forms.approval_settings import ApprovalSettingsForm, AutoApprovalPolicyForm, DelegationForm, StageFormSet
from access.forms.approve_with_changes import ApproveWithChangesForm, terms_as_text, terms_from_text
from access.forms.break_glass import BreakGlassForm, BreakGlassPolicyForm, BreakGlassReviewForm
from access.forms.people import AcceptForm, ColleagueForm, ContractForm, InviteForm
from access.forms.policies import BUILT, MOST_STATEMENTS, NOTHING, PASTED, PermissionsForm, StatementForm
from access.forms.proving import ProofForm, VouchForm
from access.forms.requests import PRESETS, UNTIL_TYPED, CommentForm, DeniedForm, ExtendForm, ReasonForm, RequestForm
from access.forms.roles import ImportForm, LimitsForm, RenameForm, RoleForm
from access.forms.times import place

__all__ = [
    "BUILT",
    "MOST_STATEMENTS",
    "NOTHING",
    "PASTED",
    "PRESETS",
    "UNTIL_TYPED",
    "AcceptForm",
    "AccountChangeForm",
    "AccountForm",
    "ApprovalSettingsForm",
    "ApproveWithChangesForm",
    "AutoApprovalPolicyForm",
    "BreakGlassForm",
    "BreakGlassPolicyForm",
    "BreakGlassReviewForm",
    "ColleagueForm",
    "CommentForm",
    "ContractForm",
    "DelegationForm",
    "DeniedForm",
    "ExtendForm",
    "ImportForm",
    "InviteForm",
    "LimitsForm",
    "PermissionsForm",
    "ProofForm",
    "ReasonForm",
    "RenameForm",
    "RequestForm",
    "RoleForm",
    "StageFormSet",
    "StatementForm",
    "VouchForm",
    "place",
    "terms_as_text",
    "terms_from_text",
]
