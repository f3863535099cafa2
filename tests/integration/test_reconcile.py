"""What the worker makes of a role in AWS: the ordinary life of a grant, from approval to its end."""

from datetime import timedelta

from access.actions import requests
from access.ledger.walks import broken_links
from access.models import AuditEvent, Grant
from access.reconcile import convergence
from tests.factories import HOUR, approve, ask
from tests.integration.environment import Environment, state, verbs


def test_nothing_is_in_aws_before_alice_approves(env: Environment) -> None:
    env.reconcile()
    ask(env.cast, now=env.clock(), principal_arn=env.richard_arn)
    env.reconcile()
    assert env.sids() == ["dpclosed"]
    assert env.expiry_policy() is None
    assert env.writes() == []


def test_an_approved_grant_is_active_once_it_was_read_back(env: Environment) -> None:
    grant = env.create_grant()
    assert state(grant, env.clock()) == "activating"
    env.reconcile()
    assert state(grant, env.clock()) == "active"
    assert env.sids() == [grant.session_name]
    assert env.trust()["Statement"][0]["Principal"] == {"AWS": env.richard_arn}


def test_the_deny_is_there_before_access_begins(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_reconciling_five_times_writes_each_document_once(env: Environment) -> None:
    env.create_grant()
    env.reconcile(times=5)
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert verbs().count("grant.applied") == 1
    assert verbs().count("role.written") == 1


def test_only_richard_is_admitted_and_only_with_the_session_name_of_the_grant(env: Environment) -> None:
    eve = env.contractor_user(env.aws.fresh("Eve"))
    grant = env.create_grant()
    assert not env.can_assume(env.richard_arn, grant.session_name)
    env.reconcile()
    assert env.can_assume(env.richard_arn, grant.session_name)
    assert not env.can_assume(env.richard_arn, "another-name")
    assert not env.can_assume(eve, grant.session_name)


def test_aws_ends_access_at_the_end_while_nothing_of_ours_runs(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.aws.clock(3600 - 60)
    assert env.can_assume(env.richard_arn, grant.session_name)
    env.aws.clock(3600 + 60)
    assert not env.can_assume(env.richard_arn, grant.session_name)


def test_at_its_end_the_statement_is_removed_and_the_deny_stays(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.clock.forward(hours=1)
    assert state(grant, env.clock()) == "ending"
    env.reconcile()
    assert state(grant, env.clock()) == "ended"
    assert env.sids() == ["dpclosed"]
    expiry_policy = env.expiry_policy()
    assert expiry_policy is not None
    assert expiry_policy["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:userid": f"{env.role.unique_id}:{grant.session_name}"}
    }


def test_the_deny_is_removed_when_no_session_can_be_alive(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    env.clock.forward(hours=1)
    env.reconcile()
    env.clock.forward(hours=13, minutes=9)
    assert env.sweep() != []
    assert env.expiry_policy() is not None
    env.clock.forward(minutes=1)
    env.sweep()
    assert env.expiry_policy() is None


def test_a_revocation_writes_the_deny_first(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.aws.forget_calls()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())
    assert state(grant, env.clock()) == "ending"
    env.reconcile()
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert state(grant, env.clock()) == "ended"
    assert env.sids() == ["dpclosed"]
    assert not env.can_assume(env.richard_arn, grant.session_name)


def test_the_verdict_on_the_documents_read_back_is_on_record_as_such(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())
    env.reconcile()
    removed = AuditEvent.objects.get(verb="grant.removed")
    facts = {"principal": env.richard_arn, "session": grant.session_name}
    assert removed.details["verdict"] == {"code": "trust_policy_refuses", "facts": facts}


def test_a_grant_revoked_before_it_was_written_is_never_written(env: Environment) -> None:
    grant = env.create_grant()
    requests.revoke(by=env.cast.alice, grant=grant, reason="A mistake.", now=env.clock())
    env.reconcile()
    assert "UpdateAssumeRolePolicy" not in env.writes()
    assert state(grant, env.clock()) == "ended"


def test_the_first_grant_to_end_leaves_the_second_of_the_same_person(env: Environment) -> None:
    first = env.create_grant()
    second = env.create_grant(ends_at=env.clock() + 2 * HOUR)
    env.reconcile()
    assert sorted(env.sids()) == sorted([first.session_name, second.session_name])
    env.clock.forward(hours=1)
    env.reconcile()
    assert (state(first, env.clock()), state(second, env.clock())) == ("ended", "active")
    assert env.sids() == [second.session_name]


def test_a_grant_that_starts_later_is_written_now_and_scheduled_until_then(env: Environment) -> None:
    start = env.clock() + 24 * HOUR
    grant = env.create_grant(starts_at=start, ends_at=start + HOUR)
    env.reconcile()
    assert state(grant, env.clock()) == "scheduled"
    assert not env.can_assume(env.richard_arn, grant.session_name)
    env.clock.forward(hours=24)
    assert state(grant, env.clock()) == "active"
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]


def test_the_window_opens_and_closes_to_the_second(env: Environment) -> None:
    env.clock.forward(microseconds=1)
    grant = env.create_grant(ends_at=env.clock() + HOUR)
    assert grant.starts_at >= env.clock()
    assert (grant.starts_at.microsecond, grant.ends_at.microsecond) == (0, 0)
    env.reconcile()
    for seconds, expected in ((-1, "active"), (0, "ending"), (1, "ending")):
        assert state(grant, grant.ends_at + timedelta(seconds=seconds)) == expected


def test_twenty_idle_sweeps_write_nothing(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    env.aws.forget_calls()
    for _ in range(20):
        env.clock.forward(seconds=30)
        env.sweep()
    assert env.writes(tried=True) == []


def test_an_expiry_is_found_by_the_sweep_without_a_message(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.clock.forward(seconds=3599)
    env.sweep()
    assert state(grant, env.clock()) == "active"
    env.clock.forward(seconds=1)
    assert env.sweep() == [env.role.pk]
    assert state(grant, env.clock()) == "ended"


def test_an_approval_whose_message_was_lost_is_found_by_the_sweep(env: Environment) -> None:
    env.reconcile()
    grant = env.create_grant()
    assert env.sweep() == [env.role.pk]
    assert state(grant, env.clock()) == "active"


def test_many_changes_of_one_role_take_one_write_of_each_document(env: Environment) -> None:
    grants = [env.create_grant() for _ in range(3)]
    env.reconcile()
    assert env.writes() == ["PutRolePolicy", "UpdateAssumeRolePolicy"]
    assert [state(grant, env.clock()) for grant in grants] == ["active"] * 3


def test_a_change_while_the_worker_works_is_written_before_it_stops(env: Environment) -> None:
    request = ask(env.cast, now=env.clock(), principal_arn=env.richard_arn)
    approved: list[Grant | None] = []

    def approve_at_the_first_look() -> object:
        if not approved:
            approved.append(None)
            approved[0] = approve(env.cast, request, now=env.clock.at)
        return env.clock.at

    convergence.role(env.role.pk, now=approve_at_the_first_look)  # type: ignore[arg-type]
    assert approved[0] is not None
    assert state(approved[0], env.clock()) == "active"


def test_a_message_about_a_role_that_does_not_exist_does_nothing(env: Environment) -> None:
    env.aws.forget_calls()
    convergence.role(10**9, now=env.clock)
    assert env.aws.calls() == []


def test_every_step_is_in_the_audit_chain_and_the_chain_is_valid(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.clock.forward(hours=1)
    env.reconcile()
    assert verbs("request:") == [
        "request.submitted",
        "decision.approved",
        "request.approved",
        "grant.created",
        "grant.applied",
        "grant.removed",
    ]
    assert grant.session_name in str(list(AuditEvent.objects.values_list("details", flat=True)))
    assert list(broken_links()) == []
