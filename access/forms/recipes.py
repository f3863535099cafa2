"""The recipe of a permissions policy: choose a task and enter its values. Daypass builds the policy from them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access import recipes, wording
from access.forms.refusals import add_refusal
from access.models import Account
from access.recipes import Place, Recipe, Values

TASKS = (
    (Recipe.UPLOAD_ONLY.value, _("Upload only"), _("Upload objects to a bucket or folder, without reading them.")),
    (Recipe.READ_ONLY.value, _("Read only"), _("List and download the objects of a bucket or folder.")),
    (
        Recipe.UPLOAD_AND_LIST.value,
        _("Upload and list"),
        _("Upload objects and list them, without reading them."),
    ),
    (Recipe.ONE_FOLDER.value, _("One folder"), _("Upload, list and download objects in one folder of a bucket.")),
    (Recipe.START_AND_STOP.value, _("Start and stop instances"), _("Start and stop EC2 instances that have one tag.")),
    (Recipe.READ_LOGS.value, _("Read logs"), _("Read the logs of one CloudWatch log group.")),
)
_CODES = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "mono"}


def _typed(label: Any, help_text: Any) -> forms.CharField:
    """Return a field whose value is kept exactly as typed; `access.recipes` decides whether it can be used."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.TextInput(attrs=dict(_CODES)),
    )


class RecipeForm(forms.Form):
    """A recipe and all values that some recipe needs; the values of other recipes are kept but not used."""

    recipe = forms.ChoiceField(
        label=_("Recipe"),
        required=False,
        choices=[(value, label) for value, label, _description in TASKS],
        widget=forms.RadioSelect,
    )
    bucket = _typed(
        _("Bucket"),
        _("The name of one bucket, such as example-reports: 3 to 63 characters from a to z, 0 to 9, hyphens and dots."),
    )
    folder = _typed(
        _("Folder"),
        _(
            "Such as incoming/reports/. The folder a/ does not include the folder ab/. Leave empty for the whole "
            "bucket; only the recipe “One folder” needs a folder."
        ),
    )
    in_account = forms.BooleanField(label=_("Only if the bucket belongs to the role's account"), required=False)
    must_own = forms.BooleanField(label=_("Require bucket owner to own uploads"), required=False)
    region = _typed(_("Region"), _("The code of one region, such as eu-central-1."))
    tag_key = _typed(
        _("Tag key"), _("Such as team: at most 128 letters, digits, spaces and _.:/=+-@. AWS ignores case in the key.")
    )
    tag_value = _typed(
        _("Tag value"), _("Such as data: at most 256 letters, digits, spaces and _.:/=+-@. Case matters in the value.")
    )
    describes_instances = forms.BooleanField(label=_("Also list all instances of the region"), required=False)
    log_group = _typed(
        _("Log group"), _("The name of one log group, such as /aws/lambda/orders: letters, digits and _-/.#.")
    )

    def __init__(self, *args: Any, account: Account | None, is_used: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.account, self.is_used = account, is_used

    @property
    def tasks(self) -> list[tuple[str, Any, Any, bool]]:
        """Return each recipe for the page: its value, name and description, and whether it is selected."""
        chosen = self["recipe"].value()
        return [(value, label, description, value == chosen) for value, label, description in TASKS]

    def clean(self) -> dict[str, Any]:
        """Build the policy; without a recipe and values there is none."""
        typed = super().clean() or {}
        typed["policy"] = {}
        if not self.is_used or self.errors or self.account is None:
            return typed
        values = Values(**{name: typed[name] for name in Values.__dataclass_fields__})
        if typed["recipe"]:
            self._build(typed, values, Place(self.account.partition, self.account.account_id))
        elif self._has_values():
            self.add_error("recipe", wording.invalid("recipe_not_chosen"))
        return typed

    def _build(self, typed: dict[str, Any], values: Values, place: Place) -> None:
        recipe = Recipe(typed["recipe"])
        for error in recipes.errors_in(recipe, values, place):
            add_refusal(self, error)
        if not self.errors:
            typed["policy"] = recipes.policy(recipe, values, place)

    def _has_values(self) -> bool:
        return any(self.cleaned_data[name] for name in ("bucket", "folder", "tag_key", "tag_value", "log_group"))
