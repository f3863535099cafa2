"""The worker while the audit chain takes no events: it ends what is to end, and gives nobody new access."""

from collections.abc import Callable
from datetime import datetime

import pytest

from access import actions, ledger, reconcile, skew, verify
from access.models import Account, AuditEvent, ClockEpisode, ClockReading, Grant, Role
from tests.factories import HOUR, NOON, approve
from tests.integration.refusing import EVENTS, chained, failing
from tests.integration.stage import CLOSING, Stage, problem, state


def revoke(stage: Stage, grant: Grant) -> None:
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Enough.", now=stage.clock())


def test_a_revocation_reaches_aws_and_is_called_ended(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    with failing(EVENTS):
        revoke(stage, grant)
        stage.reconcile()
        assert grant.session_name not in stage.sids()
        assert grant.session_name in str(stage.closing())
        assert state(grant, stage.clock()) == "ended"
    assert not Role.objects.get().unrecorded


def test_what_an_earlier_try_did_not_record_holds_up_no_revocation(stage: Stage) -> None:
    first = stage.give()
    stage.reconcile()
    Role.objects.update(unrecorded={"trust": {}, "closing": None})  # as a worker leaves it that died
    with failing(EVENTS):
        revoke(stage, first)
        stage.reconcile()
        assert grant_is_denied(stage, first)


def grant_is_denied(stage: Stage, grant: Grant) -> bool:
    return grant.session_name in str(stage.closing()) and grant.session_name not in stage.sids()


def test_nobody_comes_in_by_what_was_approved_before_and_who_is_in_stays(stage: Stage) -> None:
    inside = stage.give()
    stage.reconcile()
    late = stage.give()
    with failing(EVENTS):
        stage.reconcile()
        assert late.session_name not in stage.sids()
        assert inside.session_name in stage.sids()
        assert problem(late)[0] == "audit_unavailable"
        assert state(late, stage.clock()) in {"scheduled", "activating"}
    stage.clock.forward(seconds=61)
    stage.sweep()
    assert late.session_name in stage.sids()
    assert problem(late) == ("", "")


def extended(stage: Stage) -> Grant:
    """Give access, and approve an hour more of it that is not in AWS yet."""
    grant = stage.give()
    stage.reconcile()
    longer = actions.extend(
        by=stage.cast.richard, grant=grant, ends_at=grant.ends_at + HOUR, reason="More.", now=stage.clock()
    )
    approve(stage.cast, longer, now=stage.clock())
    return grant


def test_an_extension_that_was_approved_before_waits_in_both_documents(stage: Stage) -> None:
    grant = extended(stage)
    trust, closing, user_id = stage.trust(), stage.closing(), f"{stage.role.unique_id}:{grant.session_name}"
    with failing(EVENTS):
        stage.reconcile()
        assert (stage.trust(), stage.closing()) == (trust, closing)
        assert problem(grant)[0] == "audit_unavailable"
        assert state(grant, stage.clock()) == "active"
        stage.clock.forward(hours=1, minutes=1)
        stage.sweep()
        assert stage.sids() == ["dpclosed"]
        assert verify.denies(stage.closing(), user_id=user_id, at=stage.clock())
    stage.clock.forward(seconds=61)
    stage.sweep()
    assert (stage.sids(), problem(grant)) == ([grant.session_name], ("", ""))
    assert not verify.denies(stage.closing(), user_id=user_id, at=stage.clock())


def test_an_extension_that_waits_keeps_no_revocation_from_aws(stage: Stage) -> None:
    grant, other = extended(stage), stage.give()
    with failing(EVENTS):
        revoke(stage, grant)
        stage.reconcile()
        assert grant_is_denied(stage, grant)
        assert state(grant, stage.clock()) == "ended"
    assert problem(other)[0] == "audit_unavailable"


def test_the_chain_is_tried_only_for_what_would_admit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """To try it takes the lock for which every approval waits."""
    grant = stage.give()
    tries: list[datetime] = []

    def takes_events(*, now: datetime) -> bool:
        tries.append(now)
        return True

    monkeypatch.setattr(ledger, "takes_events", takes_events)
    stage.reconcile(times=2)
    revoke(stage, grant)
    stage.reconcile(times=2)
    assert len(tries) == 1


def test_a_drift_is_undone(stage: Stage) -> None:
    """Somebody deletes the expiry policy while a revoked session lives on."""
    grant = stage.give()
    stage.reconcile()
    revoke(stage, grant)
    stage.reconcile()
    stage.clock.forward(seconds=61)
    stage.aws.root().delete_role_policy(RoleName=stage.role.name, PolicyName=CLOSING)
    with failing(EVENTS):
        stage.sweep()
        assert grant.session_name in str(stage.closing())
    assert not AuditEvent.objects.filter(verb="role.drift").exists()
    reconcile.beat(now=stage.clock())
    assert "role.drift" in {event.verb for event in chained()}


def test_permissions_are_not_changed_meanwhile(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.reconcile()
    Role.objects.update(to_update=True)
    with failing(EVENTS):
        stage.reconcile()
    assert Role.objects.get().to_update
    assert Role.objects.get().problem == "audit_unavailable"
    assert "reconcile.crashed" not in caplog.text, "nothing of ours is wrong"


def test_what_a_role_may_do_is_read_all_the_same(stage: Stage) -> None:
    """Else a role that is well would show a problem, and its sessions could bypass expiry unnoticed."""
    stage.reconcile()
    Role.objects.update(may_undo_end=["iam:PassRole"], permissions_read_at=None)
    with failing(EVENTS):
        stage.reconcile()
    role = Role.objects.get()
    assert (role.may_undo_end, role.problem) == ([], "")
    assert role.permissions_read_at == stage.clock()


def clocks_differ(_: Stage) -> None:
    ClockReading.objects.create(process="web-2:7", read_at=NOON, process_ahead=HOUR)
    skew.observe(now=NOON)


def clocks_agree(_: Stage) -> None:
    ClockEpisode.objects.create(began_at=NOON - HOUR, seen_at=NOON - HOUR, text="Two clocks differ.")
    skew.observe(now=NOON)


def a_connection_is_tested(stage: Stage) -> None:
    ledger.record_test(stage.role.account, [], by="worker", now=NOON)


# What the worker or the issuer found, its event, and how one sees that it is stored.
FINDINGS: dict[str, tuple[Callable[[Stage], None], str, Callable[[], bool]]] = {
    "clocks differ": (clocks_differ, "clocks.differ", lambda: skew.open_episode() is not None),
    "clocks agree": (clocks_agree, "clocks.agree", lambda: skew.open_episode() is None),
    "a connection": (a_connection_is_tested, "account.tested", lambda: Account.objects.get().tested_at == NOON),
}


@pytest.mark.parametrize(("find", "verb", "is_stored"), FINDINGS.values(), ids=FINDINGS.keys())
def test_what_is_found_is_stored_and_chained_later(
    stage: Stage, find: Callable[[Stage], None], verb: str, is_stored: Callable[[], bool]
) -> None:
    with failing(EVENTS):
        find(stage)
    assert is_stored()
    reconcile.beat(now=NOON)
    assert verb in {event.verb for event in chained()}
