"""Statements that somebody added to the expiry policy by hand: kept or removed, shown, and on record."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from access import admission, verify
from access.actions import requests
from access.ledger.unmanaged import find_statement
from access.lifecycle import SESSION_NAME_PATTERN
from access.models import AuditEvent, Grant, Role, UnmanagedStatement
from access.models.requests import new_session_name
from access.notifications import waiting
from access.reconcile import due
from access.verify.matching import like
from tests import factories
from tests.factories import HOUR
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment, heal, problem, state, sweeps
from tests.patching import replace

FROZEN = {"Sid": "Frozen", "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}


def edit(env: Environment, *statements: dict[str, Any]) -> None:
    """Add statements to the expiry policy by hand."""
    mine = (env.expiry_policy() or {"Statement": []})["Statement"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [*mine, *statements]})
    env.aws.root().put_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME, PolicyDocument=document)


def body(env: Environment) -> list[dict[str, Any]]:
    return list((env.expiry_policy() or {"Statement": []})["Statement"])


def ours(env: Environment, name: str, **more: Any) -> dict[str, Any]:
    """Return an undated Deny as Daypass writes it."""
    condition = {"StringEquals": {"aws:userid": f"{env.role.unique_id}:{name}"}}
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition} | more


@pytest.fixture(params=[True, False], ids=["managed", "imported"])
def either(request: pytest.FixtureRequest, env: Environment) -> Environment:
    Role.objects.filter(pk=env.role.pk).update(is_managed=request.param)
    return env


def test_a_handmade_deny_outlasts_extensions_ends_and_the_last_grant(either: Environment) -> None:
    grant = either.create_grant()
    either.reconcile()
    edit(either, FROZEN)
    either.sweep()
    factories.move_end(grant, grant.ends_at + HOUR)
    either.reconcile()
    assert FROZEN in body(either)
    assert problem(grant) == ("", "")
    requests.revoke(by=either.cast.alice, grant=Grant.objects.get(pk=grant.pk), reason="Stop.", now=either.clock())
    either.reconcile()
    assert FROZEN in body(either)
    assert state(grant, either.clock()) == "ended"
    either.clock.forward(hours=16)
    either.sweep()
    assert body(either) == [FROZEN]
    assert due.due(now=either.clock()) == []


def test_administrators_see_a_handmade_deny_until_it_is_gone(either: Environment) -> None:
    either.create_grant()
    either.reconcile()
    mine = body(either)
    edit(either, FROZEN)
    sweeps(either, 3)
    found = UnmanagedStatement.objects.get()
    assert (found.kind, found.sid, found.is_in_expiry_policy, found.settled_at) == ("deny", "Frozen", True, None)
    waiting.send_waiting(now=either.clock())
    told = [one for one in mail.outbox if one.to == [either.cast.ada.email]]
    assert [one.subject for one in told] == [f"Daypass: Unexpected Deny on {either.role.name}"]
    assert "the inline policy daypass-closing of the role" in str(told[0].body)
    either.aws.root().put_role_policy(
        RoleName=either.role.name,
        PolicyName=EXPIRY_POLICY_NAME,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": mine}),
    )
    sweeps(either, 1)
    found.refresh_from_db()
    assert (found.outcome, found.settled_at) == ("gone", either.clock())


def test_a_handmade_allow_is_removed_and_on_record(either: Environment) -> None:
    either.create_grant()
    either.reconcile()
    mine = body(either)
    allow = {"Sid": "Open", "Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    edit(either, allow)
    either.sweep()
    assert body(either) == mine
    found = UnmanagedStatement.objects.get()
    assert (found.kind, found.outcome) == ("removed", "removed")
    (event,) = AuditEvent.objects.filter(verb="role.unmanaged_statement")
    assert (json.loads(event.details["statement"]), event.details["policy"]) == (allow, "expiry")


def test_a_deny_of_a_session_without_a_known_grant_is_kept(either: Environment) -> None:
    either.create_grant()
    either.reconcile()
    unknown = ours(either, "dpunknownunknown")
    edit(either, unknown)
    sweeps(either, 2)
    assert unknown in body(either)


def test_the_deny_of_a_former_grant_is_not_unmanaged(either: Environment) -> None:
    grant = either.create_grant()
    either.reconcile()
    held = body(either)
    either.clock.forward(hours=15)
    either.reconcile()
    either.clock.forward(days=30)
    either.create_grant(ends_at=either.clock() + HOUR)
    edit(either, *(one for one in held if one["Action"] == "*"))
    sweeps(either, 2)
    assert grant.session_name not in json.dumps(body(either))
    assert not UnmanagedStatement.objects.exists()


def test_a_live_grant_denied_by_hand_says_so(either: Environment) -> None:
    grant = either.create_grant()
    either.reconcile()
    edit(either, ours(either, grant.session_name, Sid="Stop"))
    sweeps(either, 1)
    assert problem(grant)[0] == "blocked_by_deny"
    assert problem(grant)[1] == "deny_ends_access"
    requests.revoke(by=either.cast.alice, grant=Grant.objects.get(pk=grant.pk), reason="Stop.", now=either.clock())
    sweeps(either, 1)
    assert state(grant, either.clock()) == "ended"
    assert ours(either, grant.session_name) in body(either)


@pytest.mark.parametrize("condition", [{}, {"DateLessThan": {"aws:CurrentTime": "2099-01-01T00:00:00Z"}}])
def test_with_a_handmade_deny_nobody_is_admitted_before_our_deny(
    either: Environment, condition: dict[str, Any]
) -> None:
    edit(either, {"Sid": "Stop", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})
    either.reconcile()
    grant = either.create_grant()
    either.aws.fault("PutRolePolicy", "error", role=either.role.name)
    either.reconcile()
    assert either.writes(tried=True)[-1] == "PutRolePolicy"
    assert grant.session_name not in either.sids()
    heal(either)
    assert grant.session_name in either.sids()
    assert grant.session_name in json.dumps(body(either))


def test_its_characters_are_not_available_to_a_grant(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    facts = env.create_grant(starts_at=env.clock() + timedelta(minutes=1)).facts()
    free = admission.find_placement(env.role, facts, now=env.clock()).capacity.inline_free
    edit(env, FROZEN)
    env.reconcile()
    taken = len(json.dumps(FROZEN, separators=(",", ":"))) + 1
    assert admission.find_placement(env.role, facts, now=env.clock()).capacity.inline_free == free - taken


def fill(env: Environment, *others: dict[str, Any]) -> dict[str, Any]:
    """Fill the expiry policy by hand with others and one long Deny, in place of ours; return the long one."""
    long = {"Sid": "Long", "Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::"}
    document = {"Version": "2012-10-17", "Statement": [*others, long]}
    long["Resource"] += "x" * (10_240 - len(json.dumps(document, separators=(",", ":"))))
    text = json.dumps(document)
    env.aws.root().put_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME, PolicyDocument=text)
    return long


def revoked_without_room(env: Environment) -> Grant:
    """Return a grant that was in AWS, and is revoked while a policy filled by hand denies nothing of it."""
    grant = env.create_grant()
    env.reconcile()
    fill(env, FROZEN)
    requests.revoke(by=env.cast.alice, grant=Grant.objects.get(pk=grant.pk), reason="Stop.", now=env.clock())
    sweeps(env, 1)
    heal(env)
    return grant


def test_a_policy_filled_by_hand_blocks_no_revocation(either: Environment) -> None:
    grant = revoked_without_room(either)
    user_id = f"{either.role.unique_id}:{grant.session_name}"
    assert verify.denies(either.expiry_policy(), user_id=user_id, at=either.clock())
    assert state(grant, either.clock()) == "ended"
    assert ours(either, grant.session_name) in body(either)


def test_handmade_denies_that_fit_are_kept_and_deny_no_additional_sessions(either: Environment) -> None:
    revoked_without_room(either)
    assert FROZEN in body(either)
    assert "Long" not in [one.get("Sid") for one in body(either)]
    everything, tokens = (
        {"StringLike": {"aws:userid": f"{either.role.unique_id}:{name}"}} for name in ("dp??????????????", "dp*")
    )
    for one in body(either):
        named = one.get("Condition", {})
        assert (
            one == FROZEN
            or named == (everything if one["Action"] == "*" else tokens)
            or set(named["StringEquals"]) == {"aws:userid"}
        )
    for name in ("ops", "i-0abc", "AWSCLI-Session", "dp-nightly", "dpipeline", "dp-a-name-of-17-c"):
        user_id = f"{either.role.unique_id}:{name}"
        assert not verify.denies(either.expiry_policy(), user_id=user_id, at=either.clock())


def test_administrators_are_notified_of_denies_that_did_not_fit(either: Environment) -> None:
    revoked_without_room(either)
    found = {one.sid: one for one in UnmanagedStatement.objects.filter(kind="no_room")}
    assert set(found) == {"Long"}
    assert found["Long"].is_in_expiry_policy
    assert found["Long"].outcome == "removed"
    assert {one.sid for one in UnmanagedStatement.objects.open()} == {"Frozen", "DaypassNoRoom"}
    waiting.send_waiting(now=either.clock())
    told = [
        str(one.body)
        for one in mail.outbox
        if one.subject == f"Daypass: Deny removed from {either.role.name} for lack of space"
    ]
    assert len(told) == 1
    assert "the policy had no space for the Deny of a grant that has ended" in told[0]


def test_a_policy_is_written_even_if_dropped_denies_cannot_be_recorded(
    either: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("The record failed.")

    replace(monkeypatch, find_statement, fails)
    grant = revoked_without_room(either)
    user_id = f"{either.role.unique_id}:{grant.session_name}"
    assert verify.denies(either.expiry_policy(), user_id=user_id, at=either.clock())
    assert state(grant, either.clock()) == "ended"


def test_every_session_name_of_ours_matches_the_pattern_and_no_shorter_or_longer_one() -> None:
    names = [new_session_name() for _ in range(50)]
    assert all(like(name, SESSION_NAME_PATTERN) for name in names)
    assert not [name for name in ("dp", "dp-nightly", "dpipeline", f"{names[0]}x") if like(name, SESSION_NAME_PATTERN)]
