"""Lengths of time as people type them."""

import re
from datetime import timedelta
from typing import Any

from django import forms

from access import wording

# In every language of Daypass, because fields show a length in the reader's.
_UNITS = {
    "d day days tag tage": 24 * 60 * 60,
    "h hour hours std stunde stunden": 60 * 60,
    "m min mins minute minutes minuten": 60,
    "s second seconds sek sekunde sekunden": 1,
}
_SECONDS = {word: seconds for words, seconds in _UNITS.items() for word in words.split()}
_LENGTH = re.compile(rf"([0-9]{{1,5}}) ?({'|'.join(_SECONDS)})\.?\Z", re.ASCII)


class LengthField(forms.CharField):
    """A length of time in words: 8 hours, 1 day 30 minutes, 2 h 30 min, 2 Std. 30 Min."""

    def __init__(self, *, longest: timedelta, **options: Any) -> None:
        super().__init__(max_length=60, **options)
        self.longest = longest

    def prepare_value(self, value: Any) -> Any:
        """Show a length in words."""
        return wording.length(value) if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> timedelta | None:
        """Return the length, or None when there is none."""
        text = " ".join(str(super().clean(value)).split())
        if not text:
            return None
        parts = re.sub(r"(?<=[a-z.]) ?(?=[0-9])", "\n", text.lower()).split("\n")
        found = [match for part in parts if (match := _LENGTH.match(part))]
        length = timedelta(seconds=sum(int(match[1]) * _SECONDS[match[2]] for match in found))
        if len(found) != len(parts) or not length:
            raise wording.invalid("duration_invalid")
        if length > self.longest:
            raise wording.invalid("duration_too_long", longest=self.longest)
        return length
