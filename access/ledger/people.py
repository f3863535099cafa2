"""People: who joined, who is enabled, and which rights single sign-on gives, each change with its event."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from access.ledger.chain import append
from access.ledger.spool import record
from access.ledger.subjects import What, person_subject, what_subject
from access.models import Company, Contractor, Role, User

SSO = "single sign-on"


@transaction.atomic
def record_enabled(what: What, *, enabled: bool, by: User, now: datetime) -> None:
    """Record that a contractor, a company or an internal user was enabled or disabled."""
    what.is_active = enabled
    what.save(update_fields=["is_active"])
    store = append if enabled else record
    store(verb=f"{_kind(what)}.{'enabled' if enabled else 'disabled'}", subject=what_subject(what), by=by, now=now)


def settle_sign_in(contractors: Sequence[Contractor]) -> None:
    """Allow exactly the active contractors among these to sign in."""
    for contractor in contractors:
        User.objects.filter(pk=contractor.user_id).update(is_active=contractor.is_effectively_active)


@transaction.atomic
def change_person(person: User, changes: Mapping[str, tuple[Any, Any]], *, by: User, now: datetime) -> None:
    """Store the changed fields of a person: each name with its old and new value."""
    person.save(update_fields=list(changes))
    append(verb="person.changed", subject=person_subject(person), by=by, now=now, changes=changes)


def store_browser_language(person: User) -> None:
    """Store the language that a browser asked for. No event: nobody decides it, and two browsers can ask by turns."""
    User.objects.filter(pk=person.pk).update(browser_language=person.browser_language)


@transaction.atomic
def change_contract(
    contractor: Contractor, before: Mapping[str, Any], roles: Sequence[Role], *, by: User, now: datetime
) -> None:
    """Store a contractor's contract and the roles that they can request; `before` is the earlier `contract_details`."""
    contractor.save(update_fields=["contract_ends_at", "sponsor"])
    contractor.roles.set(roles)
    settle_sign_in([contractor])
    after = contract_details(contractor)
    changes = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    append(verb="contractor.changed", subject=what_subject(contractor), by=by, now=now, changes=changes)


def contract_details(contractor: Contractor) -> dict[str, Any]:
    """Return the terms of a contractor's contract for the audit log."""
    return {
        "contract_ends_at": contractor.contract_ends_at,
        "sponsor": contractor.sponsor.email,
        "roles": sorted(contractor.roles.values_list("name", flat=True)),
    }


def join(user: User, *, by: User | str, now: datetime) -> None:
    """Record that a person now has an account."""
    append(verb="person.joined", subject=person_subject(user), by=by, now=now, email=user.email, name=user.name)


@transaction.atomic
def record_rights(
    user: User,
    *,
    groups: AbstractSet[str],
    mapped: AbstractSet[str],
    is_administrator: bool,
    by: User | str,
    now: datetime,
) -> None:
    """Make a person a member of exactly these of the `mapped` groups, and an administrator or not.

    Memberships in other groups stay unchanged. If nothing changes, nothing is recorded.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before = set(user.groups.filter(name__in=mapped).values_list("name", flat=True))
    added, removed = sorted(groups - before), sorted(before - groups)
    if not added and not removed and user.is_staff == is_administrator:
        return
    user.groups.add(*[Group.objects.get_or_create(name=name)[0] for name in added])
    user.groups.remove(*Group.objects.filter(name__in=removed))
    User.objects.filter(pk=user.pk).update(is_staff=is_administrator)
    append(
        verb="person.rights_changed",
        subject=person_subject(user),
        by=by,
        now=now,
        email=user.email,
        groups_added=added,
        groups_removed=removed,
        is_administrator=is_administrator,
    )


def _kind(what: What) -> str:
    return {Company: "company", Contractor: "contractor", User: "person"}[type(what)]
