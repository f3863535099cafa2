"""Rights that single sign-on gives and takes, each change with its event."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction

from access.ledger.chain import append
from access.ledger.people import person_subject
from access.models import User

SSO = "single sign-on"


def join(user: User, *, by: User | str, now: datetime) -> None:
    """Record that somebody has an account from now on."""
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
    """Make a person a member of these groups and of no others of the `mapped` ones, and an administrator or not.

    Groups that are not mapped stay as they are. Nothing is recorded when nothing changes.
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
