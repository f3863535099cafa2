"""Store sign-ins, sign-outs, second factors and passwords of people, each with its event."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from access.ledger.browsers import forget_browsers
from access.ledger.chain import Entry, append, append_all
from access.ledger.form_drafts import delete_drafts
from access.ledger.spool import record
from access.ledger.subjects import person_subject
from access.models import Session, User
from access.models.sessions import hash_of_key


class Outdated(Exception):
    """The password was changed after the person was read."""


def open_session(person: User, *, ways: Sequence[str], address: str, now: datetime) -> None:
    """Record that somebody signed in, with which methods in which order, and from where."""
    append(verb="session.opened", subject=person_subject(person), by=person, now=now, ways=list(ways), address=address)


def close_session(person: User, *, address: str, now: datetime) -> None:
    """Record that somebody signed out."""
    record(verb="session.closed", subject=person_subject(person), by=person, now=now, address=address)


def lock_person(person: User) -> User:
    """Return the person as they are now, and lock the row until the end of the transaction.

    This puts sign-ins, the end of sessions, and changes of passwords and factors one after the other. Take this lock
    before the audit chain.
    """
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def rename_session(former: str, key: str) -> bool:
    """Change the key of a session, and return whether there was a session with the earlier key. This has no event."""
    return bool(Session.objects.filter(session_key=hash_of_key(former)).update(session_key=hash_of_key(key)))


def delete_session(key: str) -> None:
    """Delete the session with this key. Another function records the sign-out."""
    Session.objects.filter(session_key=hash_of_key(key)).delete()


def end_sessions(person_ids: Collection[int]) -> None:
    """Delete all sessions of these people, and their drafts; the caller records why."""
    Session.objects.filter(person_id__in=person_ids).delete()
    delete_drafts(person_ids)


@transaction.atomic
def close_others(person: User, *, kept: str, address: str, now: datetime) -> None:
    """End all other sessions of a person, and all sign-ins that wait for a second factor.

    Forget their browsers, and delete their drafts: another session can have written those. Record this.
    """
    lock_person(person)
    delete_drafts([person.pk])
    count, _by_model = Session.objects.filter(person=person).exclude(session_key=kept).delete()
    if count:
        subject = person_subject(person)
        record(verb="session.others_closed", subject=subject, by=person, now=now, count=count, address=address)
    forget_browsers(person, why="signed_out_everywhere", by=person, address=address, now=now)


@transaction.atomic
def set_password(person: User, password: str, *, address: str, is_reset: bool, now: datetime) -> None:
    """Store a new password; `is_reset` says that a link in an email authorised it, not the earlier password.

    Raises Outdated if the password has changed since `person` was read: a link, or an earlier password, is valid for
    one change.
    """
    former = person.password
    person.set_password(password)
    if lock_person(person).password != former:
        raise Outdated
    person.save(update_fields=["password"])
    delete_drafts([person.pk])
    way = "link" if is_reset else "former_password"
    append(verb="password.changed", subject=person_subject(person), by=person, now=now, way=way, address=address)
    forget_browsers(person, why="password", by=person, address=address, now=now)


def change_factors(
    person: User, *, before: Mapping[int, str], after: Mapping[int, str], address: str, now: datetime
) -> None:
    """Record which second factors of a person were added and removed; both arguments map row keys to factors."""
    subject = person_subject(person)
    gone = [("factor.removed", what) for key, what in before.items() if key not in after]
    come = [("factor.added", what) for key, what in after.items() if key not in before]
    changes = [Entry(verb, subject, {"factor": what, "address": address}) for verb, what in gone + come]
    append_all(changes, by=person, now=now)
    if changes:
        forget_browsers(person, why="factor", by=person, address=address, now=now)
