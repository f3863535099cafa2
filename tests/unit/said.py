"""What `access.explain` says, as the English that people read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from access.explain import permissions as _permissions
from access.explain import trusts as _trusts
from access.texts.text import Inside, Listed, Text


def permissions_in_words(
    policy: Mapping[str, Any], *, attached: Sequence[str] = (), documents: Mapping[str, Mapping[str, Any]] | None = None
) -> list[str]:
    return [str(text) for text in _permissions.permissions_in_words(policy, attached=attached, documents=documents)]


def trust_in_words(document: Mapping[str, Any], *, account_id: str = "") -> list[str]:
    return [str(text) for text in _trusts.trust_in_words(document, account_id=account_id)]


def texts_in(value: object) -> Iterator[Text]:
    """Yield a text and every text among its facts."""
    if isinstance(value, Inside):
        yield from texts_in(value.text)
    elif isinstance(value, Listed):
        for word in value.words:
            yield from texts_in(word)
    elif isinstance(value, tuple):
        for word in value:
            yield from texts_in(word)
    elif isinstance(value, Text):
        yield value
        for fact in value.facts.values():
            yield from texts_in(fact)
