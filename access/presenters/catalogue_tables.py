"""The tables of all roles and of all accounts: who decides, what is used, when it was last used."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from access import trust
from access.models import Account, Grant, Role, User
from access.presenters.approvers import in_a_sentence, steps_of_roles
from access.presenters.own_roles import InAccount, OwnRole, by_account


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One role, as a person with these rights reads it."""

    role: Role
    decided_by: str
    ask_url: str  # "" for those who cannot request it
    live: int  # grants that have not ended in AWS, also those on overflow roles
    last_used_at: datetime | None  # when the last grant ended in AWS
    used_percent: int  # of the characters that the trust policy can have


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account, as administrators read it."""

    account: Account
    tone: str
    roles: int
    live: int
    read_at: datetime | None  # when AWS last answered for one of its roles


def role_rows(roles: QuerySet[Role], *, user: User, now: datetime) -> list[InAccount[RoleRow]]:
    """Return a row for each role, by account and name."""
    ended = Grant.objects.filter(role=OuterRef("pk")).exclude(removed_at=None).order_by("-removed_at")
    listed = roles.annotate(last_used_at=Subquery(ended.values("removed_at")[:1])).prefetch_related("further_stages")
    found = list(listed.select_related("account", "state").order_by("account__name", "account_id", "name"))
    steps, live, requestable = steps_of_roles(found, now=now), _live_by_role(), _requestable(found, user)
    rows = [
        RoleRow(
            role,
            in_a_sentence(steps[role.pk]),
            OwnRole(role, is_favourite=False).ask_url if role.pk in requestable else "",
            live[role.pk],
            role.last_used_at,
            _used_percent(role),
        )
        for role in found
    ]
    return by_account(rows, lambda row: row.role)


def account_rows(accounts: Iterable[tuple[Account, str]]) -> list[AccountRow]:
    """Return a row for each account and the tone of its last test."""
    roles = Role.objects.filter(overflow_of=None).values_list("pk", "account_id")
    account_of, live = dict(roles), Counter[int]()
    for role, number in _live_by_role().items():
        live[account_of.get(role, 0)] += number
    number_of = Counter(account_of.values())
    read = Role.objects.values_list("account_id").annotate(Max("state__observed_at"))
    read_at: dict[int, datetime | None] = dict(read)
    return [AccountRow(one, tone, number_of[one.pk], live[one.pk], read_at.get(one.pk)) for one, tone in accounts]


def _live_by_role() -> Counter[int]:
    """Return the number of grants that have not ended in AWS, by the role that was requested."""
    requested = Grant.objects.filter(removed_at=None).values_list(Coalesce("role__overflow_of", F("role")))
    return Counter(role for (role,) in requested)


def _requestable(roles: Collection[Role], user: User) -> set[int]:
    mine = set(Role.objects.filter(contractors__user=user, is_active=True).values_list("pk", flat=True))
    return mine & {role.pk for role in roles}


def _used_percent(role: Role) -> int:
    return min(100, round(100 * trust.size(role.state.observed_trust) / role.account.trust_quota))
