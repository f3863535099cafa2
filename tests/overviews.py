"""What fills an overview: one of each thing to do and of each trouble, and grants and decisions of some time."""

from datetime import datetime, timedelta
from typing import Any

from access.actions import auto_approvals, factor_resets, stopping
from access.actions.auto_approvals import AutoApprovalLimits
from access.actions.stop_targets import Target
from access.catalogue.changes import change
from access.ledger.spool import record
from access.ledger.subjects import role_subject
from access.ledger.unmanaged import find_statement
from access.lifecycle import Problem
from access.models import Account, Grant, Notification, Request, User
from access.models.role_states import STUCK_AFTER
from access.models.texts import problem_columns
from access.rules.stopping import Scope
from access.texts.text import Text
from access.trust import Fate, Unmanaged
from tests import break_glass, factories
from tests.factories import DAY, HOUR, Cast

MINUTE = timedelta(minutes=1)
ALLOW = {"Sid": "Debug", "Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}


def grants(cast: Cast, starts: list[datetime], *, length: timedelta = HOUR, **facts: Any) -> list[Grant]:
    """Return grants of Rita's for the role of the cast, each applied at its start; `facts` are columns of them all."""
    made = _requests(cast, [(start - MINUTE, start, "approved") for start in starts], length=length)
    given = {"role": cast.role, "contractor": cast.rita.contractor, "portal_issued": True}
    return Grant.objects.bulk_create(
        Grant(
            request=one,
            session_name=one.session_name,
            starts_at=start,
            ends_at=start + length,
            applied_at=start,
            **given | facts,
        )
        for one, start in zip(made, starts, strict=True)
    )


def decided(cast: Cast, at: datetime, *, after: timedelta, state: str = "approved", count: int = 1) -> list[Request]:
    """Return requests of Rita's that were settled at a moment, so long after they were submitted; without grants."""
    return _requests(cast, [(at - after, at, state)] * count)


def _requests(cast: Cast, times: list[tuple[datetime, datetime, str]], *, length: timedelta = HOUR) -> list[Request]:
    """Return requests of Rita's, each with the times at which it was submitted and settled, and its state."""
    return Request.objects.bulk_create(
        Request(
            requester=cast.rita,
            contractor=cast.rita.contractor,
            role=cast.role,
            submitted_at=submitted_at,
            settled_at=settled_at,
            state=state,
            length=length,
            reason="Upload the file.",
            content_hash="0" * 64,
            expires_at=submitted_at + DAY,
            latest_start=submitted_at + DAY,
            latest_end=submitted_at + DAY + length,
        )
        for submitted_at, settled_at, state in times
    )


def history(cast: Cast, *, now: datetime) -> None:
    """Make four weeks of grants and decisions, more on some days than on others, and some open grants."""
    for back in range(1, 28):
        grants(cast, [now - back * DAY] * (1 + back * 7 % 5), removed_at=now)
        decided(cast, now - back * DAY, after=(3 + back * back % 50) * MINUTE, count=1 + back % 3)
        decided(cast, now - back * DAY, after=HOUR, state="denied", count=back % 2)
    grants(cast, [now - 10 * MINUTE] * 3, length=12 * HOUR)


def everything(cast: Cast, *, now: datetime) -> None:
    """Make one of each thing that Ada can do, and of each trouble. Adam is the other administrator."""
    blocked = factories.create_grant(cast, now=now)
    wrong = problem_columns(Problem.POLICY_FULL, Text("policy_full", {"role": cast.role.name}))
    Grant.objects.filter(pk=blocked.pk).update(**wrong)
    _duties(cast, break_glass.adam(), now=now)
    _troubles(cast, now=now)


def _duties(cast: Cast, adam: User, *, now: datetime) -> None:
    change(by=adam, role=cast.role, fields={"quorum": 2}, now=now)
    break_glass.waiting_policy(cast, cast.bob, by=adam, now=now)
    earlier = now - 3 * HOUR
    break_glass.new_grant(break_glass.policy(cast, cast.bob, now=earlier), cast.bob, now=earlier)
    terms = AutoApprovalLimits(longest_window=HOUR, expires_at=now + 30 * DAY, per_week=1)
    company = factories.company()
    auto_approvals.create_auto_approval_policy(by=adam, role=cast.role, company=company, limits=terms, now=now)
    dora = factories.contractor(factories.user("dora"), sponsor=cast.alice)
    made = stopping.stop(by=adam, target=Target(Scope.PERSON, dora.user), reason="The contract ended.", now=now)
    stopping.lift(by=adam, stop=made, has_new_factor=True, now=now)
    person, reason = cast.richard, "The phone is lost."
    factor_resets.propose_factor_reset(by=adam, person=person, reason=reason, has_new_factor=True, now=now)


def _troubles(cast: Cast, *, now: datetime) -> None:
    """Make a role for each trouble of the worker, and one email, one account and one change by others."""
    wrong = problem_columns(Problem.AWS_DENIED, Text("aws_denied", {"error": "AccessDenied", "message": "No."}))
    states: dict[str, dict[str, Any]] = {
        "stuck": {"failures": STUCK_AFTER, **wrong},
        "problem": {"failures": 1, **wrong},
        "waiting": {"waiting_since": now - HOUR},
        "unsettled": {"settle_until": now + timedelta(seconds=20)},
    }
    for name, facts in states.items():
        role = factories.role(f"{name}-role", unique_id=f"AROA{name.upper()}", **facts)
        role.approvers.add(cast.alice)
    for fate in (Fate.HELD, Fate.DENY):
        find_statement(cast.role, Unmanaged(ALLOW | {"Sid": fate.name.title()}, fate), by="worker", now=now)
    record(verb="role.drift", subject=role_subject(cast.role), by="worker", now=now)
    asked = factories.ask(cast, now=now, by=cast.rita, principal_arn="")
    Notification.objects.create(kind="asked", request=asked, person=cast.alice, made_at=now - HOUR, tried_at=now)
    Account.objects.filter(pk=cast.role.account_id).update(unreachable_at=now - MINUTE)
