"""What somebody has entered about a role so far: several forms on one page, which are submitted together."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from access.catalogue.making import Permissions
from access.forms.policies import BUILT, MOST_STATEMENTS, NOTHING, PASTED, PermissionsForm, StatementForm
from access.forms.roles import RoleForm
from access.models import Account, Role

_NOT_TYPED = {"csrfmiddlewaretoken", "step"}
_LISTS = {"actions"}


@dataclass(frozen=True, slots=True)
class Draft:
    """The forms: which role it is (None when that is settled), what it may do, and the statements chosen for that."""

    role: RoleForm | None
    permissions: PermissionsForm
    statements: list[StatementForm]

    def is_valid(self) -> bool:
        """Return whether everything can be taken; every form then says what is wrong with it."""
        asked = [form.is_valid() for form in (self.role, self.permissions) if form is not None]
        return all(asked)

    @property
    def chosen(self) -> Permissions:
        """What the role would be permitted, of a draft that is valid."""
        typed = self.permissions.cleaned_data
        return Permissions(typed["managed"], typed["policy"])


def sent(data: QueryDict, *, role: Role | None = None) -> Draft:
    """Return what was sent, to be judged."""
    account = role.account if role else _account_in(data)
    statements = [StatementForm(data, prefix=prefix, partition=_partition(account)) for prefix in _prefixes(data)]
    form = PermissionsForm(data, account=account, statements=statements)
    return Draft(None if role else RoleForm(data), form, statements)


def reopened(data: QueryDict, *, role: Role | None = None, more: int = 0) -> Draft:
    """Return what was sent as it was typed, with `more` empty statements, and nothing said about it."""
    account = role.account if role else _account_in(data)
    statements = [
        StatementForm(prefix=prefix, initial=_typed(data, StatementForm, prefix), partition=_partition(account))
        for prefix in _prefixes(data, more=more)
    ]
    form = PermissionsForm(initial=_typed(data, PermissionsForm), account=account, statements=statements)
    return Draft(None if role else RoleForm(initial=_typed(data, RoleForm)), form, statements)


def begun(*, role: Role | None = None) -> Draft:
    """Return an empty draft, or one that holds what the role may do now."""
    statements = [StatementForm(prefix="s0", partition=_partition(role.account if role else None))]
    initial: dict[str, Any] = {"own": BUILT}
    if role is not None:
        initial = {
            "managed": "\n".join(role.policy_arns),
            "own": PASTED if role.permissions else NOTHING,
            "policy_json": json.dumps(role.permissions, indent=2) if role.permissions else "",
        }
    form = PermissionsForm(initial=initial, account=role.account if role else None, statements=statements)
    return Draft(None if role else RoleForm(), form, statements)


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
