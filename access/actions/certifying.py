"""Certify or reject a grant, a role or a contract in an access review."""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from access.actions.requests import end_after_review
from access.ledger.certifications import record_certification
from access.ledger.chain import append
from access.ledger.people import contract_details
from access.ledger.subjects import person_subject, role_subject, subject_of
from access.models import Certification, Contractor, Grant, Role, User
from access.rules.checks import check_reason
from access.rules.people import check_can_decide_again, check_can_manage
from access.rules.reviews import check_can_certify_grant, check_can_certify_role

Verdict = Certification.Verdict


@transaction.atomic
def certify_grant(*, by: User, grant: Grant, keep: bool, comment: str, now: datetime) -> Certification:
    """Certify a live grant, or reject it and end it immediately."""
    rows = Grant.objects.select_related(
        "role__account", "role__state", "request__role__account", "request__role__state", "request__contractor__sponsor"
    )
    grant = rows.get(pk=grant.pk)
    request = grant.request
    check_can_certify_grant(by.facts(), request.facts(), grant.facts(), now=now)
    verdict = _verdict(keep, comment, by=by, now=now)
    if not keep:
        end_after_review(by=by, grant=grant, comment=comment, now=now)
    return record_certification(
        subject_of(request),
        verdict,
        comment=comment.strip(),
        details={"session_name": grant.session_name, "ends_at": grant.ends_at},
        by=by,
        now=now,
        is_ending=not keep,
        grant=grant,
        whose=request.requester,
    )


@transaction.atomic
def certify_role(*, by: User, role: Role, keep: bool, comment: str, now: datetime) -> Certification:
    """Record that a role can stay as it is, or that it has to be changed."""
    role = Role.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=role.pk)
    check_can_certify_role(by.facts(), role.settings())
    seen = json.dumps([role.state.observed_trust, role.permissions, role.policy_arns], sort_keys=True)
    return record_certification(
        role_subject(role),
        _verdict(keep, comment, by=by, now=now),
        comment=comment.strip(),
        details={
            "arn": role.arn,
            "observed_at": role.state.observed_at,
            "sha256": hashlib.sha256(seen.encode()).hexdigest(),
        },
        by=by,
        now=now,
        role=role,
    )


@transaction.atomic
def certify_contractor(*, by: User, contractor: Contractor, keep: bool, comment: str, now: datetime) -> Certification:
    """Record that a contractor's terms are still right, or that they have to be changed."""
    rows = Contractor.objects.select_for_update(of=("self",), no_key=True).select_related("user", "sponsor")
    contractor = rows.get(pk=contractor.pk)
    check_can_manage(by.facts(), contractor.sponsor_id)
    return record_certification(
        person_subject(contractor.user),
        _verdict(keep, comment, by=by, now=now),
        comment=comment.strip(),
        details=contract_details(contractor),
        by=by,
        now=now,
        contractor=contractor,
        whose=contractor.user,
    )


def export(*, by: User, report: str, rows: int, now: datetime) -> None:
    """Record that somebody took a list away."""
    append(verb="review.exported", subject=person_subject(by), by=by, now=now, report=report, rows=rows)


def _verdict(keep: bool, comment: str, *, by: User, now: datetime) -> Certification.Verdict:
    """Return the verdict; a rejection says why, and is possible for everybody at any time."""
    if keep:
        check_can_decide_again(by.facts(), now=now)
        return Verdict.KEEP
    check_reason(comment)
    return Verdict.REJECT
