"""Resets of lost second factors: proposed, withdrawn and done, each with its event and its emails."""

from collections.abc import Collection
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from access.ledger.browsers import forget_browsers
from access.ledger.chain import append
from access.ledger.conflicts import Conflict
from access.ledger.sessions import end_sessions
from access.ledger.subjects import person_subject
from access.models import FactorReset, Notification, User
from access.rules.factor_resets import DECIDES_AGAIN_AFTER

COMMAND = "command"


@transaction.atomic
def propose_factor_reset(reset: FactorReset, *, by: User, now: datetime) -> None:
    """Store a new proposal, and settle an expired proposal for the same person."""
    expired = FactorReset.objects.filter(person=reset.person, done_at=None, withdrawn_at=None)
    expired.exclude(pk__in=FactorReset.objects.waiting(now=now)).update(withdrawn_at=now)
    reset.save(force_insert=True)
    _append("factor.reset_proposed", reset, by=by, now=now)


@transaction.atomic
def withdraw_factor_reset(reset: FactorReset, *, by: User, now: datetime) -> None:
    """Store that a proposal is withdrawn; raises Conflict if it was settled in the meantime."""
    _settle(reset, withdrawn_by=by, withdrawn_at=now)
    _append("factor.reset_withdrawn", reset, by=by, now=now)


@transaction.atomic
def confirm_factor_reset(reset: FactorReset, *, by: User, now: datetime) -> None:
    """Store that a second administrator confirmed the reset, and remove the factors.

    Raises Conflict if the proposal was settled in the meantime.
    """
    _settle(reset, confirmed_by=by, done_at=now)
    _remove_factors(reset, by=by, now=now)


@transaction.atomic
def reset_factors_by_command(reset: FactorReset, *, now: datetime) -> None:
    """Store a reset by the command, and remove the factors. This settles an open proposal."""
    FactorReset.objects.filter(person=reset.person, done_at=None, withdrawn_at=None).update(withdrawn_at=now)
    reset.save(force_insert=True)
    _remove_factors(reset, by=COMMAND, now=now)


@transaction.atomic
def create_reset_notifications(
    kind: Notification.Kind, reset: FactorReset, people: Collection[int], *, now: datetime
) -> None:
    """Write an email to each person with one of these IDs; the worker sends it."""
    rows = [Notification(kind=kind, factor_reset=reset, person_id=one, made_at=now) for one in people]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def _settle(reset: FactorReset, **columns: object) -> None:
    if not FactorReset.objects.filter(pk=reset.pk, done_at=None, withdrawn_at=None).update(**columns):
        raise Conflict("factor_reset_settled")


def _remove_factors(reset: FactorReset, *, by: User | str, now: datetime) -> None:
    """Remove all factors of the person, including recovery codes, and end their sessions.

    They can decide again after a day.

    The person's row is locked, so their own simultaneous changes and sign-ins come before or after the reset.
    """
    person = reset.person
    factors = Authenticator.objects.filter(user=person)
    kinds = sorted(factors.values_list("type", flat=True))
    factors.delete()
    end_sessions([person.pk])
    User.objects.filter(pk=person.pk).update(decides_again_at=now + DECIDES_AGAIN_AFTER)
    _append("factor.reset", reset, by=by, now=now, factors=kinds, decides_again_at=now + DECIDES_AGAIN_AFTER)
    forget_browsers(person, why="factor_reset", by=by, now=now)


def _append(verb: str, reset: FactorReset, *, by: User | str, now: datetime, **details: object) -> None:
    proposer = reset.proposed_by.email if reset.proposed_by else ""
    append(
        verb=verb,
        subject=person_subject(reset.person),
        by=by,
        now=now,
        proposed_by=proposer,
        reason=reset.reason,
        **details,
    )
