"""The form of a stop button: why, and the name of what is stopped, typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from access import wording
from access.forms.fields import ReasonField


class StopForm(forms.Form):
    """Take the reason, and the name of the scope as a confirmation."""

    reason = ReasonField(label=_("Reason"), help_text=_("Everyone who is notified can read this text."))
    typed = forms.CharField(label=_("Confirmation"), max_length=200)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["typed"].help_text = gettext("Type “{name}” to confirm.").format(name=name)
        self.fields["typed"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}

    def clean_typed(self) -> str:
        """Refuse anything but the name itself."""
        typed: str = self.cleaned_data["typed"]
        if typed.strip() != self.name:
            raise wording.invalid("stop_name_differs", name=self.name)
        return typed
