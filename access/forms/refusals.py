"""Refusals in forms, at the field that they are about."""

from django.core.exceptions import ValidationError
from django.forms import BaseForm


def add_refusal(form: BaseForm, error: Exception, *, field: str | None = None, before: str = "") -> None:
    """Add a refusal to a form: at its own field, at `field` where the form calls it so, or above the form.

    `before` is put before the sentence.
    """
    name = field or getattr(error, "field", None)
    refused = ValidationError(f"{before}{error}", code=getattr(error, "code", None))
    form.add_error(name if name in form.fields else None, refused)
