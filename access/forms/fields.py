"""Fields for what people type; each error says what to do."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from access import arns, wording
from access.models import Principal, Role
from access.rules.checks import check_reason
from access.rules.facts import REASON_MAX_LENGTH, Refused

KEY_MAX_LENGTH = 18  # digits of a number that every database has room for


class ReasonField(forms.CharField):
    """A text that is recorded; a line break counts as one character, as in the browser."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3, "maxlength": REASON_MAX_LENGTH}))
        options.setdefault(
            "error_messages",
            {"required": _("A reason is missing. Enter a reason. Daypass records it and shows it to others.")},
        )
        super().__init__(max_length=REASON_MAX_LENGTH, **options)

    def to_python(self, value: Any) -> str:
        """Return the text with line breaks of one character; browsers send two."""
        return str(super().to_python(value)).replace("\r\n", "\n")

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        try:
            check_reason(text)
        except Refused as error:
            raise ValidationError(str(error), code=error.code) from None
        return text


class LineField(forms.CharField):
    """One line of text: control characters are refused, spaces at its ends removed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 150} | options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text.isprintable():
            raise wording.invalid("characters_invisible")
        return text


class ArnField(forms.CharField):
    """The ARN of one IAM user or role, exactly as typed: blanks around it are refused, not removed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, max_length=arns.ARN_MAX_LENGTH, **options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text:
            return ""
        try:
            return str(arns.parse(text))
        except arns.ArnError as error:
            raise ValidationError(str(error), code=error.code) from error


class SeveralField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    """Several of a list; what is longer than any key is on no list, and SQLite cannot be asked about it."""

    def clean(self, value: Any) -> Any:
        too_long = next((one for one in value or () if len(str(one)) > KEY_MAX_LENGTH), None)
        if too_long is not None:
            params = {"pk": too_long}
            raise ValidationError(self.error_messages["invalid_pk_value"], code="invalid_pk_value", params=params)
        return super().clean(value)


class RolesChoiceField(SeveralField):
    default_error_messages = {
        "required": _("Choose a role."),
        "invalid_choice": _("You cannot request this role. Choose a role from the list."),
        "invalid_pk_value": _("You cannot request this role. Choose a role from the list."),
        "invalid_list": _("Choose roles from the list."),
    }

    def label_from_instance(self, obj: Role) -> str:
        return f"{obj.name} — {obj.account.name}"


class IdentityChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    default_error_messages = {
        "invalid_choice": _("This AWS identity is not registered as yours. Choose an identity from the list.")
    }

    def label_from_instance(self, obj: Principal) -> str:
        return f"{obj.arn}, {obj.get_proof_display()}"


class ContractorChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a plain class at run time
    default_error_messages = {
        "invalid_choice": _("You are not this contractor's sponsor. Choose a contractor from the list.")
    }


class PastedInput(forms.Textarea):
    """Pasted text that is never shown again: it contains a signature."""

    def format_value(self, value: Any) -> str | None:  # noqa: ARG002  # the point is to leave it out
        return None
