"""What AWS can show and jsonb cannot hold keeps no write from AWS, and is no drift for ever."""

import json
from typing import Any

import pytest

from access.actions import requests
from access.ledger.walks import broken_links
from access.models import Role, UnmanagedStatement
from access.reconcile import outcome
from tests.factories import CONTRACTOR_ACCOUNT
from tests.integration.environment import Environment, state, sweeps, verbs

NUMBER = {"NumericLessThan": {"aws:MultiFactorAuthAge": "NUMBER"}}
UNSTORABLE = {
    "NUL": {"StringNotEquals": {"aws:username": "a\u0000b"}},
    "NUL in a key": {"StringNotEquals": {"aws:user\u0000name": "a"}},
    "half a surrogate pair": {"StringNotEquals": {"aws:username": "\ud800"}},
    "1e999": NUMBER,
    "-1e999": NUMBER,
    "NaN": NUMBER,
    "1e22": NUMBER,  # jsonb returns it as a whole number
    "-0.0": NUMBER,
}
every = pytest.mark.parametrize("odd", UNSTORABLE)


def edit(env: Environment, odd: str, *others: dict[str, Any]) -> dict[str, Any]:
    """Add an Allow to the trust policy by hand, beside `others`, and return the policy as AWS shows it."""
    allow = {
        "Sid": "Odd",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
        "Condition": UNSTORABLE[odd] | {"StringEquals": {"sts:ExternalId": "known-to-nobody"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [*others, allow]}).replace('"NUMBER"', odd)
    env.aws.root().update_assume_role_policy(RoleName=env.role.name, PolicyDocument=document)
    return env.trust()


def assert_settled(env: Environment) -> None:
    """Nothing is written, found or recorded again, and the audit chain is whole."""
    env.aws.forget_calls()
    known, count = verbs(), UnmanagedStatement.objects.count()
    sweeps(env, 3)
    env.reconcile()
    assert env.writes(tried=True) == []
    assert (verbs(), UnmanagedStatement.objects.count()) == (known, count)
    assert broken_links() == []


@every
def test_a_strangers_allow_is_removed_from_a_managed_role(env: Environment, odd: str) -> None:
    env.reconcile()
    edit(env, odd)
    env.reconcile()
    assert env.sids() == ["dpclosed"]
    assert env.role.problem == ""
    assert [row.sid for row in UnmanagedStatement.objects.filter(kind="removed")] == ["Odd"]
    assert_settled(env)


@every
def test_a_revoked_grant_leaves_an_imported_role_beside_it(env: Environment, odd: str) -> None:
    Role.objects.update(is_managed=False)
    grant = env.create_grant()
    env.reconcile()
    edit(env, odd, *env.trust()["Statement"])
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    env.reconcile()
    assert grant.session_name not in env.sids()
    assert "Odd" in env.sids()
    assert env.role.problem == ""
    assert state(grant, env.clock()) == "ended"
    assert_settled(env)


@pytest.mark.parametrize("odd", ["NUL", "NUL in a key", "half a surrogate pair"])
def test_an_owners_statement_is_written_back_as_it_was(env: Environment, odd: str) -> None:
    Role.objects.update(is_managed=False)
    env.reconcile()
    before = edit(env, odd, *env.trust()["Statement"])
    env.create_grant()
    env.reconcile(times=2)
    (kept,) = [one for one in env.trust()["Statement"] if one["Sid"] == "Odd"]
    assert kept in before["Statement"]


def test_a_note_that_fails_keeps_no_revocation_from_aws(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = env.create_grant()
    env.reconcile()
    monkeypatch.setattr(outcome, "record_write_intent", fails)
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    env.reconcile()
    assert grant.session_name not in env.sids()
    assert state(grant, env.clock()) == "ended"


def test_a_note_that_fails_keeps_a_new_grant_from_aws(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "record_write_intent", fails)
    grant = env.create_grant()
    env.reconcile()
    assert grant.session_name not in env.sids()


def fails(*_: Any, **__: Any) -> None:
    raise RuntimeError("whatever it is")
