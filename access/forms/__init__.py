"""The shape of what people type; the rules are asked again by the actions."""

from access.forms.accounts import AccountChangeForm, AccountForm
from access.forms.breakglass import EmergencyForm, StandingRuleForm, UseReviewForm
from access.forms.narrowing import NarrowForm, terms_as_text, terms_from_text
from access.forms.people import AcceptForm, ColleagueForm, InviteForm, TermsForm
from access.forms.policies import BUILT, MOST_STATEMENTS, NOTHING, PASTED, PermissionsForm, StatementForm
from access.forms.proving import ProofForm, VouchForm
from access.forms.requests import PRESETS, UNTIL_TYPED, DeniedForm, ExtendForm, ReasonForm, RemarkForm, RequestForm
from access.forms.roles import ImportForm, LimitsForm, RenameForm, RoleForm
from access.forms.rules import AutoApprovalForm, DeputyForm, RoleRulesForm, StageFormSet
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
    "AutoApprovalForm",
    "ColleagueForm",
    "DeniedForm",
    "DeputyForm",
    "EmergencyForm",
    "ExtendForm",
    "ImportForm",
    "InviteForm",
    "LimitsForm",
    "NarrowForm",
    "PermissionsForm",
    "ProofForm",
    "ReasonForm",
    "RemarkForm",
    "RenameForm",
    "RequestForm",
    "RoleForm",
    "RoleRulesForm",
    "StageFormSet",
    "StandingRuleForm",
    "StatementForm",
    "TermsForm",
    "UseReviewForm",
    "VouchForm",
    "place",
    "terms_as_text",
    "terms_from_text",
]
