"""What the worker makes of a role in AWS: the ordinary life of a grant, from approval to its end."""

from datetime import timedelta

from access import actions, ledger, reconcile
from access.models import AuditEvent, Grant
from tests.factories import HOUR, approve, ask
from tests.integration.stage import Stage, state, verbs


def test_nothing_is_in_aws_before_alice_says_yes(stage: Stage) -> None:
    stage.reconcile()
    ask(stage.cast, now=stage.clock(), principal_arn=stage.richard_arn)
    stage.reconcile()
    assert stage.sids() == ["dpclosed"]
    assert stage.closing() is None
    assert stage.writes() == []


def test_an_approved_grant_is_active_once_it_was_read_back(stage: Stage) -> None:
    grant = stage.give()
    assert state(grant, stage.clock()) == "activating"
    stage.reconcile()
    assert state(grant, stage.clock()) == "active"
    assert stage.sids() == [grant.session_name]
    assert stage.trust()["Statement"][0]["Principal"] == {"AWS": stage.richard_arn}


def test_the_deny_is_there_before_the_door_opens(stage: Stage) -> None:
    stage.give()
    stage.reconcile()
    assert stage.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_reconciling_five_times_writes_each_document_once(stage: Stage) -> None:
    stage.give()
    stage.reconcile(times=5)
    assert stage.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert verbs().count("grant.applied") == 1
    assert verbs().count("role.written") == 1


def test_richard_gets_in_with_his_session_name_and_nobody_else_does(stage: Stage) -> None:
    eve = stage.outsider(stage.aws.fresh("Eve"))
    grant = stage.give()
    assert not stage.can_assume(stage.richard_arn, grant.session_name)
    stage.reconcile()
    assert stage.can_assume(stage.richard_arn, grant.session_name)
    assert not stage.can_assume(stage.richard_arn, "another-name")
    assert not stage.can_assume(eve, grant.session_name)


