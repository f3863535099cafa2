"""The fields of a role: its account, name, tags and description, with their rules in the help."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.fields import LineField
from access.models import Account, TestState, role_description_validator
from access.models.names import OVERFLOW_NAME, role_name_validator

# [IAM User Guide, "Rules for tagging in IAM and AWS STS"]
_KEY = re.compile(r"[\w .:/=+@-]{1,128}\Z")
_VALUE = re.compile(r"[\w .:/=+@-]{0,256}\Z")

TEST_STATES = {
    TestState.PASSED: _("Connection test passed"),
    TestState.TESTING: _("Connection test in progress"),
    TestState.UNTESTED: _("Connection not tested"),
    TestState.FAILED: _("Connection test failed"),
}


class _ByTest(ModelChoiceIterator):  # type: ignore[type-arg]  # a plain class at run time
    """Offers the accounts in groups: those whose last connection test passed come first."""

    def __iter__(self) -> Iterator[Any]:
        for state, accounts in groupby(_by_test(self.queryset), key=lambda account: account.test_state):
            yield TEST_STATES[state], [self.choice(account) for account in accounts]


class AccountChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    iterator = _ByTest

    def __init__(self) -> None:
        super().__init__(
            label=_("Account"),
            queryset=connected_accounts(),
            empty_label=None,
            help_text=_("Accounts whose last connection test passed come first."),
        )

    def label_from_instance(self, obj: Account) -> str:
        if obj.tested_at is None:
            return str(obj)
        return gettext("{account}, tested on {day}").format(account=obj, day=wording.day(obj.tested_at))


def connected_accounts() -> QuerySet[Account]:
    """Return the accounts in which Daypass works, by name."""
    return Account.objects.filter(disconnected_at=None).order_by("name")


def first_account() -> Account | None:
    """Return the account that the choice begins with."""
    return next(iter(_by_test(connected_accounts())), None)


def _by_test(accounts: Iterable[Account]) -> list[Account]:
    states = list(TEST_STATES)
    return sorted(accounts, key=lambda account: states.index(account.test_state))


def check_new_name(name: str) -> None:
    """Raise ValidationError for a name that no role of Daypass can have."""
    role_name_validator(name)
    if OVERFLOW_NAME.search(name):
        raise wording.invalid("role_name_reserved")


class NameField(forms.CharField):
    """The name of a new role, with the rules for names in its help."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Name"),
            max_length=64,
            validators=[check_new_name],
            widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
            help_text=_(
                "Use 1 to 64 characters: A to Z, a to z, 0 to 9 and _+=,.@-. The name must be unique in the account; "
                "upper and lower case count as the same. The name cannot end with a hyphen and a number, such as -2, "
                "because overflow roles have such names. A role with overflow roles can have at most 60 characters."
            ),
        )


class TagsField(forms.CharField):
    """Tags, one per line, key=value."""

    widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"})

    def clean(self, value: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(str(super().clean(value)).splitlines(), 1):
            key, sign, text = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not sign or not _KEY.match(key) or not _VALUE.match(text):
                raise wording.invalid("tag_invalid", number=number)
            if key.lower() in {one.lower() for one in found}:
                raise wording.invalid("tag_twice", number=number, key=key)
            found[key] = text
        return found


class DescriptionField(LineField):
    """The purpose of a role, in characters that IAM accepts."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Description"),
            required=False,
            max_length=1000,
            validators=[role_description_validator],
            help_text=_(
                "Describe the purpose of the role, in at most 1,000 characters. Contractors also see this description. "
                "IAM accepts only Western European characters here."
            ),
        )
