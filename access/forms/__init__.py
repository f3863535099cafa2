"""The shape of what people type; the rules are asked again by the actions."""

from access.forms.accounts import AccountForm
from access.forms.people import AcceptForm, ColleagueForm, InviteForm, TermsForm
from access.forms.policies import BUILT, MOST_STATEMENTS, NOTHING, PASTED, PermissionsForm, StatementForm
from access.forms.proving import ProofForm, VouchForm
from access.forms.requests import UNTIL_TYPED, DeniedForm, ExtendForm, ReasonForm, RequestForm
from access.forms.roles import RoleForm

__all__ = [
    "BUILT",
    "MOST_STATEMENTS",
    "NOTHING",
    "PASTED",
    "UNTIL_TYPED",
    "AcceptForm",
    "AccountForm",
    "ColleagueForm",
    "DeniedForm",
    "ExtendForm",
    "InviteForm",
    "PermissionsForm",
    "ProofForm",
    "ReasonForm",
    "RequestForm",
    "RoleForm",
    "StatementForm",
    "TermsForm",
    "VouchForm",
]
