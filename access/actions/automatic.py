"""Rules that approve by themselves: one administrator makes one, another confirms it, each of them ends it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from access import ledger, rules
from access.models import AutoApproval, Company, Deputy, Request, Role, User
from access.rules import Spent


@dataclass(frozen=True, slots=True)
class AutoTerms:
    """What a rule says. Without days there are no hours; at least one of the two budgets is there."""

    longest_window: timedelta
    expires_at: datetime
    per_week: int | None = None
    hours_per_week: timedelta | None = None
    office_days: str = ""
    office_opens: time | None = None
    office_closes: time | None = None
    office_zone: str = ""


@transaction.atomic
def make_rule(*, by: User, role: Role, company: Company, terms: AutoTerms, now: datetime) -> AutoApproval:
    """Store a rule that waits for a second administrator, and give it."""
    role = Role.objects.select_for_update(of=("self",)).select_related("account").get(pk=role.pk)
    facts = {name: getattr(terms, name) for name in AutoTerms.__slots__}
    rule = AutoApproval(role=role, company=company, made_by=by, made_at=now, **facts)
    rules.check_can_make_rule(by.facts(), rule.facts(), longest_window=role.longest_window, now=now)
    return ledger.make_rule(rule, by=by, now=now)


@transaction.atomic
def confirm_rule(*, by: User, rule: AutoApproval, now: datetime) -> None:
    """Put a rule in force that another administrator made."""
    rule = _locked(rule)
    rules.check_can_confirm_rule(by.facts(), rule.facts(), proposer=rule.made_by.facts(), now=now)
    ledger.confirm_rule(rule, by=by, now=now)


@transaction.atomic
def end_rule(*, by: User, rule: AutoApproval, now: datetime) -> None:
    """Let a rule approve nothing any more; what it gave stays until it ends or is revoked."""
    rules.check_can_administer(by.facts())
    ledger.end_rule(_locked(rule), by=by, now=now)


def hold(roles: Collection[Role], *, by: User, now: datetime) -> list[AutoApproval]:
    """Give the rules that may approve what this person asks of these roles, locked, and with them the overflow roles in
    which the access may end up: before the audit chain, as everybody who changes both locks them.
    """
    standing = AutoApproval.objects.filter(role__in=roles, company__contractors__user=by, ended_at=None)
    rows = standing.filter(expires_at__gt=now).exclude(confirmed_at=None).order_by("pk")
    held = list(rows.select_for_update(of=("self",)).select_related("made_by", "confirmed_by"))
    if held:
        list(Role.objects.select_for_update().filter(overflow_of__in=roles).order_by("pk"))
    return held


def rule_for(request: Request, candidates: Collection[AutoApproval], *, now: datetime) -> AutoApproval | None:
    """Give the first of the rules that says yes to this new request, or None. The rows of the role and of the rules are
    locked: no request is approved out of a budget that another one is about to use up.
    """
    if not candidates:
        return None
    company_id = request.contractor.company_id if request.contractor else None
    if company_id is None:
        return None
    facts = request.facts()
    return next(
        (
            rule
            for rule in candidates
            if rules.covers(rule.facts(), facts, company_id=company_id, spent=spent_by(rule, now=now), now=now)
        ),
        None,
    )


def to_tell(role: Role, *, now: datetime) -> QuerySet[User]:
    """Give everybody who could have decided in a person's way: the approvers of all stages, and their deputies."""
    deciders = role.deciders().values("pk")
    deputies = Deputy.objects.in_force(now=now).filter(approver__in=deciders).values("deputy")
    return User.objects.filter(Q(pk__in=deciders) | Q(pk__in=deputies))


def spent_by(rule: AutoApproval, *, now: datetime) -> Spent:
    """Give what a rule has approved in the seven days before `now`."""
    lately = rule.decisions.filter(decided_at__gt=now - rules.BUDGET_PERIOD)
    found = lately.aggregate(count=Count("pk"), length=Sum(F("request__ends_at") - F("request__starts_at")))
    return Spent(found["count"], found["length"] or timedelta(0))


def _locked(rule: AutoApproval) -> AutoApproval:
    AutoApproval.objects.select_for_update().get(pk=rule.pk)
    related = ("role__account", "company", "made_by")
    return AutoApproval.objects.select_related(*related).get(pk=rule.pk)
