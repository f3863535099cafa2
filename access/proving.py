"""Prove which AWS identity belongs to a contractor, or record that their sponsor vouches for one.

Raises `Refused` when a rule refuses the action, `proof.ProofError` and `arns.ArnError` for what proves nothing or
cannot be trusted, `aws.AwsError` when STS rejects it, and `Conflict` when a nonce was used before.
"""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Q

from access import arns, aws, proof, tasks
from access.ledger.identities import (
    block_recreated,
    record_challenge_used,
    record_proof,
    record_vouching,
    resting_on_another_id,
    store_challenge,
)
from access.models import Account, Challenge, Contractor, Principal, Request, Role, User
from access.models.principals import HOUR
from access.rules.facts import Refused
from access.rules.identities import check_can_prove, check_can_vouch
from access.rules.people import check_can_decide_again

log = structlog.get_logger(__name__)


@transaction.atomic
def challenge(*, by: User, now: datetime) -> Challenge:
    """Return a fresh nonce for this person, good for one proof within the hour."""
    list(Contractor.objects.select_for_update(no_key=True).filter(user=by))
    lately = Challenge.objects.of(by, since=now - HOUR).count()
    check_can_prove(by.facts(), lately=lately)
    return store_challenge(by, now=now)


def prove(
    *, by: User, challenge: Challenge, pasted: str, portal_host: str, role_arn: str, only_session: bool, now: datetime
) -> Principal:
    """Store and return the identity that signed what was pasted; STS is asked with no lock or transaction held.

    The nonce is used up before STS is asked, so that nothing is asked twice. Grants that depend on an earlier unique id
    of the same ARN are blocked for good.
    """
    _check_open(challenge, by=by, now=now)
    call = proof.read(pasted, nonce=challenge.nonce, portal_host=portal_host, hosts=aws.sts_hosts(), now=now)
    record_challenge_used(challenge, now=now)
    caller = aws.ask_who_signed(call)
    found = proof.identify(caller, partition=call.host.partition, role_arn=role_arn, only_session=only_session)
    with transaction.atomic():
        _check_open_to(by)
        _check_outside(arns.parse_principal(found.arn, unique_id=found.unique_id))
        principal = _store(found, by=by, now=now)
    log.info("identity.proven", person=by.pk, arn=principal.arn)
    return principal


@transaction.atomic
def vouch(*, by: User, contractor: Contractor, arn: str, now: datetime) -> Principal:
    """Store and return an identity of a contractor for which their sponsor vouches."""
    contractor = Contractor.objects.select_for_update(no_key=True, of=("self",)).get(pk=contractor.pk)
    check_can_vouch(by.facts(), sponsor_id=contractor.sponsor_id)
    check_can_decide_again(by.facts(), now=now)
    named = arns.parse(arn)
    _check_outside(named)
    return record_vouching(contractor, arn=str(named), by=by, now=now)


def _check_open(challenge: Challenge, *, by: User, now: datetime) -> None:
    _check_open_to(by)
    if challenge.person_id != by.pk:
        raise Refused("proof_command_of_another")
    if not challenge.is_open(now=now):
        raise Refused("proof_command_expired")


def _check_open_to(person: User) -> None:
    check_can_prove(person.facts(), lately=0)


def _check_outside(principal: arns.IamArn | arns.SessionArn) -> None:
    if Account.objects.filter(account_id=principal.account_id).exists():
        raise arns.ArnError("arn_account_managed")


def _store(found: proof.CallerIdentity, *, by: User, now: datetime) -> Principal:
    """Store what was proven. Every role that may hold something on an earlier id is locked first, as everybody does."""
    contractor = Contractor.objects.select_for_update(no_key=True, of=("self",)).get(user=by)
    asked = Request.objects.filter(principal__arn=found.arn).values("role_id")
    list(Role.objects.lock().filter(Q(pk__in=asked) | Q(overflow_of__in=asked)).order_by("pk"))
    stale = resting_on_another_id(found.arn, found.unique_id, now=now)
    principal = record_proof(contractor, arn=found.arn, unique_id=found.unique_id, by=by, now=now)
    if stale:
        block_recreated(stale, by=by, now=now)
    for role_id in {grant.role_id for grant in stale}:
        tasks.enqueue(role_id, urgent=True)
    return principal
