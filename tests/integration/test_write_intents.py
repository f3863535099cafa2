"""The worker while the audit chain takes no events: it ends what is to end, and gives nobody new access."""

from collections.abc import Callable
from datetime import datetime

import pytest

from access import housekeeping, skew, verify
from access.actions import requests
from access.ledger import chaining
from access.ledger.accounts import record_test
from access.models import Account, AuditEvent, ClockComparison, ClockEpisode, Grant, Role, RoleState
from tests.factories import HOUR, NOON, approve
from tests.integration.environment import EXPIRY_POLICY_NAME, Environment, problem, state
from tests.integration.refusing import EVENTS, chained, failing
from tests.patching import replace


def revoke(env: Environment, grant: Grant) -> None:
    requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())


def test_a_revocation_reaches_aws_and_is_called_ended(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    with failing(EVENTS):
        revoke(env, grant)
        env.reconcile()
        assert grant.session_name not in env.sids()
        assert grant.session_name in str(env.expiry_policy())
        assert state(grant, env.clock()) == "ended"
    assert not Role.objects.get().state.write_intent


def test_an_unrecorded_write_of_an_earlier_try_delays_no_revocation(env: Environment) -> None:
    first = env.create_grant()
    env.reconcile()
    RoleState.objects.update(write_intent={"trust": {}, "expiry_policy": None})  # as a worker leaves it that died
    with failing(EVENTS):
        revoke(env, first)
        env.reconcile()
        assert grant_is_denied(env, first)


def grant_is_denied(env: Environment, grant: Grant) -> bool:
    return grant.session_name in str(env.expiry_policy()) and grant.session_name not in env.sids()


def test_earlier_approvals_are_not_written_and_live_grants_stay(env: Environment) -> None:
    inside = env.create_grant()
    env.reconcile()
    late = env.create_grant()
    with failing(EVENTS):
        env.reconcile()
        assert late.session_name not in env.sids()
        assert inside.session_name in env.sids()
        assert problem(late)[0] == "audit_unavailable"
        assert state(late, env.clock()) in {"scheduled", "activating"}
    env.clock.forward(seconds=61)
    env.sweep()
    assert late.session_name in env.sids()
    assert problem(late) == ("", "")


def extended(env: Environment) -> Grant:
    """Return access, and approve an hour more of it that is not in AWS yet."""
    grant = env.create_grant()
    env.reconcile()
    longer = requests.extend(
        by=env.cast.richard, grant=grant, ends_at=grant.ends_at + HOUR, reason="More.", now=env.clock()
    )
    approve(env.cast, longer, now=env.clock())
    return grant


def test_an_extension_approved_before_waits_in_both_documents(env: Environment) -> None:
    grant = extended(env)
    trust, expiry_policy, user_id = env.trust(), env.expiry_policy(), f"{env.role.unique_id}:{grant.session_name}"
    with failing(EVENTS):
        env.reconcile()
        assert (env.trust(), env.expiry_policy()) == (trust, expiry_policy)
        assert problem(grant)[0] == "audit_unavailable"
        assert state(grant, env.clock()) == "active"
        env.clock.forward(hours=1, minutes=1)
        env.sweep()
        assert env.sids() == ["dpclosed"]
        assert verify.denies(env.expiry_policy(), user_id=user_id, at=env.clock())
    env.clock.forward(seconds=61)
    env.sweep()
    assert (env.sids(), problem(grant)) == ([grant.session_name], ("", ""))
    assert not verify.denies(env.expiry_policy(), user_id=user_id, at=env.clock())


def test_a_waiting_extension_blocks_no_revocation(env: Environment) -> None:
    grant, other = extended(env), env.create_grant()
    with failing(EVENTS):
        revoke(env, grant)
        env.reconcile()
        assert grant_is_denied(env, grant)
        assert state(grant, env.clock()) == "ended"
    assert problem(other)[0] == "audit_unavailable"


def test_the_chain_is_tried_only_for_writes_that_would_admit(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """To try it takes the lock for which every approval waits."""
    grant = env.create_grant()
    tries: list[datetime] = []

    def takes_events(*, now: datetime) -> bool:
        tries.append(now)
        return True

    replace(monkeypatch, chaining.takes_events, takes_events)
    env.reconcile(times=2)
    revoke(env, grant)
    env.reconcile(times=2)
    assert len(tries) == 1


def test_drift_is_undone(env: Environment) -> None:
    """Somebody deletes the expiry policy while a revoked session lives on."""
    grant = env.create_grant()
    env.reconcile()
    revoke(env, grant)
    env.reconcile()
    env.clock.forward(seconds=61)
    env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName=EXPIRY_POLICY_NAME)
    with failing(EVENTS):
        env.sweep()
        assert grant.session_name in str(env.expiry_policy())
    assert not AuditEvent.objects.filter(verb="role.drift").exists()
    housekeeping.run(now=env.clock())
    assert "role.drift" in {event.verb for event in chained()}


def test_permissions_are_not_changed_meanwhile(env: Environment, caplog: pytest.LogCaptureFixture) -> None:
    env.reconcile()
    Role.objects.update(to_update=True)
    with failing(EVENTS):
        env.reconcile()
    assert Role.objects.get().to_update
    assert Role.objects.get().state.problem == "audit_unavailable"
    assert "reconcile.crashed" not in caplog.text, "nothing of ours is wrong"


def test_permissions_of_a_role_are_still_read(env: Environment) -> None:
    """Else a role that is well would show a problem, and its sessions could bypass expiry unnoticed."""
    env.reconcile()
    RoleState.objects.update(can_bypass_expiry=["iam:PassRole"], permissions_read_at=None)
    with failing(EVENTS):
        env.reconcile()
    role = Role.objects.get()
    assert (role.state.can_bypass_expiry, role.state.problem) == ([], "")
    assert role.state.permissions_read_at == env.clock()


def clocks_differ(_: Environment) -> None:
    ClockComparison.objects.create(process="web-2:7", read_at=NOON, process_ahead=HOUR)
    skew.observe(now=NOON)


def clocks_agree(_: Environment) -> None:
    ClockEpisode.objects.create(began_at=NOON - HOUR, observed_at=NOON - HOUR, reason_code="clocks_unknown")
    skew.observe(now=NOON)


def a_connection_is_tested(env: Environment) -> None:
    record_test(env.role.account, [], by="worker", now=NOON)


# What the worker or the issuer found, its event, and how one sees that it is stored.
FINDINGS: dict[str, tuple[Callable[[Environment], None], str, Callable[[], bool]]] = {
    "clocks differ": (clocks_differ, "clocks.differ", lambda: skew.open_episode() is not None),
    "clocks agree": (clocks_agree, "clocks.agree", lambda: skew.open_episode() is None),
    "a connection": (a_connection_is_tested, "account.tested", lambda: Account.objects.get().tested_at == NOON),
}


@pytest.mark.parametrize(("find", "verb", "is_stored"), FINDINGS.values(), ids=FINDINGS.keys())
def test_findings_are_stored_and_chained_later(
    env: Environment, find: Callable[[Environment], None], verb: str, is_stored: Callable[[], bool]
) -> None:
    with failing(EVENTS):
        find(env)
    assert is_stored()
    housekeeping.run(now=NOON)
    assert verb in {event.verb for event in chained()}
