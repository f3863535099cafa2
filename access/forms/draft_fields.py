"""Which fields of which forms Daypass saves as a draft.

This is the complete list: of every other form, and of every other field, nothing is saved. Not listed are forms for
passwords, codes, passkeys, proofs and pasted AWS errors, and forms that confirm something.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django import forms
from django.urls import Resolver404, resolve

from access.forms.accounts import AccountChangeForm, AccountForm
from access.forms.approval_settings import ApprovalSettingsForm, AutoApprovalPolicyForm, DelegationForm, StageForm
from access.forms.approve_with_changes import ApproveWithChangesForm
from access.forms.break_glass import BreakGlassPolicyForm
from access.forms.fields import PastedInput
from access.forms.people import ColleagueForm, ContractForm, InviteForm
from access.forms.policies import MOST_STATEMENTS, PermissionsForm, StatementForm
from access.forms.recipes import RecipeForm
from access.forms.requests import CommentForm, ExtendForm, ReasonForm, RequestForm
from access.forms.roles import ImportForm, LimitsForm, RenameForm, RoleForm

CHANGES = "?changes=1"  # the form for approving with changes, which is on the page of the decision
STAGES = 9  # as many as StageFormSet has
# Secret, signed, carried by the page, or a file: never saved, whatever form has such a field.
NEVER = (forms.PasswordInput, forms.HiddenInput, forms.MultipleHiddenInput, forms.FileInput, PastedInput)

FormClass = type[forms.BaseForm]


@dataclass(frozen=True, slots=True)
class Part:
    """The fields of a form, under each prefix with which a page sends them, and `more` names beside them."""

    form: FormClass
    prefixes: tuple[str, ...] = ("",)
    more: tuple[str, ...] = ()

    def names(self) -> Iterator[str]:
        """Yield the names of the fields that can be saved."""
        fields: Mapping[str, forms.Field] = self.form.base_fields  # type: ignore[attr-defined]  # of Django's metaclass
        for prefix in self.prefixes:
            yield from (f"{prefix}{name}" for name, field in fields.items() if not isinstance(field.widget, NEVER))
        yield from self.more


_STATEMENTS = Part(StatementForm, tuple(f"s{number}-" for number in range(MOST_STATEMENTS)), ("statements",))
_STAGES = Part(StageForm, tuple(f"stage-{number}-" for number in range(STAGES)))
# By the name of the address.
FORMS: Mapping[str, tuple[Part, ...]] = {
    "request_new": (Part(RequestForm),),
    "request_extend": (Part(ExtendForm),),
    "approval": (Part(ReasonForm),),
    f"approval{CHANGES}": (Part(ApproveWithChangesForm),),
    "comments": (Part(CommentForm),),
    "account_new": (Part(AccountForm),),
    "account_change": (Part(AccountChangeForm),),
    "role_new": (Part(RoleForm), Part(PermissionsForm), Part(RecipeForm), _STATEMENTS),
    "role_permissions": (Part(PermissionsForm), Part(RecipeForm), _STATEMENTS),
    "role_import": (Part(ImportForm),),
    "role_rename": (Part(RenameForm),),
    "role_limits": (Part(LimitsForm),),
    "approval_settings": (Part(ApprovalSettingsForm), _STAGES),
    "auto_approval_policy_new": (Part(AutoApprovalPolicyForm),),
    "break_glass_policy_new": (Part(BreakGlassPolicyForm),),
    "delegation": (Part(DelegationForm),),
    "invite": (Part(InviteForm),),
    "invite_colleague": (Part(ColleagueForm),),
    "contractor": (Part(ContractForm),),
}


def names_at(address: str) -> frozenset[str]:
    """Return the names of the fields that are saved of the form at this address; none where nothing is saved."""
    path, mark, query = address.partition("?")
    try:
        found = resolve(path)
    except Resolver404:
        return frozenset()
    parts = FORMS.get(f"{found.url_name}{mark}{query}", ())
    return frozenset(name for part in parts for name in part.names())
