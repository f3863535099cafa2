"""What the scenes rest on: requests and grants of Richard's as the worker would have left them."""

from datetime import datetime, time, timedelta
from typing import Any

from access import accounts, trust
from access.actions import auto_approvals
from access.actions.auto_approvals import AutoApprovalLimits
from access.actions.delegations import create_delegation
from access.models import Account, Grant, Role, Stage
from access.texts import stored
from access.texts.text import Text
from tests import factories
from tests.factories import HOUR, Cast

MINUTE = timedelta(minutes=1)


def active(cast: Cast, now: datetime) -> Grant:
    """Return Richard's access, ten minutes old and known to AWS."""
    grant = factories.create_grant(cast, now=now - 10 * MINUTE, ends_at=now + 50 * MINUTE)
    return with_facts(grant, applied_at=now - 9 * MINUTE)


def ritas(cast: Cast, now: datetime) -> Grant:
    """Return Rita's grant, whose sessions the portal issues."""
    Role.objects.update(allows_console=True)
    wishes: dict[str, Any] = {"by": cast.rita, "principal_arn": "", "ends_at": now + 50 * MINUTE}
    return with_facts(factories.create_grant(cast, now=now - 10 * MINUTE, **wishes), applied_at=now - 9 * MINUTE)


def ended(cast: Cast, now: datetime) -> Grant:
    """Return access of Richard's that is over and gone from AWS."""
    grant = factories.create_grant(cast, now=now - 30 * HOUR, ends_at=now - 29 * HOUR)
    return with_facts(grant, applied_at=now - 30 * HOUR, removed_at=grant.ends_at)


def with_facts(grant: Grant, **facts: object) -> Grant:
    """Return the grant with what the worker would have recorded."""
    Grant.objects.filter(pk=grant.pk).update(**facts)
    return Grant.objects.select_related("role__account", "request").get(pk=grant.pk)


def as_read(role: Role, grants: list[Grant], at: datetime) -> None:
    """Let the role be as the worker would have read it with these grants in AWS."""
    facts, given = role.facts(), [grant.facts() for grant in grants]
    role.state.observed_trust = trust.compile_trust_policy(facts, given, present=None, now=at).document
    role.state.observed_expiry_policy, role.state.observed_at = trust.compile_expiry_policy(facts, given, now=at), at
    role.state.save()


def spoke(cast: Cast, now: datetime) -> Account:
    """Return an account that Ada has just connected."""
    return accounts.connect(
        by=cast.ada,
        name="Reports",
        account_id="333333333333",
        partition="aws",
        region="eu-central-1",
        hub_account_id="111111111111",
        org_id="o-a1b2c3d4e5",
        now=now,
    )


def with_test_result(account: Account, now: datetime, *, missing: str = "") -> Account:
    """Return the account with what the worker would have found in it."""
    session = "arn:aws:sts::333333333333:assumed-role"
    boundary = "arn:aws:iam::333333333333:policy/daypass/daypass-boundary"
    read = {"roles": 214, "ours": 12, "path": "/daypass/", "quota": 2048}
    found = {
        "step_worker": Text("identity_ok", {"arn": f"{session}/daypass-worker/daypass-worker"}),
        "step_reading": Text("reading_ok", read),
        "step_boundary": Text("boundary_ok", {"policy": boundary}),
        "step_builder": Text("identity_ok", {"arn": f"{session}/daypass-builder/daypass-builder"}),
    }
    answer = Text("aws_denied", {"error": "AccessDenied", "message": "Not authorized to perform sts:AssumeRole"})
    wrong = Text("identity_not_admitted", {"identity": "builder", "answer": answer})
    steps = [_step(code, wrong if code == missing else text, ok=code != missing) for code, text in found.items()]
    if missing:
        steps.append(_step("step_issuer", Text("not_checked", {"step": Text(missing)}), ok=None))
    account.test_steps, account.tested_at, account.test_asked_at = steps, now, now
    account.save()
    return account


def _step(code: str, text: Text, *, ok: bool | None) -> dict[str, Any]:
    return {"title": stored.dump(Text(code)), "ok": ok, "text": stored.dump(text)}


def with_approval_settings(cast: Cast, now: datetime) -> None:
    """Set up a second stage, hours, an auto-approval policy and one that waits, and a delegate for Alice."""
    dan, olga = factories.user("dan"), factories.user("olga", is_staff=True)
    Stage.objects.create(role=cast.role, position=2, name="Security").approvers.add(dan)
    hours: dict[str, Any] = {
        "office_days": "1234567",
        "office_opens": time(0),
        "office_closes": time(23, 59, 59),
        "office_zone": "UTC",
    }
    Role.objects.filter(pk=cast.role.pk).update(factor_minutes=15, expires_after=8 * HOUR)
    terms = AutoApprovalLimits(longest_window=HOUR / 4, expires_at=now + 90 * factories.DAY, per_week=5, **hours)
    rule = auto_approvals.create_auto_approval_policy(
        by=cast.ada, role=cast.role, company=factories.company(), limits=terms, now=now
    )
    auto_approvals.confirm_auto_approval_policy(by=olga, policy=rule, now=now)
    other = factories.company("Contractor B")
    auto_approvals.create_auto_approval_policy(by=olga, role=cast.role, company=other, limits=terms, now=now)
    create_delegation(by=cast.alice, delegate=cast.mallory, from_at=now, until_at=now + factories.DAY, now=now)
    cast.role.refresh_from_db()
