"""The permissions of a role, chosen or pasted."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access import explain, wording
from access.forms.recipes import RecipeForm
from access.forms.refusals import add_refusal
from access.models import Account
from access.texts.text import Text

MOST_STATEMENTS = 8
NOTHING, FROM_RECIPE, BUILT, PASTED = "none", "recipe", "build", "paste"
OWN = (
    (FROM_RECIPE, _("Use a recipe")),
    (BUILT, _("Choose service, actions and resources")),
    (PASTED, _("Paste JSON")),
    (NOTHING, _("No inline policy, only managed policies")),
)


class StatementForm(forms.Form):
    """One statement: choose a service, then its actions and resources. An empty one is left out."""

    service = forms.CharField(
        label=_("Service"),
        required=False,
        max_length=100,
        help_text=_("Enter the prefix or the full name of a service, such as s3 or Amazon S3."),
        widget=forms.TextInput(attrs={"list": "services", "autocomplete": "off", "spellcheck": "false"}),
    )
    actions = forms.MultipleChoiceField(label=_("Actions"), required=False, widget=forms.CheckboxSelectMultiple)
    resources = forms.CharField(
        label=_("Resources"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "Enter one resource per line: an ARN, an S3 bucket (bucket or bucket/folder/), or * for all resources."
        ),
    )
    find = forms.CharField(
        label=_("Find actions"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    ours = forms.BooleanField(label=_("Require bucket owner to own uploads"), required=False)

    def __init__(self, *args: Any, partition: str = "aws", **options: Any) -> None:
        super().__init__(*args, **options)
        self.partition = partition
        self.prefix_chosen = self._service()
        offered = explain.offered(self.prefix_chosen)
        names = [action.name for listed in offered.values() for action in listed]
        self.fields["actions"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.has_actions = bool(names)
        self.levels = self._found(offered)

    @property
    def chosen(self) -> Sequence[str]:
        """The selected actions, for the page."""
        return list(self["actions"].value() or [])

    @property
    def is_searching(self) -> bool:
        """Return whether only the actions that match some words are listed."""
        return bool(str(self["find"].value() or "").strip())

    @property
    def open_levels(self) -> set[str]:
        """Return the levels with a chosen action."""
        chosen = set(self.chosen)
        return {level for level, actions in self.levels.items() if any(action.name in chosen for action in actions)}

    @property
    def examples(self) -> list[str]:
        """Example resources of the chosen actions."""
        known = [name for name, _ in self.fields["actions"].choices]  # type: ignore[attr-defined]
        marked = [name for name in self.chosen if name in known]
        return explain.examples_of(marked, explain.resource_formats(self.prefix_chosen))[:4]

    @property
    def offers_ownership(self) -> bool:
        """Return whether the statement permits uploads."""
        return self.prefix_chosen == "s3"

    def clean_service(self) -> str:
        """Return the service's prefix, or "" when none was typed."""
        try:
            return explain.service_of(self.cleaned_data["service"]) if self.cleaned_data["service"] else ""
        except explain.ChoiceError as error:
            raise ValidationError(str(error), code=error.code) from error

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if self.errors or not typed.get("service"):
            return typed
        if not typed["actions"]:
            self.add_error("actions", wording.invalid("actions_missing", service=typed["service"]))
            return typed
        return self._composed(typed)

    def _composed(self, typed: dict[str, Any]) -> dict[str, Any]:
        lines = [line.strip() for line in typed["resources"].splitlines() if line.strip()]
        choice = explain.Choice(typed["actions"], lines, must_belong_to_us=typed["ours"])
        try:
            policy = explain.compose([choice], partition=self.partition)
            return typed | {"statements": policy["Statement"]}
        except explain.ChoiceError as error:
            add_refusal(self, error, field=error.field or "resources")
        return typed

    def _found(self, offered: Mapping[str, Sequence[explain.Action]]) -> dict[str, list[explain.Action]]:
        """Return the actions that the person is looking for, by level; chosen actions are always among them."""
        words = str(self["find"].value() or "").lower().split()
        chosen = set(self.chosen)
        found = {
            level: [one for one in actions if one.name in chosen or _has_words(one, words)]
            for level, actions in offered.items()
        }
        return {level: actions for level, actions in found.items() if actions}

    def _service(self) -> str:
        word = str(self["service"].value() or "")
        try:
            return explain.service_of(word) if word else ""
        except explain.ChoiceError:
            return ""


