"""A field for policy documents in the form in which AWS returned them."""

import json
from typing import Any

import structlog
from django.db import models

from access import policy_text

log = structlog.get_logger(__name__)


class DocumentField(models.TextField):  # type: ignore[type-arg]  # it takes none when it runs
    """Stores a document as JSON in a text column, and returns exactly what was stored.

    Not in jsonb, which refuses some characters that AWS can show and returns some numbers in another spelling.
    """

    _pyi_private_set_type: Any  # for the type checker, which knows them as text
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        """Return the document that a column holds; None for text that is not JSON.

        An error here would keep the whole row from being read, and with it a revocation.
        """
        try:
            return None if value is None else json.loads(value)
        except (ValueError, RecursionError):
            log.error("document.unreadable", length=len(value or ""))
            return None

    def get_prep_value(self, value: Any) -> str | None:
        """Return the text for the column; raises TypeError or ValueError for what JSON cannot hold."""
        return None if value is None else policy_text.document_text(value)

    def value_to_string(self, obj: models.Model) -> str:
        """Return the text that `dumpdata` writes."""
        return self.get_prep_value(self.value_from_object(obj)) or "null"

    def to_python(self, value: Any) -> Any:
        """Return the document that `loaddata` read."""
        return json.loads(value) if isinstance(value, str) else value
