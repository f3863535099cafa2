"""The shape of what people type; the rules are asked again by the actions."""

from access.forms.accounts import AccountForm
from access.forms.people import AcceptForm, ColleagueForm, InviteForm, TermsForm
from access.forms.proving import ProofForm, VouchForm
from access.forms.requests import UNTIL_TYPED, DeniedForm, ExtendForm, ReasonForm, RequestForm

__all__ = [
    "UNTIL_TYPED",
    "AcceptForm",
    "AccountForm",
    "ColleagueForm",
    "DeniedForm",
    "ExtendForm",
    "InviteForm",
    "ProofForm",
    "ReasonForm",
    "RequestForm",
    "TermsForm",
    "VouchForm",
]