def _has_words(action: explain.Action, words: Sequence[str]) -> bool:
    text = f"{action.name} {action.says}".lower()
    return all(word in text for word in words)


class PermissionsForm(forms.Form):
    """Managed policies, and the role's inline policy: from a recipe, built from statements, or pasted."""

    managed = forms.CharField(
        label=_("Names or ARNs"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "Prefer AWS managed policies, because AWS keeps them up to date. Enter one policy per line, by "
            "name (ReadOnlyAccess, job-function/ViewOnlyAccess) or by ARN."
        ),
    )
    own = forms.ChoiceField(
        label=_("Inline policy"), choices=OWN, initial=FROM_RECIPE, widget=forms.RadioSelect, required=False
    )
    policy_json = forms.CharField(
        label=_("Policy document"),
        required=False,
        strip=False,
        max_length=150_000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
        help_text=_("Enter an IAM policy as JSON, with at most 6,144 characters without white space."),
    )

    def __init__(
        self,
        *args: Any,
        account: Account | None,
        recipe: RecipeForm,
        statements: Sequence[StatementForm] = (),
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.account = account
        self.recipe = recipe
        self.statements = statements

    def clean_managed(self) -> list[str]:
        """Return the ARNs of the lines; a bare name means an AWS managed policy."""
        account = self.account
        lines = [(number, line.strip()) for number, line in enumerate(self.cleaned_data["managed"].splitlines(), 1)]
        if account is None:
            return []
        found = []
        for number, line in ((number, line) for number, line in lines if line):
            arn = line if ":" in line else f"arn:{account.partition}:iam::aws:policy/{line}"
            try:
                explain.check_managed_policy_arn(arn, account_id=account.account_id, partition=account.partition)
            except explain.PolicyError as error:
                said = Text("on_line", {"number": number, "problem": error.text})
                self.add_error("managed", ValidationError(str(said), code=error.code))
            found.append(arn)
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["policy"] = {}
        if typed.get("own") == PASTED:
            self._read(typed, "policy_json", typed.get("policy_json", ""))
        elif typed.get("own") == BUILT:
            self._build(typed)
        elif typed.get("own") == FROM_RECIPE:
            self._follow_recipe(typed)
        if not self.errors and not typed["policy"] and not typed["managed"]:
            self.add_error(None, wording.invalid("role_without_permissions"))
        return typed

    def _follow_recipe(self, typed: dict[str, Any]) -> None:
        if not self.recipe.is_valid():
            self.add_error(None, wording.invalid("recipe_incomplete"))
        elif self.recipe.cleaned_data["policy"]:
            self._read(typed, "own", json.dumps(self.recipe.cleaned_data["policy"]))

    def _build(self, typed: dict[str, Any]) -> None:
        """Read the policy of the complete statements; the others say what is missing."""
        complete = [form for form in self.statements if form.is_valid()]
        if len(complete) < len(self.statements):
            self.add_error(None, wording.invalid("statement_incomplete"))
        said = [one for form in complete for one in form.cleaned_data.get("statements", ())]
        if said:
            self._read(typed, "own", json.dumps({"Version": "2012-10-17", "Statement": said}))

    def _read(self, typed: dict[str, Any], field: str, text: str) -> None:
        try:
            typed["policy"] = explain.read_policy(text)
        except explain.PolicyError as error:
            add_refusal(self, error, field=field)
