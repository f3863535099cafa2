"""The part of a trust policy that the worker can write although something else fails: only removals."""

from collections.abc import Collection, Mapping
from typing import Any

from access.trust.documents import Document, same, statements
from access.trust.unmanaged import default_deny_statement, is_deny


def only_takes_away(policy: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
    """Return whether a trust policy admits nobody whom the `present` one does not admit.

    Every statement that is no Deny is in `present` as well, and every Deny of `present` is kept.
    """
    wanted, there = statements(policy), statements(present)
    return all(is_deny(one) or _is_in(one, there) for one in wanted) and all(
        _is_in(one, wanted) for one in there if is_deny(one)
    )


def without(present: Mapping[str, Any], sids: Collection[str]) -> Document:
    """Return the `present` trust policy without the Allow statements that have one of `sids`."""
    left = [one for one in statements(present) if is_deny(one) or one.get("Sid") not in sids]
    return {**present, "Statement": left or [default_deny_statement()]}


def _is_in(statement: Document, others: list[Document]) -> bool:
    return any(same({"Statement": [statement]}, {"Statement": [other]}) for other in others)
