"""A worker that waits for long between its lease and its write: nothing of it is in AWS after the grant was ended.

While the audit log is stuck, an approval can lock a role's rows for seconds. The worker that is about to write to AWS
waits for them, and so does the worker that would take the role over. Both continue at the same moment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from access import aws, verify
from access.actions import requests
from access.ledger import role_states
from access.models import Grant
from access.reconcile import outcome
from access.reconcile.lease import LeaseLost, lease, length
from tests.factories import HOUR, SECOND, approve
from tests.integration.environment import Environment, state, verbs
from tests.patching import replace


@dataclass
class Stall:
    """One process waits while another one ends the access; `found` is the grant's state then."""

    env: Environment
    grant: Grant
    is_begun: bool = False
    found: str = ""

    def happen(self) -> None:
        """Revoke, let three lengths of a lease go by, and let the other process work; the second time, do nothing."""
        if self.is_begun:
            return
        self.is_begun = True
        self.env.clock.at += 3 * length()
        requests.revoke(by=self.env.cast.alice, grant=self.grant, reason="Stop.", now=self.env.clock())
        self.env.reconcile()
        self.found = state(self.grant, self.env.clock())


Where = Callable[[pytest.MonkeyPatch, Stall], None]


def in_the_note(monkeypatch: pytest.MonkeyPatch, stall: Stall) -> None:
    """Storing what is written over waits for the row; this is the first that an attempt stores."""
    plain = role_states.store_write_intent

    def store(*what: Any, **how: Any) -> bool:
        stall.happen()
        return plain(*what, **how)

    replace(monkeypatch, plain, store)


def before_the_renewal(monkeypatch: pytest.MonkeyPatch, stall: Stall) -> None:
    plain = role_states.renew_lease

    def renew(*what: Any, **how: Any) -> bool:
        stall.happen()
        return plain(*what, **how)

    replace(monkeypatch, plain, renew)


def after_the_renewal(monkeypatch: pytest.MonkeyPatch, stall: Stall, *, number: int = 1) -> None:
    """The row is stored, and the answer of the database comes late."""
    plain, renewals = role_states.renew_lease, []

    def renew(*what: Any, **how: Any) -> bool:
        answer = plain(*what, **how)
        renewals.append(answer)
        if len(renewals) == number:
            stall.happen()
        return answer

    replace(monkeypatch, plain, renew)


def after_the_renewal_for_the_trust_policy(monkeypatch: pytest.MonkeyPatch, stall: Stall) -> None:
    plain = aws.read_trust

    def read(**how: Any) -> Any:
        stall.env.clock.at += length() / 5
        return plain(**how)

    monkeypatch.setattr(aws, "read_trust", read)
    after_the_renewal(monkeypatch, stall, number=2)


def in_the_credentials(monkeypatch: pytest.MonkeyPatch, stall: Stall) -> None:
    plain = aws.prepare_write

    def prepare(**how: Any) -> None:
        stall.happen()
        plain(**how)

    monkeypatch.setattr(aws, "prepare_write", prepare)


def in_the_last_look(monkeypatch: pytest.MonkeyPatch, stall: Stall) -> None:
    plain = aws.read_trust

    def read(**how: Any) -> Any:
        stall.happen()
        return plain(**how)

    monkeypatch.setattr(aws, "read_trust", read)


PLACES: list[Where] = [
    in_the_note,
    before_the_renewal,
    after_the_renewal,
    after_the_renewal_for_the_trust_policy,
    in_the_credentials,
    in_the_last_look,
]


def slow_reads(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a read take part of the lease, which is renewed before a write then."""
    plain = aws.read_role

    def read(**which: Any) -> aws.RoleSnapshot:
        observed = plain(**which)
        env.clock.at += length() / 5
        return observed

    monkeypatch.setattr(aws, "read_role", read)


@pytest.mark.parametrize("where", PLACES)
def test_nothing_admits_after_the_grant_was_ended(
    env: Environment, monkeypatch: pytest.MonkeyPatch, where: Where
) -> None:
    grant = env.create_grant()
    stall = Stall(env, grant)
    slow_reads(env, monkeypatch)
    with monkeypatch.context() as slow:
        where(slow, stall)
        env.reconcile()
    assert stall.is_begun
    assert grant.session_name not in env.sids()
    user_id = f"{env.role.unique_id}:{grant.session_name}"
    assert stall.found == "ending" or verify.denies(env.expiry_policy(), user_id=user_id, at=env.clock())
    assert not env.role.state.lease_holder
    env.clock.at += 3 * length()
    env.reconcile()
    assert (state(grant, env.clock()), env.role.state.write_intent) == ("ended", None)


@pytest.mark.parametrize("where", [in_the_note, before_the_renewal, after_the_renewal])
def test_no_deny_is_lost_after_the_grant_was_ended(
    env: Environment, monkeypatch: pytest.MonkeyPatch, where: Where
) -> None:
    """The late write is that of an older expiry policy, in which the grant has a Deny from its end on only."""
    grant = env.create_grant()
    env.reconcile()
    env.create_grant()
    stall = Stall(env, grant)
    slow_reads(env, monkeypatch)
    with monkeypatch.context() as slow:
        where(slow, stall)
        env.reconcile()
    assert stall.is_begun
    user_id = f"{env.role.unique_id}:{grant.session_name}"
    assert verify.denies(env.expiry_policy(), user_id=user_id, at=env.clock())
    assert grant.session_name not in env.sids()


def test_a_role_is_quiet_from_the_moment_on_at_which_it_is_taken_over(env: Environment) -> None:
    """A whole machine can be stopped: then the holder and the worker that takes over continue at the same moment."""
    grant = env.create_grant()
    env.reconcile()
    with lease(env.role.pk, now=env.clock) as stopped:
        env.clock.at += 10 * length()
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.reconcile()
        assert (env.sids(), state(grant, env.clock())) == (["dpclosed"], "ending")
        assert stopped is not None
        with pytest.raises(LeaseLost):
            stopped.renew(now=env.clock)
    env.clock.at += 2 * length()
    env.reconcile()
    assert state(grant, env.clock()) == "ended"


def test_access_that_was_extended_meanwhile_is_not_called_ended(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The approval waited for the audit log with a time before the end, and is stored after AWS was read back."""
    grant = env.create_grant()
    env.reconcile()
    asked, end = env.clock(), grant.ends_at
    longer = requests.extend(by=env.cast.richard, grant=grant, ends_at=end + HOUR, reason="More.", now=asked)
    env.clock.at = end + SECOND
    plain, approved = outcome.converged, list[Grant | None]()

    def converged(*what: Any, **how: Any) -> None:
        if not approved:
            approved.append(approve(env.cast, longer, now=end - SECOND))
        plain(*what, **how)

    replace(monkeypatch, plain, converged)
    env.reconcile()
    assert approved
    assert (state(grant, env.clock()), env.sids()) == ("active", [grant.session_name])
    assert {"grant.removed", "role.problem"}.isdisjoint(verbs())
