"""Store changes of AWS identities, each with its event."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from access.ledger.chain import Entry, append, append_all
from access.ledger.conflicts import Conflict
from access.ledger.roles import mark_dirty
from access.ledger.subjects import subject_of
from access.lifecycle import Problem
from access.models import Challenge, Contractor, Grant, Principal, User
from access.models.texts import problem_columns
from access.texts import stored
from access.texts.text import Text

_RECREATED = Problem.PRINCIPAL_DELETED
_TEXT = Text("principal_recreated")


def store_challenge(person: User, *, now: datetime) -> Challenge:
    """Store a new nonce for a person. It has no event until it proves an identity."""
    return Challenge.objects.create(person=person, created_at=now)


def record_challenge_used(challenge: Challenge, *, now: datetime) -> None:
    """Mark a nonce as used; raises Conflict if it was used before."""
    if not Challenge.objects.filter(pk=challenge.pk, used_at=None).update(used_at=now):
        raise Conflict("proof_command_used")


@transaction.atomic
def record_proof(contractor: Contractor, *, arn: str, unique_id: str, by: User, now: datetime) -> Principal:
    """Store a proven identity. Other people who proved the same ARN with another unique ID must prove it again."""
    facts = {"unique_id": unique_id, "proof": Principal.Proof.SIGNED, "proven_at": now}
    principal, _ = Principal.objects.update_or_create(
        contractor=contractor, arn=arn, defaults={**facts, "vouched_by": None, "vouched_at": None}
    )
    stale = Principal.objects.filter(arn=arn, proof=Principal.Proof.SIGNED).exclude(unique_id=unique_id)
    stale.update(proof=Principal.Proof.TYPED, unique_id="", proven_at=None)
    append(verb="identity.proven", subject=_subject(contractor), by=by, now=now, arn=arn, unique_id=unique_id)
    return principal


@transaction.atomic
def record_vouching(contractor: Contractor, *, arn: str, by: User, now: datetime) -> Principal:
    """Store an identity that a sponsor vouches for.

    Raises Conflict if the identity is proven, because a proof is stronger.
    """
    found = Principal.objects.select_for_update().filter(contractor=contractor, arn=arn).first()
    if found is not None and found.proof == Principal.Proof.SIGNED:
        raise Conflict("identity_already_verified")
    principal, _ = Principal.objects.update_or_create(
        contractor=contractor,
        arn=arn,
        defaults={"proof": Principal.Proof.VOUCHED, "vouched_by": by, "vouched_at": now},
    )
    append(verb="identity.vouched", subject=_subject(contractor), by=by, now=now, arn=arn)
    return principal


def resting_on_another_id(arn: str, unique_id: str, *, now: datetime) -> list[Grant]:
    """Return the grants for this principal that can be ended and that contain another unique ID.

    They are locked before the audit chain.
    """
    others = Grant.objects.filter(principal_arn=arn).to_end(now=now)
    others = others.exclude(Q(principal_unique_id="") | Q(principal_unique_id=unique_id) | Q(problem=_RECREATED))
    rows = others.select_for_update(of=("self",), no_key=True)
    return list(rows.select_related("role", "request").order_by("pk"))


@transaction.atomic
def block_recreated(grants: Sequence[Grant], *, by: User, now: datetime) -> None:
    """Permanently block grants whose principal no longer exists, and mark their roles dirty."""
    Grant.objects.filter(pk__in=[grant.pk for grant in grants]).update(**problem_columns(_RECREATED, _TEXT))
    for role in {grant.role_id: grant.role for grant in grants}.values():
        mark_dirty(role, now=now)
    details = {"problem": _RECREATED, "text": stored.dump(_TEXT)}
    append_all([Entry("grant.problem", subject_of(grant.request), details) for grant in grants], by=by, now=now)


def _subject(contractor: Contractor) -> str:
    return f"contractor:{contractor.pk}"
