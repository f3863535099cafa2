"""Unmanaged statements are noted beside the work: where that fails, the work continues, and it costs little."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import housekeeping, trust
from access.ledger.unmanaged import settle_statement
from access.models import RoleState, UnmanagedStatement
from tests import factories
from tests.factories import HOUR
from tests.integration.environment import DEFAULT_DENY, Environment, state
from tests.patching import replace


def fails(*_: Any, **__: Any) -> None:
    raise RuntimeError("whatever it is")


def test_an_error_while_looking_for_unrecorded_removals_does_not_fail_the_attempt(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    env.reconcile()
    monkeypatch.setattr(trust, "unmanaged", fails)
    grant = env.create_grant()
    env.reconcile()
    assert (env.role.state.failures, env.role.state.problem) == (0, "")
    assert state(grant, env.clock()) == "active"


def test_a_role_with_an_unrecordable_removal_blocks_no_other(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = [env.role, factories.role(env.aws.fresh("second"), account=env.role.account)]
    for role in roles:
        RoleState.objects.filter(pk=role.pk).update(
            observed_at=env.clock.forward(seconds=1), observed_trust=DEFAULT_DENY
        )
        text = {"sid": "Debug", "text": "{}", "sha256": "0" * 64, "found_at": env.clock() - HOUR}
        UnmanagedStatement.objects.create(role=role, kind=UnmanagedStatement.Kind.REMOVED, **text)
    settle = settle_statement

    def settles_the_second(row: UnmanagedStatement, outcome: UnmanagedStatement.Outcome, **how: Any) -> None:
        if row.role_id == roles[0].pk:
            raise RuntimeError("whatever it is")
        settle(row, outcome, **how)

    replace(monkeypatch, settle_statement, settles_the_second)
    housekeeping.run(now=env.clock())
    assert [row.role for row in UnmanagedStatement.objects.open()] == roles[:1]


def test_the_cost_of_kept_statements_does_not_depend_on_their_number(env: Environment) -> None:
    counts = []
    for number in (1, 5):
        env.edit_trust(*(deny(sid) for sid in range(number)))
        env.reconcile()
        with CaptureQueriesContext(connection) as asked:
            env.reconcile()
        counts.append(len(asked))
    assert UnmanagedStatement.objects.open().count() == 5
    assert counts[0] == counts[1]


def deny(number: int) -> dict[str, Any]:
    return {"Sid": f"Frozen{number}", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
