"""Reset a lost second factor: one administrator proposes, another confirms; a command does where there are none."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from access import tasks
from access.actions.locking import lock_people
from access.ledger import factor_resets
from access.models import FactorReset, Notification, User
from access.rules.checks import check_reason
from access.rules.factor_resets import check_can_confirm_reset, check_can_propose_reset, check_command_is_needed
from access.rules.facts import Refused
from access.rules.people import check_can_administer

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@transaction.atomic
def propose_factor_reset(*, by: User, person: User, reason: str, has_new_factor: bool, now: datetime) -> FactorReset:
    """Store and return a proposal to remove all second factors of somebody, which another administrator confirms.

    `has_new_factor` says whether `by` used a passkey or code for exactly this.
    """
    _check_new(has_new_factor)
    lock_people(by, person)
    check_can_propose_reset(by.facts(), person.facts(), now=now)
    check_reason(reason)
    reset = FactorReset(person=person, reason=reason.strip(), proposed_by=by, proposed_at=now)
    try:
        factor_resets.propose_factor_reset(reset, by=by, now=now)
    except IntegrityError:
        raise Refused("factor_reset_waiting") from None
    _notify(Notification.Kind.FACTOR_RESET_PROPOSED, reset, now=now)
    return reset


@transaction.atomic
def confirm_factor_reset(*, by: User, reset: FactorReset, has_new_factor: bool, now: datetime) -> None:
    """Remove the factors as somebody else than who proposed it and than the person concerned."""
    _check_new(has_new_factor)
    reset = _locked(reset, by)
    check_can_confirm_reset(by.facts(), reset.facts(), now=now)
    factor_resets.confirm_factor_reset(reset, by=by, now=now)
    _notify(Notification.Kind.FACTOR_RESET, reset, now=now)


@transaction.atomic
def withdraw_factor_reset(*, by: User, reset: FactorReset, now: datetime) -> None:
    """Take a proposal back: any administrator, or the person concerned, who still has their factor."""
    reset = _locked(reset, by)
    if by.pk != reset.person_id:
        check_can_administer(by.facts())
    factor_resets.withdraw_factor_reset(reset, by=by, now=now)


@transaction.atomic
def reset_factors_by_command(*, person: User, reason: str, now: datetime) -> FactorReset:
    """Remove the factors of somebody whom no two administrators can help; raises Refused while two can."""
    lock_people(person)
    check_reason(reason)
    others = _administrators().exclude(pk=person.pk).filter(authenticator__type__in=STRONG).distinct()
    check_command_is_needed(others.count())
    reset = FactorReset(person=person, reason=reason.strip(), is_by_command=True, proposed_at=now, done_at=now)
    factor_resets.reset_factors_by_command(reset, now=now)
    _notify(Notification.Kind.FACTOR_RESET, reset, now=now)
    return reset


def _check_new(has_new_factor: bool) -> None:
    if not has_new_factor:
        raise Refused("confirmation_too_old")


def _locked(reset: FactorReset, by: User) -> FactorReset:
    """Return the proposal, locked after the people whom it concerns."""
    people = [one for one in (by, reset.person, reset.proposed_by) if one is not None]
    lock_people(*people)
    FactorReset.objects.select_for_update().get(pk=reset.pk)
    return FactorReset.objects.select_related("person", "proposed_by").get(pk=reset.pk)


def _notify(kind: Notification.Kind, reset: FactorReset, *, now: datetime) -> None:
    """Write an email to everyone concerned: the person, their sponsor, and all administrators."""
    contractor = getattr(reset.person, "contractor", None)
    people = {reset.person_id, *_administrators().values_list("pk", flat=True)}
    people |= {contractor.sponsor_id} if contractor else set()
    factor_resets.create_reset_notifications(kind, reset, people, now=now)
    tasks.enqueue_notifications()


def _administrators() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True, contractor=None)
