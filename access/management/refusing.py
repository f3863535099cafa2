"""An error with which a command ends: its sentence and its code, as docs/reference/errors.md lists them."""

from typing import Any

from django.core.management.base import CommandError

from access.texts.text import Text


class RefusedCommand(CommandError):
    """The command did nothing; `code` is stable."""

    def __init__(self, code: str, /, *, returncode: int = 1, **facts: Any) -> None:
        self.text = Text(code, facts)
        super().__init__(f"{self.text.english} ({code})", returncode=returncode)

    @property
    def code(self) -> str:
        return self.text.code
