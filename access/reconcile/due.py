"""Find the roles that the worker must update now. The sweep finds them even if a message was lost."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Case, F, Q, When

from access import aws, pauses
from access.guarding import guarded
from access.models import Grant, HardeningChange, Role
from access.reconcile import stop_order
from access.reconcile.lease import length, longest_settling
from access.reconcile.outcome import LONGEST_PAUSE

DAY = timedelta(days=1)


def due(*, now: datetime) -> list[int]:
    """Return the IDs of the roles that are not in sync, whose next change is due, or that were not read recently.

    Accounts take turns. Within an account, the role that has waited longest comes first, and silent roles come last.
    Roles that wait for the Denies of other roles are left out.
    """
    changed = (
        ~Q(state__reconciled_generation=F("state__generation"))
        | Q(state__reconciled_at=None)
        | Q(state__failures__gt=0)
        | Q(to_update=True)
    )
    hardened = Q(pk__in=HardeningChange.objects.filter(settled_at=None).values("role"))
    lately = timedelta(seconds=settings.DRIFT_SECONDS)
    overdue = (
        Q(state__next_change_at__lte=now)
        | pauses.reached("state__settle_until", longest=longest_settling(), now=now)
        | pauses.not_recent("state__reconciled_at", within=lately, now=now)
    )
    # Read a role's permissions and last use daily, even if nobody changes the role.
    unread = Q(pauses.not_recent("state__permissions_read_at", within=DAY, now=now), to_build=False)
    free = pauses.over("state__leased_until", longest=length(), now=now)
    may_try = pauses.over("state__retry_at", longest=timedelta(seconds=LONGEST_PAUSE), now=now)
    connected = Role.objects.filter(account__disconnected_at=None)
    waiting = connected.filter(changed | hardened | overdue | unread).filter(free).filter(may_try)
    held = guarded(partial(stop_order.waiting, now=now))
    if held and not isinstance(held, Exception):
        waiting = waiting.exclude(pk__in=held)
    silent = Q(state__problem_code=aws.SILENT)
    order = (
        Case(When(silent, then="state__retry_at")).asc(nulls_first=True),
        F("state__waiting_since").asc(nulls_last=True),
    )
    return _in_turn(waiting.order_by(*order, "state__reconciled_at").values_list("pk", "account_id"))


def _in_turn(roles: Iterable[tuple[int, int]]) -> list[int]:
    """Return the roles in this order: the first role of each account, then the second of each account, and so on."""
    of_account: defaultdict[int, list[int]] = defaultdict(list)
    for role_id, account_id in roles:
        of_account[account_id].append(role_id)
    rounds = itertools.zip_longest(*of_account.values())
    return [role_id for one in rounds for role_id in one if role_id is not None]


def revoked() -> set[int]:
    """Return the IDs of the roles with a revocation that is not in AWS yet. They come before all other roles."""
    return set(Grant.objects.filter(revoked_at__isnull=False, removed_at=None).values_list("role_id", flat=True))


def endings_due(*, now: datetime, head_start: timedelta) -> list[tuple[int, int]]:
    """Return role and account of the roles on which access must end and that can be updated now, by account in turn.

    Access must end if it was revoked or has expired at least `head_start` ago.
    """
    at = now - head_start
    over = Grant.objects.filter(Q(revoked_at__lte=at) | Q(ends_at__lte=at), removed_at=None)
    waiting = set(over.values_list("role_id", flat=True))
    if not waiting:
        return []
    accounts = dict(Role.objects.filter(pk__in=waiting).values_list("pk", "account_id"))
    return [(role_id, accounts[role_id]) for role_id in due(now=now) if role_id in accounts]