def test_aws_closes_the_door_at_the_end_with_nothing_of_ours_running(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.aws.clock(3600 - 60)
    assert stage.can_assume(stage.richard_arn, grant.session_name)
    stage.aws.clock(3600 + 60)
    assert not stage.can_assume(stage.richard_arn, grant.session_name)


def test_at_its_end_the_statement_goes_and_the_deny_stays(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.clock.forward(hours=1)
    assert state(grant, stage.clock()) == "ending"
    stage.reconcile()
    assert state(grant, stage.clock()) == "ended"
    assert stage.sids() == ["dpclosed"]
    closing = stage.closing()
    assert closing is not None
    assert closing["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:userid": f"{stage.role.unique_id}:{grant.session_name}"}
    }


def test_the_deny_goes_when_no_session_can_be_alive(stage: Stage) -> None:
    stage.give()
    stage.reconcile()
    stage.clock.forward(hours=1)
    stage.reconcile()
    stage.clock.forward(hours=13, minutes=9)
    assert stage.sweep() != []
    assert stage.closing() is not None
    stage.clock.forward(minutes=1)
    stage.sweep()
    assert stage.closing() is None


def test_a_revocation_writes_the_deny_first(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.aws.forget_calls()
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Enough.", now=stage.clock())
    assert state(grant, stage.clock()) == "ending"
    stage.reconcile()
    assert stage.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert state(grant, stage.clock()) == "ended"
    assert stage.sids() == ["dpclosed"]
    assert not stage.can_assume(stage.richard_arn, grant.session_name)


def test_the_verdict_on_what_was_read_back_is_on_record_and_called_that(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Enough.", now=stage.clock())
    stage.reconcile()
    removed = AuditEvent.objects.get(verb="grant.removed")
    assert removed.details["verdict"] == (
        f"The trust policy read back refuses {stage.richard_arn} with session name {grant.session_name}."
    )


def test_what_is_revoked_before_it_was_written_is_never_written(stage: Stage) -> None:
    grant = stage.give()
    actions.revoke(by=stage.cast.alice, grant=grant, reason="A mistake.", now=stage.clock())
    stage.reconcile()
    assert "UpdateAssumeRolePolicy" not in stage.writes()
    assert state(grant, stage.clock()) == "ended"


def test_the_first_grant_to_end_leaves_the_second_of_the_same_person(stage: Stage) -> None:
    first = stage.give()
    second = stage.give(ends_at=stage.clock() + 2 * HOUR)
    stage.reconcile()
    assert sorted(stage.sids()) == sorted([first.session_name, second.session_name])
    stage.clock.forward(hours=1)
    stage.reconcile()
    assert (state(first, stage.clock()), state(second, stage.clock())) == ("ended", "active")
    assert stage.sids() == [second.session_name]


def test_a_grant_that_starts_later_is_written_now_and_scheduled_until_then(stage: Stage) -> None:
    start = stage.clock() + 24 * HOUR
    grant = stage.give(starts_at=start, ends_at=start + HOUR)
    stage.reconcile()
    assert state(grant, stage.clock()) == "scheduled"
    assert not stage.can_assume(stage.richard_arn, grant.session_name)
    stage.clock.forward(hours=24)
    assert state(grant, stage.clock()) == "active"
    assert stage.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_the_window_opens_and_closes_to_the_second(stage: Stage) -> None:
    stage.clock.forward(microseconds=1)
    grant = stage.give(ends_at=stage.clock() + HOUR)
    assert grant.starts_at >= stage.clock()
    assert (grant.starts_at.microsecond, grant.ends_at.microsecond) == (0, 0)
    stage.reconcile()
    for seconds, expected in ((-1, "active"), (0, "ending"), (1, "ending")):
        assert state(grant, grant.ends_at + timedelta(seconds=seconds)) == expected


def test_twenty_idle_sweeps_write_nothing(stage: Stage) -> None:
    stage.give()
    stage.reconcile()
    stage.aws.forget_calls()
    for _ in range(20):
        stage.clock.forward(seconds=30)
        stage.sweep()
    assert stage.writes(tried=True) == []


def test_an_expiry_is_found_by_the_sweep_alone(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.clock.forward(seconds=3599)
    stage.sweep()
    assert state(grant, stage.clock()) == "active"
    stage.clock.forward(seconds=1)
    assert stage.sweep() == [stage.role.pk]
    assert state(grant, stage.clock()) == "ended"


def test_an_approval_whose_message_was_lost_is_found_by_the_sweep(stage: Stage) -> None:
    stage.reconcile()
    grant = stage.give()
    assert stage.sweep() == [stage.role.pk]
    assert state(grant, stage.clock()) == "active"


def test_many_changes_of_one_role_take_one_write_of_each_document(stage: Stage) -> None:
    grants = [stage.give() for _ in range(3)]
    stage.reconcile()
    assert stage.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert [state(grant, stage.clock()) for grant in grants] == ["active"] * 3


def test_what_changes_while_the_worker_works_is_done_before_it_stops(stage: Stage) -> None:
    request = ask(stage.cast, now=stage.clock(), principal_arn=stage.richard_arn)
    approved: list[Grant | None] = []

    def approve_at_the_first_look() -> object:
        if not approved:
            approved.append(None)
            approved[0] = approve(stage.cast, request, now=stage.clock.at)
        return stage.clock.at

    reconcile.role(stage.role.pk, now=approve_at_the_first_look)  # type: ignore[arg-type]
    assert approved[0] is not None
    assert state(approved[0], stage.clock()) == "active"


def test_a_message_about_a_role_that_does_not_exist_does_nothing(stage: Stage) -> None:
    stage.aws.forget_calls()
    reconcile.role(10**9, now=stage.clock)
    assert stage.aws.calls() == []


def test_every_step_is_in_the_audit_chain_and_the_chain_holds(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.clock.forward(hours=1)
    stage.reconcile()
    assert verbs("request:") == [
        "request.submitted",
        "decision.approved",
        "request.approved",
        "grant.given",
        "grant.applied",
        "grant.removed",
    ]
    assert grant.session_name in str(list(AuditEvent.objects.values_list("details", flat=True)))
    assert list(ledger.broken_links()) == []
