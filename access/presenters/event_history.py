"""Links from an object's page to the audit events that concern it, for people who can read those."""

from datetime import datetime

from access.models import Account, Company, Contractor, Request, Role, User
from access.presenters.events import url_of
from access.rules.people import can_administer

Subject = Account | Company | Contractor | Request | Role | User


def history_url(subject: Subject, *, reader: User, now: datetime) -> str:
    """Return the address of the events that concern an object; empty for people who cannot read all of these."""
    return url_of(*_named(subject)) if _can_read(subject, reader, now=now) else ""


def _can_read(subject: Subject, reader: User, *, now: datetime) -> bool:
    facts = reader.facts()
    if facts.contractor_id is not None:
        return False
    if can_administer(facts):
        return True
    match subject:
        case Role():
            return _approves(reader, subject.pk, now=now)
        case Request():
            return _sponsors(reader, subject.contractor) or _approves(reader, subject.role_id, now=now)
        case Contractor():
            return _sponsors(reader, subject)
    return False


def _approves(reader: User, role_id: int, *, now: datetime) -> bool:
    return Role.objects.approved_by(reader, now=now).filter(pk=role_id).exists()


def _sponsors(reader: User, contractor: Contractor | None) -> bool:
    return contractor is not None and contractor.sponsor_id == reader.pk


def _named(subject: Subject) -> tuple[str, str]:
    match subject:
        case Role():
            return "role", f"{subject.account.account_id}/{subject.name}"
        case Request():
            return "request", str(subject.public_id)
        case Contractor():
            return "person", str(subject.user.public_id)
        case User():
            return "person", str(subject.public_id)
        case Company():
            return "company", str(subject.public_id)
    return "account", subject.account_id
