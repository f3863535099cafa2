"""Determine which person, role, account, company or request an audit event concerns, so that filters find it.

The result depends only on the event, so a spooled event gets the same rows when it is added to the chain.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from access.models import (
    Account,
    AuditEvent,
    AuditSubject,
    BreakGlassPolicy,
    Company,
    Contractor,
    Invitation,
    Request,
    Role,
    Stop,
    SubjectKind,
    User,
)

Pair = tuple[str, int]  # the kind of an object, and its primary key
Said = tuple[str, str, Mapping[str, Any]]  # verb, subject and details of an event
Found = dict[str, set[Pair]]  # by the subject's key

# Sponsors must not read events about sign-ins, second factors and failures, so these have another group.
SPONSORED = frozenset({"certification", "contractor", "identity", "invitation", "person"})
# Details that name people by email address.
_NAMES = ("delegate", "delegate_of", "email", "made_by", "confirmed_by", "requested_by")
_ROLE = re.compile(r"([0-9]{12})/([A-Za-z0-9_+=,.@-]{1,64})\Z", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
_AUDIT: Pair = (SubjectKind.AUDIT.value, 0)


def find_subjects(said: Sequence[Said], *, actor: str) -> list[set[Pair]]:
    """Return what each event concerns: its subject and related objects, who acted, and the people in the details.

    Objects that do not exist are left out. This takes one query for each kind of subject, and one for people.
    """
    found = _by_subject({subject for _, subject, _ in said})
    people = _people_named({actor}.union(*(_named(details) for _, _, details in said)))
    return [
        _pairs(verb, found.get(subject, set()), {actor, *_named(details)}, people) for verb, subject, details in said
    ]


def write_subjects(events: Sequence[AuditEvent], about: Sequence[Iterable[Pair]]) -> None:
    """Store what these events concern, in the transaction that stores the events."""
    rows = [
        AuditSubject(kind=kind, key=key, at=event.at, sequence=event.sequence)
        for event, pairs in zip(events, about, strict=True)
        for kind, key in sorted(pairs)
    ]
    if rows:
        AuditSubject.objects.bulk_create(rows)


def _pairs(verb: str, concerned: set[Pair], emails: Iterable[str], people: Mapping[str, int]) -> set[Pair]:
    named: set[Pair] = {(SubjectKind.PERSON.value, people[email]) for email in emails if email in people}
    is_of_a_request = any(kind == SubjectKind.REQUEST for kind, _ in concerned)
    if is_of_a_request or verb.partition(".")[0] in SPONSORED:
        return concerned | named
    return {(kind, key) for kind, key in concerned if kind != SubjectKind.CONTRACTOR} | named


def _named(details: Mapping[str, Any]) -> set[str]:
    """Return the email addresses of people that the details contain."""
    listed = details.get("people")
    named = [details.get(name) for name in _NAMES] + (list(listed) if isinstance(listed, list | tuple) else [])
    return {email for email in named if isinstance(email, str) and email}


def _people_named(emails: Iterable[str]) -> dict[str, int]:
    asked = [email for email in emails if "@" in email and "\0" not in email]
    return dict(User.objects.filter(email__in=asked).values_list("email", "pk")) if asked else {}


def _by_subject(subjects: Iterable[str]) -> Found:
    keys: dict[str, set[str]] = {}
    for subject in subjects:
        kind, _, key = subject.partition(":")
        keys.setdefault(kind, set()).add(key)
    found: Found = {"audit": {_AUDIT}} if "audit" in keys else {}
    for kind, read in _READERS.items():
        if kind in keys:
            found |= {f"{kind}:{key}": pairs for key, pairs in read(keys[kind]).items()}
    return found


def _requests(keys: set[str]) -> Found:
    columns = ("requester", "contractor", "contractor__company", "role__overflow_of", "role", "role__account")
    rows = Request.objects.filter(public_id__in=_uuids(keys)).values_list("public_id", "pk", *columns)
    kinds = ("request", "person", "contractor", "company", "role", "role", "account")
    return {str(public_id): _known(kinds, values) for public_id, *values in rows}


def _roles(keys: set[str]) -> Found:
    named = [match.groups() for key in keys if (match := _ROLE.match(key))]
    asked = [Q(account__account_id=account_id, name=name) for account_id, name in named]
    if not asked:
        return {}
    columns = ("account__account_id", "name", "pk", "overflow_of", "account")
    rows = Role.objects.filter(Q(*asked, _connector=Q.OR)).values_list(*columns)
    return {f"{number}/{name}": _known(("role", "role", "account"), values) for number, name, *values in rows}


def _accounts(keys: set[str]) -> Found:
    asked = [key for key in keys if _NUMBER.match(key)]
    rows = Account.objects.filter(account_id__in=asked).values_list("account_id", "pk")
    return {account_id: _known(("account",), [pk]) for account_id, pk in rows}


def _people(keys: set[str]) -> Found:
    columns = ("public_id", "pk", "contractor", "contractor__company")
    rows = User.objects.filter(public_id__in=_uuids(keys)).values_list(*columns)
    return {str(public_id): _known(("person", "contractor", "company"), values) for public_id, *values in rows}


def _contractors(keys: set[str]) -> Found:
    asked = [int(key) for key in keys if _NUMBER.match(key)]
    rows = Contractor.objects.filter(pk__in=asked).values_list("pk", "user", "company")
    return {str(pk): _known(("contractor", "person", "company"), [pk, *values]) for pk, *values in rows}


def _companies(keys: set[str]) -> Found:
    rows = Company.objects.filter(public_id__in=_uuids(keys)).values_list("public_id", "pk")
    return {str(public_id): _known(("company",), [pk]) for public_id, pk in rows}


def _invitations(keys: set[str]) -> Found:
    columns = ("invited_by", "chosen_sponsor", "company", "accepted_by", "accepted_by__contractor")
    rows = Invitation.objects.filter(public_id__in=_uuids(keys)).values_list("public_id", *columns)
    kinds = ("person", "person", "company", "person", "contractor")
    return {str(public_id): _known(kinds, values) for public_id, *values in rows}


def _break_glass_policies(keys: set[str]) -> Found:
    columns = ("role__overflow_of", "role", "role__account", "made_by")
    rows = BreakGlassPolicy.objects.filter(public_id__in=_uuids(keys)).values_list("public_id", *columns)
    kinds = ("role", "role", "account", "person")
    return {str(public_id): _known(kinds, values) for public_id, *values in rows}


def _stops(keys: set[str]) -> Found:
    kinds = ("role", "account", "company", "person")
    rows = Stop.objects.filter(public_id__in=_uuids(keys)).values_list("public_id", *kinds)
    return {str(public_id): _known(kinds, values) for public_id, *values in rows}


_READERS: dict[str, Callable[[set[str]], Found]] = {
    "account": _accounts,
    "break-glass-policy": _break_glass_policies,
    "company": _companies,
    "contractor": _contractors,
    "invitation": _invitations,
    "person": _people,
    "request": _requests,
    "role": _roles,
    "stop": _stops,
}


def _known(kinds: Sequence[str], keys: Sequence[int | None]) -> set[Pair]:
    return {(kind, key) for kind, key in zip(kinds, keys, strict=True) if key is not None}


def _uuids(keys: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for key in keys:
        try:
            found.append(uuid.UUID(key))
        except ValueError:
            continue
    return found
