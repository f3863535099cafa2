"""Convert policy documents and statements to text, which Daypass hashes, stores and shows to administrators.

Text and not jsonb: jsonb holds neither NUL nor half of a surrogate pair, and returns some numbers in another spelling.
Here whatever AWS says comes back as it was, and two different statements have two different texts.
"""

import hashlib
import json
from typing import Any

VERSION = "2012-10-17"


def document_text(document: Any) -> str:
    """Return a document as JSON in ASCII; a character that PostgreSQL refuses is an escape in it."""
    return json.dumps(document, separators=(",", ":"))


def statement_text(statement: Any, *, version: Any = VERSION) -> str:
    """Return a statement as JSON in ASCII, keys sorted, without white space: the same from AWS and from the database.

    One of a document with another Version is shown with that: the old one takes variables for plain text.
    """
    shown = statement if version == VERSION else {"Version": version, "Statement": statement}
    return json.dumps(shown, sort_keys=True, separators=(",", ":"))


def statement_hash(statement: Any, *, version: Any = VERSION) -> str:
    """Return the SHA-256 of a statement's text, as hex. An administrator's acceptance is bound to it."""
    return hashlib.sha256(statement_text(statement, version=version).encode()).hexdigest()
