"""The objects by which people can filter audit events: in URLs, as rows, and which of them a reader can name.

An object that is unknown and one whose events somebody cannot read get the same answer.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from access.ledger.event_subjects import Pair
from access.models import Account, Company, Request, Role, SubjectKind, User
from access.reviews.events import Reader, is_named_in_any
from access.reviews.scope import Scope

KINDS = ("person", "role", "account", "company", "request")
LONGEST = 320  # characters: an email address


class Unknown(LookupError):
    """There is no such object, or none for this person."""


@dataclass(frozen=True, slots=True)
class Named:
    """One object of a filter: its kind, what the address has for it, and its row."""

    kind: str
    value: str
    row: Any

    @property
    def pair(self) -> Pair:
        return self.kind, self.row.pk


def read_objects(values: Mapping[str, str], *, scope: Scope, reader: Reader) -> list[Named]:
    """Return the objects that an address names; raises Unknown for the first that is none for this person."""
    found = []
    for kind in KINDS:
        if value := values.get(kind, "").strip():
            row = _READERS[kind](value)
            if row is None or not _can_name((kind, row.pk), scope, reader):
                raise Unknown(kind)
            found.append(Named(kind, value, row))
    return found


def _can_name(pair: Pair, scope: Scope, reader: Reader) -> bool:
    """Return whether this person can read everything about the object, or anything."""
    return reader.sees_all_of(pair) or _is_in_scope(pair, scope) or is_named_in_any(reader, pair)


def _is_in_scope(pair: Pair, scope: Scope) -> bool:
    """Return whether it is a request or a contractor that this person is responsible for, with or without events."""
    kind, key = pair
    if kind == SubjectKind.REQUEST:
        return scope.requests().filter(pk=key).exists()
    return kind == SubjectKind.PERSON and scope.user.sponsored_contractors.filter(user=key).exists()


def _person(value: str) -> User | None:
    """Return a person by public id or by email address."""
    key = _uuid(value)
    named = Q(public_id=key) if key else Q(email__iexact=value)
    return User.objects.filter(named).first() if _is_storable(value) else None


def _role(value: str) -> Role | None:
    account_id, _, name = value.partition("/")
    rows = Role.objects.select_related("account")
    return rows.filter(account__account_id=account_id, name=name).first() if _is_storable(value) else None


def _account(value: str) -> Account | None:
    return Account.objects.filter(account_id=value).first() if _is_storable(value) else None


def _company(value: str) -> Company | None:
    key = _uuid(value)
    return Company.objects.filter(public_id=key).first() if key else None


def _request(value: str) -> Request | None:
    key = _uuid(value)
    return Request.objects.filter(public_id=key).first() if key else None


_READERS: Mapping[str, Any] = {
    "person": _person,
    "role": _role,
    "account": _account,
    "company": _company,
    "request": _request,
}


def _uuid(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def _is_storable(value: str) -> bool:
    """Return whether every database can be asked about it: SQLite compares no more than 50,000 characters."""
    return len(value) <= LONGEST and value.isprintable()
