"""An error is shown at the field that it names: so each form has the fields that the errors of its action name."""

import re
from typing import Any

import pytest

from access.forms.accounts import AccountChangeForm, AccountForm
from access.forms.approval_settings import AutoApprovalPolicyForm, DelegationForm
from access.forms.approve_with_changes import ApproveWithChangesForm
from access.forms.break_glass import BreakGlassForm, BreakGlassPolicyForm
from access.forms.people import ColleagueForm, ContractForm, InviteForm
from access.forms.policies import PermissionsForm, StatementForm
from access.forms.proving import ProofForm
from access.forms.requests import ExtendForm, RequestForm
from access.forms.roles import ImportForm, LimitsForm, RenameForm, RoleForm
from access.proof.calls import PASTED, ROLE
from dev.options import ROOT

ASKING: set[Any] = {RequestForm, ExtendForm, ApproveWithChangesForm}
SHOWN_IN: dict[str, set[Any]] = {
    "accounts.py": {AccountForm, AccountChangeForm},
    "actions/invitations.py": {InviteForm, ColleagueForm},
    "actions/people.py": {ContractForm, InviteForm},
    "admission.py": ASKING,
    "catalogue/importing.py": {ImportForm},
    "catalogue/making.py": {RoleForm, RenameForm, PermissionsForm},
    "explain/composing.py": {StatementForm},
    "rules/addresses.py": ASKING,
    "rules/auto_approvals.py": {AutoApprovalPolicyForm},
    "rules/break_glass.py": {BreakGlassForm, BreakGlassPolicyForm},
    "rules/checks.py": ASKING,
    "rules/delegations.py": {DelegationForm},
    "rules/identities.py": ASKING,
    "rules/people.py": {ContractForm, InviteForm},
    "rules/terms.py": ASKING,
    "rules/tickets.py": ASKING | {LimitsForm},
}
NAMED = re.compile(r'field="([a-z_0-9]+)"', re.ASCII)


def named() -> dict[str, set[str]]:
    """The fields that errors name, by file of `access`."""
    files = {str(file.relative_to(ROOT / "access")): file.read_text() for file in (ROOT / "access").rglob("*.py")}
    found = {name: set(NAMED.findall(text)) for name, text in files.items() if not name.startswith(("views", "forms"))}
    return {name: fields for name, fields in found.items() if fields}


@pytest.mark.parametrize("name", named())
def test_every_field_that_an_error_names_is_in_a_form_that_shows_it(name: str) -> None:
    assert named()[name] - {field for form in SHOWN_IN[name] for field in form.base_fields} == set()


def test_errors_of_proofs_name_fields_of_the_form() -> None:
    assert {PASTED, ROLE} <= ProofForm.base_fields.keys()
