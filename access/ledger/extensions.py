"""Extensions that wait although the access is over, or ends at another time than they were requested for."""

import contextlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from access.ledger.conflicts import Conflict
from access.ledger.notifications import create_notifications
from access.ledger.requests import settle
from access.lifecycle import RequestState
from access.models import Notification, Request, User
from access.rules.deciding import who_can_decide
from access.texts import stored
from access.texts.text import Text

AT_ONCE = 500


def withdraw_left_over(*, now: datetime) -> None:
    """Withdraw the extensions that nobody can approve any more: the access is over, or its end has moved."""
    is_over = Q(extends__revoked_at__isnull=False) | Q(extends__ends_at__lte=now)
    waiting = Request.objects.waiting(now=now).filter(
        is_over | ~Q(extends__ends_at=F("starts_at")), extends__isnull=False
    )
    withdraw(waiting.select_related("extends", "role__account").order_by("pk")[:AT_ONCE], by="daypass", now=now)


def withdraw(extensions: Iterable[Request], *, by: User | str, now: datetime) -> None:
    """Withdraw these requests, and write an email to their requesters and to those who would have decided them."""
    for request in extensions:
        with contextlib.suppress(Conflict):
            _withdraw(request, by=by, now=now)


@transaction.atomic
def _withdraw(request: Request, *, by: User | str, now: datetime) -> None:
    people = _concerned(request, now=now)
    why = stored.dump(_reason_of(request, now=now))
    settle(request, "withdraw", by=by, now=now, is_ending=True, text=why)
    create_notifications(Notification.Kind.WITHDRAWN, request, people, now=now)


def _reason_of(request: Request, *, now: datetime) -> Text:
    grant = request.extends
    is_over = grant is None or grant.revoked_at is not None or grant.ends_at <= now
    return Text("extension_without_access") if is_over else Text("extension_outdated")


def _concerned(request: Request, *, now: datetime) -> list[User]:
    """Return the requester, those who can decide, and those who were asked to by email."""
    asked = request.notifications.filter(kind=Notification.Kind.ASKED).values_list("person", flat=True)
    keys = {request.requester_id, *who_can_decide(request.facts(), now=now), *asked}
    return list(User.objects.filter(pk__in=keys, is_active=True).order_by("pk"))


def waiting_extensions_of(grant_id: int) -> list[Request]:
    """Return the waiting extensions of a grant, locked; those that somebody else has locked are left to the sweep."""
    rows = Request.objects.filter(extends=grant_id, state=RequestState.PENDING).select_related("role__account")
    return list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk"))
