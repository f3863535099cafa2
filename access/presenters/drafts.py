"""What somebody has entered about a role so far: several forms on one page, which are submitted together."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BoundField, Form
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict

from access.catalogue.making import Permissions
from access.forms.policies import (
    BUILT,
    FROM_RECIPE,
    MOST_STATEMENTS,
    NOTHING,
    PASTED,
    PermissionsForm,
    StatementForm,
)
from access.forms.recipes import RecipeForm
from access.forms.role_fields import first_account
from access.forms.roles import RoleForm
from access.models import Account, Role
from access.presenters import permissions

_NOT_TYPED = {"csrfmiddlewaretoken", "step"}
_LISTS = {"actions"}


@dataclass(frozen=True, slots=True)
class Draft:
    """The forms: the role (None when the role exists), its permissions, and the recipe or statements for these."""

    role: RoleForm | None
    permissions: PermissionsForm
    statements: list[StatementForm]
    recipe: RecipeForm

    def is_valid(self) -> bool:
        """Return whether everything can be taken; every form then says what is wrong with it."""
        asked = [form.is_valid() for form in (self.role, self.permissions) if form is not None]
        return all(asked)

    @property
    def forms(self) -> list[Form]:
        """The forms whose values count, in the order of the page."""
        own = self.permissions["own"].value()
        parts = [self.recipe] if own == FROM_RECIPE else self.statements if own == BUILT else []
        return [form for form in (self.role, self.permissions, *parts) if form is not None]

    @property
    def errors(self) -> list[ErrorDict]:
        """The errors of each form that has any; with the two methods below, the page lists them as of one form."""
        return [form.errors for form in self.forms if form.errors]

    def non_field_errors(self) -> ErrorList:
        """Return the errors of no field, of all forms."""
        return ErrorList([error for form in self.forms for error in form.non_field_errors().as_data()])

    def visible_fields(self) -> list[BoundField]:
        """Return the fields of all forms."""
        return [field for form in self.forms for field in form.visible_fields()]

    @property
    def chosen(self) -> Permissions:
        """What the role would be permitted, of a draft that is valid."""
        typed = self.permissions.cleaned_data
        return Permissions(typed["managed"], typed["policy"])


def sent(data: QueryDict, *, role: Role | None = None) -> Draft:
    """Return what was sent, to be judged."""
    account = role.account if role else _account_in(data)
    statements = [StatementForm(data, prefix=prefix, partition=_partition(account)) for prefix in _prefixes(data)]
    recipe = RecipeForm(data, account=account, is_used=data.get("own") == FROM_RECIPE)
    form = PermissionsForm(data, account=account, recipe=recipe, statements=statements)
    return Draft(None if role else RoleForm(data), form, statements, recipe)


def reopened(data: QueryDict, *, role: Role | None = None, more: int = 0) -> Draft:
    """Return what was sent as it was typed, with `more` empty statements, and nothing said about it."""
    account = role.account if role else _account_in(data)
    statements = [
        StatementForm(prefix=prefix, initial=_typed(data, StatementForm, prefix), partition=_partition(account))
        for prefix in _prefixes(data, more=more)
    ]
    recipe = RecipeForm(initial=_typed(data, RecipeForm), account=account)
    form = PermissionsForm(initial=_typed(data, PermissionsForm), account=account, recipe=recipe, statements=statements)
    return Draft(None if role else RoleForm(initial=_typed(data, RoleForm)), form, statements, recipe)


def begun(*, role: Role | None = None, values: QueryDict) -> Draft:
    """Return an empty draft, or one that holds what the role may do now, with the values of a recipe if there are
    any.
    """
    account = role.account if role else first_account()
    statements = [StatementForm(prefix="s0", partition=_partition(account))]
    begin = {"region": _region(account), "in_account": "recipe" not in values}
    recipe = RecipeForm(initial=begin | _typed(values, RecipeForm), account=account)
    initial = {"own": FROM_RECIPE} if role is None or "recipe" in values else _present(role)
    form = PermissionsForm(initial=initial, account=account, recipe=recipe, statements=statements)
    return Draft(None if role else RoleForm(), form, statements, recipe)


def _present(role: Role) -> dict[str, Any]:
    """Return what the role may do now, as a person would type it."""
    return {
        "managed": "\n".join(role.policy_arns),
        "own": PASTED if role.permissions else NOTHING,
        "policy_json": json.dumps(role.permissions, indent=2) if role.permissions else "",
    }


def as_json(data: QueryDict, *, role: Role | None = None) -> Draft:
    """Return what was sent with the policy of its recipe as JSON, to be changed; what is incomplete says so."""
    draft = sent(data, role=role)
    if not (draft.recipe.is_valid() and draft.recipe.cleaned_data["policy"]):
        return draft
    changed = data.copy()
    changed["own"], changed["policy_json"] = PASTED, json.dumps(draft.recipe.cleaned_data["policy"], indent=2)
    return reopened(changed, role=role)


def described(draft: Draft) -> dict[str, Any]:
    """Return the permissions of a draft that was sent, in plain words and with findings: of its complete parts."""
    is_complete, typed = draft.permissions.is_valid(), draft.permissions.cleaned_data
    policy = typed.get("policy", {})
    policy_arns = [] if "managed" in draft.permissions.errors else typed.get("managed", [])
    said = permissions.chosen(policy, policy_arns) if policy or policy_arns else {}
    parts = [form for form in draft.forms if form not in (draft.role, draft.permissions) and form.errors]
    errors = [error for form in parts or [draft.permissions] for error in _errors_of(form)]
    return said | {"errors": errors, "is_complete": is_complete}


def _errors_of(form: Form) -> list[tuple[str, ValidationError]]:
    """Return the errors of a form, each with the label of its field."""
    labels = {name: str(field.label) for name, field in form.fields.items()}
    return [(labels.get(name, ""), error) for name, listed in form.errors.as_data().items() for error in listed]


def described_first(values: QueryDict, *, role: Role | None = None) -> dict[str, Any]:
    """Return the permissions in plain words that the form begins with: those of the role, or of a recipe's values."""
    if "recipe" not in values:
        return permissions.chosen(role.permissions, role.policy_arns) if role else {}
    account, data = role.account if role else first_account(), values.copy()
    data["own"], data["account"] = FROM_RECIPE, str(account.pk) if account else ""
    data.setdefault("region", _region(account))
    return described(sent(data, role=role))


def carried(data: QueryDict) -> Iterator[tuple[str, str]]:
    """Yield the names and values that were typed, so that a page can send them on."""
    for name, values in data.lists():
        if name not in _NOT_TYPED:
            yield from ((name, str(value)) for value in values)


def _prefixes(data: QueryDict, *, more: int = 0) -> list[str]:
    typed = data.get("statements", "1")
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else 1
    return [f"s{number}" for number in range(max(1, min(count + more, MOST_STATEMENTS)))]


def _typed(data: QueryDict, form: Any, prefix: str = "") -> dict[str, Any]:
    """Return the raw values of a form's fields."""
    names: list[str] = list(form.base_fields)
    keys = {name: f"{prefix}-{name}" if prefix else name for name in names}
    return {name: data.getlist(key) if name in _LISTS else data.get(key) for name, key in keys.items() if key in data}


def _account_in(data: QueryDict) -> Account | None:
    typed = data.get("account", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        return None
    return Account.objects.filter(pk=int(typed)).first()


def _partition(account: Account | None) -> str:
    return account.partition if account else "aws"


def _region(account: Account | None) -> str:
    return account.region if account else ""
