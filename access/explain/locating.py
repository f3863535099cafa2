"""Find the position of each member and item of a JSON text, so that an error can name the line."""

import json
import re

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def locate(text: str) -> tuple[dict[Path, int], list[Path]]:
    """Return the offset of every member (of its name) and item of a text that is JSON, and the members named twice."""
    offsets: dict[Path, int] = {(): len(text) - len(text.lstrip())}
    doubled: list[Path] = []
    path: list[str | int | None] = []  # in an object the member's name, None before it is read; in an array the index
    for token in _TOKEN.finditer(text):
        word = token[0]
        if path and path[-1] is None and word.startswith('"'):
            path[-1] = json.loads(word)
            here = _known(path)
            doubled += [here] if here in offsets else []
            offsets[here] = token.start()
            continue
        if word not in "}],:":
            offsets.setdefault(_known(path), token.start())
        _move(path, word)
    return offsets, doubled


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _move(path: list[str | int | None], word: str) -> None:
    """Go down into an object or array, up out of it, or on to its next member or item."""
    if word in "{[":
        path.append(None if word == "{" else 0)
    elif word in "}]":
        path.pop()
    elif word == ",":
        last = path[-1]
        path[-1] = last + 1 if isinstance(last, int) else None


def _known(path: list[str | int | None]) -> Path:
    return tuple(part for part in path if part is not None)
