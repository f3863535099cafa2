"""Convert policy documents to values and back, and keep every number as it was written, as IAM does."""

import json
import re
import secrets
from collections.abc import Callable
from typing import Any

_LONGEST = 600  # digits; Python reads no whole number with thousands of them


class Number(float):
    """A number that is shown as it was written; 1e998 and 1e999 are the same float."""

    text: str

    @classmethod
    def of(cls, text: str) -> "Number":
        """Return the number that this text is."""
        number = cls(text)
        number.text = text
        return number


def load(text: str, *, pairs: Callable[[list[tuple[str, Any]]], dict[str, Any]] = dict) -> Any:
    """Return the value of a JSON text; ValueError when it is none. `pairs` makes each object."""
    return json.loads(text, object_pairs_hook=pairs, parse_float=Number.of, parse_int=_whole)


def dump(value: Any) -> str:
    """Return a value as JSON without white space."""
    token, numbers = secrets.token_hex(16), list[str]()

    def marked(part: Any) -> Any:
        match part:
            case Number():
                numbers.append(part.text)
                return f"{token}{len(numbers) - 1}"
            case dict():
                return {key: marked(one) for key, one in part.items()}
            case list():
                return [marked(one) for one in part]
            case _:
                return part

    text = json.dumps(marked(value), separators=(",", ":"))
    return re.sub(f'"{token}([0-9]+)"', lambda found: numbers[int(found[1])], text)


def _whole(text: str) -> int | Number:
    return int(text) if len(text) <= _LONGEST else Number.of(text)
