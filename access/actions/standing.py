"""Standing rules for break-glass: one administrator makes one, another confirms it, any of them withdraws it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from access import ledger, rules, tasks
from access.actions.locking import held, hold
from access.ledger import Conflict
from access.models import Grant, Role, StandingRule, User
from access.rules import Refused

WITHDRAWN = "The standing rule was withdrawn."


@transaction.atomic
def make_standing(
    *,
    by: User,
    role: Role,
    people: Collection[User],
    longest: timedelta,
    expires_at: datetime,
    reason: str,
    now: datetime,
) -> StandingRule:
    """Store a rule that waits for another administrator, and give it."""
    rules.check_can_administer(by.facts())
    role = Role.objects.select_related("account").get(pk=role.pk)
    if role.overflow_of_id is not None or not role.account.issuer_arn:
        raise Refused("The portal hands out no sessions of this role: its account names no issuer.")
    rules.check_reason(reason)
    facts = [person.facts() for person in people]
    rules.check_standing_terms(role.rules(), facts, longest=longest, expires_at=expires_at, now=now)
    rule = StandingRule(
        role=role, longest=longest, reason=reason.strip(), expires_at=expires_at, made_by=by, made_at=now
    )
    ledger.make_standing(rule, people, by=by, now=now)
    return rule


@transaction.atomic
def confirm_standing(*, by: User, rule: StandingRule, content_hash: str, now: datetime) -> None:
    """Put a rule into force; `content_hash` names what was shown."""
    rule = _locked(rule)
    hold(by)
    rules.check_can_confirm_standing(by.facts(), rule.facts(), proposer=rule.made_by.facts(), now=now)
    people = [person.facts() for person in rule.people.all()]
    rules.check_standing_terms(
        rule.role.rules(), people, longest=rule.longest, expires_at=rule.expires_at, now=rule.made_at
    )
    if content_hash != rule.content_hash():
        raise Conflict("This page did not show the whole rule. Look at it again before you confirm it.")
    ledger.confirm_standing(rule, by=by, now=now)


@transaction.atomic
def withdraw_standing(*, by: User, rule: StandingRule, now: datetime) -> None:
    """Let a rule be used no more, and end what is open by it."""
    rule = _locked(rule)
    rules.check_can_withdraw_standing(by.facts(), rule.facts())
    open_grants = Grant.objects.filter(standing_rule=rule).to_end(now=now)
    grants = held(open_grants.select_related("request"))
    ledger.withdraw_standing(rule, by=by, now=now)
    for grant in grants:
        ledger.revoke(grant, verb="grant.revoked", reason=WITHDRAWN, by=by, now=now)
        tasks.enqueue(grant.role_id, urgent=True)


def _locked(rule: StandingRule) -> StandingRule:
    """Give the rule, its role's family locked first and then its own row, as whoever uses it locks them."""
    family = Q(pk=rule.role_id) | Q(overflow_of=rule.role_id)
    list(Role.objects.select_for_update().filter(family).order_by("pk"))
    StandingRule.objects.select_for_update().get(pk=rule.pk)
    return StandingRule.objects.select_related("role__account", "made_by", "confirmed_by").get(pk=rule.pk)
