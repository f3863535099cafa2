"""Drafts of forms: saved, opened and deleted. A draft changes nothing, so it has no audit event."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict

from access import pauses
from access.encryption import decrypt, encrypt
from access.models import FormDraft, User
from access.models.form_drafts import KEPT_FOR, MOST_BYTES
from access.rules.facts import Refused

MOST = 30  # drafts of one person; a further one replaces the oldest
log = structlog.get_logger(__name__)
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft as its owner typed it: the values of each field."""

    address: str
    saved_at: datetime
    typed: Typed

    @property
    def deleted_at(self) -> datetime:
        """Return when Daypass deletes it."""
        return self.saved_at + KEPT_FOR

    def data(self) -> QueryDict:
        """Return the values as a browser would send them."""
        data = QueryDict(mutable=True)
        for name, values in self.typed.items():
            data.setlist(name, list(values))
        return data


@transaction.atomic
def save_draft(person: User, address: str, typed: Typed, *, now: datetime) -> None:
    """Save what a person typed into the form at this address, in the place of an earlier draft.

    Raises Refused when it is larger than MOST_BYTES.
    """
    plain = _as_text(person, address, typed)
    if len(plain.encode()) > MOST_BYTES:
        raise Refused("draft_too_large")
    row = FormDraft(person=person, address=address, sealed=encrypt(plain), saved_at=now)
    FormDraft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["person", "address"], update_fields=["sealed", "saved_at"]
    )
    own = FormDraft.objects.filter(person=person)
    latest = own.order_by("-saved_at", "-pk").values_list("pk", flat=True)[:MOST]
    own.exclude(pk__in=list(latest)).delete()


def find_draft(person: User, address: str, *, now: datetime) -> OpenDraft | None:
    """Return the draft of this person for the form at this address, or None."""
    rows = FormDraft.objects.filter(_kept(now), person=person, address=address)
    return next((draft for row in rows if (draft := _opened(row))), None)


def drafts_of(person: User, *, now: datetime) -> list[OpenDraft]:
    """Return all drafts of this person, the latest first."""
    rows = FormDraft.objects.filter(_kept(now), person=person).order_by("-saved_at", "-pk")
    return [draft for row in rows if (draft := _opened(row))]


def delete_draft(person: User, addresses: Collection[str]) -> None:
    """Delete the drafts of this person for the forms at these addresses, if there are any."""
    FormDraft.objects.filter(person=person, address__in=addresses).delete()


def delete_drafts(person_ids: Collection[int]) -> None:
    """Delete all drafts of these people."""
    FormDraft.objects.filter(person_id__in=person_ids).delete()


def delete_old_drafts(*, now: datetime) -> None:
    """Delete the drafts that nobody can open any more."""
    FormDraft.objects.filter(pauses.not_recent("saved_at", within=KEPT_FOR, now=now)).delete()


def _as_text(person: User, address: str, typed: Typed) -> str:
    """Return what is encrypted: the values, and whose they are for which form, so that no other row can hold them."""
    values = {name: [_storable(value) for value in values] for name, values in typed.items()}
    content = {"person": person.pk, "address": address, "typed": values}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _storable(value: str) -> str:
    """Return the text as a page can show it: no page can hold NUL, or half of a surrogate pair."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _kept(now: datetime) -> Q:
    return pauses.recent("saved_at", within=KEPT_FOR, now=now)


def _opened(row: FormDraft) -> OpenDraft | None:
    """Return the draft; None when no key opens it, or when it was encrypted for another person or form."""
    try:
        content = json.loads(decrypt(row.sealed))
    except (InvalidToken, ValueError):
        content = {}
    if (content.get("person"), content.get("address")) != (row.person_id, row.address):
        log.warning("draft.unreadable", draft=row.pk)
        return None
    return OpenDraft(row.address, row.saved_at, content["typed"])
