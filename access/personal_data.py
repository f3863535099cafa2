"""The personal data export: everything that the portal stores about a person, for that person only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q

from access.ledger.form_drafts import drafts_of
from access.ledger.subjects import person_subject, subject_of
from access.models import (
    AuditEvent,
    BreakGlassGrant,
    Certification,
    Comment,
    Contractor,
    Delegation,
    FactorReset,
    Grant,
    Issuance,
    KnownBrowser,
    Notification,
    Principal,
    Request,
    Session,
    User,
)
from access.models.sessions import OpenSession
from access.texts import stored

# All other fields of a factor are secret.
_FACTOR = ("type", "created_at", "last_used_at")
_FACTOR_RESET = ("reason", "is_by_command", "proposed_at", "done_at", "withdrawn_at")
_BROWSER = ("signed_in_at", "expires_at", "failures", "address", "user_agent")
_GRANT = (
    *("session_name", "role__name", "starts_at", "ends_at", "removed_at"),
    *("revoked_at", "revoked_reason", "revoked_code", "revoked_facts"),
)
_REQUEST = (
    "public_id",
    "role__name",
    "starts_at",
    "ends_at",
    "length",
    "latest_start",
    "latest_end",
    "expires_at",
    "reason",
    "ticket",
    "asks_mfa",
    "source_cidrs",
    "submitted_at",
    "state",
)
_EVENT = ("sequence", "at", "actor", "verb", "subject", "details")


def export_of(person: User, *, now: datetime) -> dict[str, Any]:
    """Return all rows about `person` as plain values, secrets left out: no password, no seed, no session key."""
    contractor = Contractor.objects.filter(user=person).select_related("company", "sponsor").first()
    return {
        "account": _account(person),
        "contract": _contract(contractor) if contractor else None,
        **_signing_in(person, now=now),
        **_asked_and_given(person),
        **_done(person),
        "drafts": _drafts(person, now=now),
        "history": _history(person),
    }


def _signing_in(person: User, *, now: datetime) -> Mapping[str, Any]:
    return {
        "factors": list(Authenticator.objects.filter(user=person).values(*_FACTOR)),
        "factor_resets": list(FactorReset.objects.filter(person=person).order_by("pk").values(*_FACTOR_RESET)),
        "sessions": [_session(session) for session in Session.objects.open_of(person, now=now)],
        "remembered_browsers": list(KnownBrowser.objects.filter(person=person).values(*_BROWSER)),
        "aws_identities": list(Principal.objects.filter(contractor__user=person).values("arn", "unique_id", "proof")),
    }


def _asked_and_given(person: User) -> Mapping[str, Any]:
    return {
        "requests": list(Request.objects.filter(requester=person).order_by("pk").values(*_REQUEST)),
        "grants": [_grant(row) for row in Grant.objects.filter(request__requester=person).values(*_GRANT)],
        "sessions_in_aws": list(
            Issuance.objects.filter(by=person).values("kind", "started_at", "outcome", "access_key_id", "expires_at")
        ),
    }


def _grant(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a grant with the sentence of why it was revoked."""
    text = stored.load(row["revoked_code"], row["revoked_facts"])
    return {**row, "revoked_because": text.english if text else row["revoked_reason"]}


def _done(person: User) -> Mapping[str, Any]:
    return {
        "comments": list(Comment.objects.filter(author=person).values("request__public_id", "written_at", "text")),
        "delegations": list(
            Delegation.objects.filter(Q(approver=person) | Q(delegate=person)).values(
                "approver__email", "delegate__email", "from_at", "until_at", "ended_at"
            )
        ),
        "notifications": list(
            Notification.objects.filter(person=person).values(
                "kind", "request__public_id", "change__public_id", "made_at", "sent_at"
            )
        ),
        "break_glass": list(
            BreakGlassGrant.objects.filter(person=person).values("used_at", "verdict", "comment", "reviewed_at")
        ),
        "reviews_of_it": list(Certification.objects.filter(whose=person).values("verdict", "comment", "at")),
    }


def _drafts(person: User, *, now: datetime) -> list[Mapping[str, Any]]:
    return [
        {"form": one.address, "saved_at": one.saved_at, "deleted_at": one.deleted_at, "values": one.typed}
        for one in drafts_of(person, now=now)
    ]


def _account(person: User) -> Mapping[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "time_zone": person.time_zone,
        "language": person.language,
        "browser_language": person.browser_language,
        "uses_shortcuts": person.uses_shortcuts,
        "since": person.date_joined,
        "last_sign_in": person.last_login,
    }


def _session(session: OpenSession) -> Mapping[str, Any]:
    return {"began_at": session.began_at, "address": session.address, "user_agent": session.user_agent}


def _contract(contractor: Contractor) -> Mapping[str, Any]:
    return {
        "company": contractor.company.name,
        "sponsor": contractor.sponsor.email,
        "ends_at": contractor.contract_ends_at,
        "roles": sorted(contractor.roles.values_list("name", flat=True)),
        "favourite_roles": sorted(contractor.user.favourite_roles.values_list("name", flat=True)),
    }


def _history(person: User) -> list[dict[str, Any]]:
    subjects = [subject_of(request) for request in Request.objects.filter(requester=person).order_by("pk")]
    own = Q(actor=person.email) | Q(subject__in=[*subjects, person_subject(person)])
    events = AuditEvent.objects.filter(own).order_by("sequence").values(*_EVENT)
    return [dict(event) | {"sentences": _sentences(event["details"])} for event in events]


def _sentences(details: Any) -> list[str]:
    """Return what the details say, in English as all records."""
    return [text.english for text in stored.texts_in(details)]
