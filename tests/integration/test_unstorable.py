"""What AWS can show and jsonb cannot hold keeps no write from AWS, and is not drift forever."""

import json
from typing import Any

import pytest
from django.db import connection

from access import trust
from access.actions import requests
from access.catalogue import accepting
from access.ledger.walks import broken_links
from access.models import Role, RoleState, UnmanagedStatement
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
    "1e20": NUMBER,
    "1.0": NUMBER,
    "1E-7": NUMBER,
    "1" + "0" * 400: NUMBER,
    "escape as text": {"StringNotEquals": {"aws:username": "a\\u0000b"}},
    "NUL and its escape as keys": {"StringNotEquals": {"aws:user\u0000": "a", "aws:user\\u0000": "b"}},
    "no ASCII": {"StringNotEquals": {"aws:username": "\u00e9\U0001f600"}},
}
every = pytest.mark.parametrize("odd", UNSTORABLE)


ROOT = f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:root"


def edit(env: Environment, odd: str, *others: dict[str, Any], to: str = ROOT) -> dict[str, Any]:
    """Add an Allow to the trust policy by hand, beside `others`, and return the policy as AWS shows it."""
    allow = {
        "Sid": "Odd",
        "Effect": "Allow",
        "Principal": {"AWS": to},
        "Action": "sts:AssumeRole",
        "Condition": UNSTORABLE[odd] | {"StringEquals": {"sts:ExternalId": "known-to-nobody"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [*others, allow]}).replace('"NUMBER"', odd)
    env.aws.root().update_assume_role_policy(RoleName=env.role.name, PolicyDocument=document)
    return env.trust()


def as_text(value: Any) -> Any:
    """Return a document with numbers that JSON cannot hold as text, which is what Daypass writes back."""
    text = json.dumps(value).replace("-Infinity", '"-1e999"').replace("Infinity", '"1e999"').replace("NaN", '"NaN"')
    return json.loads(text)


@pytest.mark.parametrize(
    "value",
    [
        "a\0b",
        "a\\u0000b",
        "\ud800",
        "\U0001f600",
        1e20,
        1e22,
        1e-7,
        -0.0,
        1.0,
        1.5,
        10**400,
        True,
        None,
        [],
        {"a\0": {}},
    ],
    ids=repr,
)
def test_the_database_returns_a_document_as_it_was(env: Environment, value: Any) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Sid": value, "Condition": {"a": [value]}}]}
    RoleState.objects.update(observed_trust=document, observed_expiry_policy=None, write_intent={"trust": document})
    row = env.role
    assert row.state.observed_expiry_policy is None
    assert (repr(row.state.observed_trust), repr(row.state.write_intent)) == (repr(document), repr({"trust": document}))
    row.save()
    assert repr(env.role.state.observed_trust) == repr(document)


def assert_settled(env: Environment) -> None:
    """Assert that nothing is written, found or recorded again, and that the audit chain is valid."""
    env.aws.forget_calls()
    known, count = verbs(), UnmanagedStatement.objects.count()
    sweeps(env, 3)
    env.reconcile()
    assert env.writes(tried=True) == []
    assert (verbs(), UnmanagedStatement.objects.count()) == (known, count)
    assert broken_links() == []


@every
def test_an_unmanaged_allow_is_removed_from_a_managed_role(env: Environment, odd: str) -> None:
    env.reconcile()
    edit(env, odd)
    env.reconcile()
    assert env.sids() == ["dpclosed"]
    assert env.role.state.problem == ""
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
    assert env.role.state.problem == ""
    assert state(grant, env.clock()) == "ended"
    assert_settled(env)


@pytest.mark.parametrize("odd", ["NUL", "NUL in a key", "half a surrogate pair"])
def test_a_statement_of_the_owner_is_written_back_unchanged(env: Environment, odd: str) -> None:
    Role.objects.update(is_managed=False)
    env.reconcile()
    before = edit(env, odd, *env.trust()["Statement"])
    env.create_grant()
    env.reconcile(times=2)
    (kept,) = [one for one in env.trust()["Statement"] if one["Sid"] == "Odd"]
    assert kept in before["Statement"]


@every
def test_an_accepted_statement_delays_nothing(env: Environment, odd: str) -> None:
    """What the administrator accepted is what AWS shows: the waiting grant is written, and later taken out again."""
    Role.objects.update(is_managed=False)
    env.reconcile()
    mallory = env.contractor_user(env.aws.fresh("Mallory"))
    before = edit(env, odd, *env.trust()["Statement"], to=mallory)
    grant = env.create_grant()
    env.reconcile()
    assert state(grant, env.clock()) == "blocked"
    waiting = UnmanagedStatement.objects.get()
    accepting.accept_statement(by=env.cast.ada, role=env.role, sha256=waiting.sha256, now=env.clock())
    env.clock.forward(seconds=30)
    env.reconcile(times=2)
    assert state(grant, env.clock()) == "active"
    assert env.role.state.problem == ""
    assert env.can_assume(env.richard_arn, grant.session_name)
    (kept,) = [one for one in env.trust()["Statement"] if one["Sid"] == "Odd"]
    assert trust.same({"Statement": [kept]}, {"Statement": [as_text(before["Statement"][-1])]})
    assert_settled(env)
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    env.reconcile()
    assert state(grant, env.clock()) == "ended"


@pytest.mark.parametrize(("accepted", "other"), [("NUL", "escape as text"), ("escape as text", "NUL")])
def test_an_acceptance_does_not_hold_for_a_statement_that_looks_alike(
    env: Environment, accepted: str, other: str
) -> None:
    Role.objects.update(is_managed=False)
    env.reconcile()
    lock, mallory = env.trust()["Statement"], env.contractor_user(env.aws.fresh("Mallory"))
    edit(env, accepted, *lock, to=mallory)
    grant = env.create_grant()
    env.reconcile()
    waiting = UnmanagedStatement.objects.get()
    accepting.accept_statement(by=env.cast.ada, role=env.role, sha256=waiting.sha256, now=env.clock())
    edit(env, other, *lock, to=mallory)
    env.clock.forward(seconds=30)
    env.reconcile(times=2)
    assert state(grant, env.clock()) == "blocked"
    assert env.sids() == ["dpclosed", "Odd"]
    assert [row.sha256 for row in UnmanagedStatement.objects.open()] != [waiting.sha256]


def test_a_failed_record_blocks_no_revocation(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = env.create_grant()
    env.reconcile()
    monkeypatch.setattr(outcome, "record_write_intent", fails)
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    env.reconcile()
    assert grant.session_name not in env.sids()
    assert state(grant, env.clock()) == "ended"


@pytest.mark.parametrize("column", ["observed_trust", "observed_expiry_policy", "write_intent"])
def test_a_stored_document_that_cannot_be_read_blocks_no_revocation(env: Environment, column: str) -> None:
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE access_rolestate SET {column} = '{{ no JSON'")  # noqa: S608 - a name from above
    env.reconcile()
    assert grant.session_name not in env.sids()
    assert state(grant, env.clock()) == "ended"


def test_a_failed_record_blocks_a_new_grant(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "record_write_intent", fails)
    grant = env.create_grant()
    env.reconcile()
    assert grant.session_name not in env.sids()


def fails(*_: Any, **__: Any) -> None:
    raise RuntimeError("whatever it is")
