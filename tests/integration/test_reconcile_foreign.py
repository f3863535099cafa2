"""What other people do to a role: their statements stay theirs, ours come back, and everything is on record."""

import json
from dataclasses import replace
from typing import Any

import pytest

from access import actions, aws, verify
from access.models import Account, AuditEvent, Grant, Role
from access.reconcile.lease import length
from access.reconcile.pace import TURN
from access.rules import Refused
from access.trust import same
from tests.factories import HOUR, ask
from tests.integration.stage import CLOSED, Stage, problem, state, verbs

SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
GUARD = {
    "Sid": "Guard",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "sts:AssumeRole",
    "Condition": {"NotIpAddress": {"aws:SourceIp": ["127.0.0.0/8"]}},
}


@pytest.fixture
def adopted(stage: Stage) -> Stage:
    """The same stage with a role that was there before us."""
    Role.objects.filter(pk=stage.role.pk).update(is_managed=False)
    return stage


def details(verb: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(verb=verb).values_list("details", flat=True))


def test_statements_of_others_survive_a_grants_whole_life(adopted: Stage) -> None:
    adopted.edit_trust(SERVICE, GUARD)
    before = adopted.trust()
    grant = adopted.give()
    adopted.reconcile()
    assert state(grant, adopted.clock()) == "active"
    assert adopted.can_assume(adopted.richard_arn, grant.session_name)
    adopted.clock.forward(hours=1)
    adopted.reconcile()
    assert same(adopted.trust(), before)


def test_a_statement_that_somebody_took_away_comes_back(stage: Stage) -> None:
    grant = stage.give()
    stage.reconcile()
    stage.edit_trust(*CLOSED["Statement"])
    assert not stage.can_assume(stage.richard_arn, grant.session_name)
    assert stage.sweep() == [stage.role.pk]
    assert stage.can_assume(stage.richard_arn, grant.session_name)
    assert details("role.drift")[0]["trust_found"]["Statement"][0]["Sid"] == "dpclosed"


def test_a_statement_that_somebody_widened_is_narrowed_again(stage: Stage) -> None:
    eve = stage.outsider(stage.aws.fresh("Eve"))
    grant = stage.give()
    stage.reconcile()
    statement = stage.trust()["Statement"][0]
    del statement["Condition"]["StringEquals"]["aws:userid"]
    stage.edit_trust({**statement, "Principal": {"AWS": [stage.richard_arn, eve]}})
    assert stage.can_assume(eve, grant.session_name)
    stage.sweep()
    assert not stage.can_assume(eve, grant.session_name)
    assert state(grant, stage.clock()) == "active"


def test_a_deny_that_somebody_took_away_comes_back(stage: Stage) -> None:
    stage.give()
    stage.reconcile()
    kept = stage.closing()
    stage.aws.root().delete_role_policy(RoleName=stage.role.name, PolicyName="daypass-closing")
    assert stage.sweep() == [stage.role.pk]
    assert same(stage.closing(), kept)
    assert details("role.drift")[0]["closing_found"] is None


def test_an_open_door_beside_ours_blocks_the_grant(adopted: Stage) -> None:
    grant = adopted.give()
    adopted.edit_trust(
        {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"},
    )
    adopted.reconcile()
    assert state(grant, adopted.clock()) == "blocked"
    assert Grant.objects.get().problem == "admitted_by_others"
    assert grant.session_name not in adopted.sids()


def test_a_door_opened_beside_a_live_grant_blocks_it_and_closing_it_heals(adopted: Stage) -> None:
    grant = adopted.give()
    adopted.reconcile()
    adopted.edit_trust(
        *adopted.trust()["Statement"],
        {"Sid": "Standing", "Effect": "Allow", "Principal": {"AWS": adopted.richard_arn}, "Action": "sts:AssumeRole"},
    )
    adopted.sweep()
    assert state(grant, adopted.clock()) == "blocked"
    adopted.edit_trust(*CLOSED["Statement"])
    adopted.clock.forward(seconds=30)
    adopted.sweep()
    assert state(grant, adopted.clock()) == "active"


def test_richard_cannot_ask_where_he_gets_in_anyway(adopted: Stage) -> None:
    adopted.edit_trust({"Effect": "Allow", "Principal": {"AWS": adopted.richard_arn}, "Action": "sts:AssumeRole"})
    adopted.reconcile()
    with pytest.raises(Refused, match="Other statements of this role"):
        ask(adopted.cast, now=adopted.clock(), principal_arn=adopted.richard_arn)


class TestStrays:
    """A statement that bears our kind of name, with no grant behind it."""

    def stray(self, stage: Stage) -> dict[str, Any]:
        mallory = stage.outsider(stage.aws.fresh("Mallory"))
        return {
            "Sid": "dpstraystraystra",
            "Effect": "Allow",
            "Principal": {"AWS": mallory},
            "Action": "sts:AssumeRole",
        }

    def test_it_is_taken_out_of_a_managed_role_and_its_text_is_kept(self, stage: Stage) -> None:
        stage.reconcile()
        stray = self.stray(stage)
        stage.edit_trust(stray)
        assert stage.can_assume(stray["Principal"]["AWS"], "any")
        stage.sweep()
        assert not stage.can_assume(stray["Principal"]["AWS"], "any")
        assert stage.sids() == ["dpclosed"]
        assert details("role.stray_statement")[0]["statement"] == stray

    def test_it_stays_in_an_adopted_role_and_is_alarmed_once(self, adopted: Stage) -> None:
        adopted.reconcile()
        adopted.edit_trust(self.stray(adopted))
        for _ in range(4):
            adopted.clock.forward(seconds=61)
            adopted.sweep()
        assert adopted.sids() == ["dpstraystraystra"]
        assert verbs().count("role.stray_statement") == 1

    def test_the_statement_of_a_grant_long_over_is_one(self, stage: Stage) -> None:
        stage.give()
        stage.reconcile()
        old = stage.trust()["Statement"]
        stage.clock.forward(hours=1)
        stage.sweep()
        stage.clock.forward(hours=14)
        stage.sweep()
        stage.edit_trust(*old)
        stage.sweep()
        assert stage.sids() == ["dpclosed"]
        assert "role.stray_statement" in verbs()

    def test_the_name_of_the_closing_statement_opens_nothing(self, stage: Stage) -> None:
        mallory = stage.outsider(stage.aws.fresh("Mallory"))
        stage.give()
        stage.reconcile()
        opened = {"Sid": "dpclosed", "Effect": "Allow", "Principal": {"AWS": mallory}, "Action": "sts:AssumeRole"}
        stage.edit_trust(*stage.trust()["Statement"], opened)
        stage.sweep()
        assert not stage.can_assume(mallory, "any")
        assert details("role.stray_statement")[0]["statement"]["Sid"] == "dpclosed"


def shows_also(stage: Stage, monkeypatch: pytest.MonkeyPatch, statement: dict[str, Any]) -> None:
    """Let AWS show one more statement, of a kind that it accepted once and does not accept any more."""
    true_read = aws.read_role

    def read_role(**which: Any) -> aws.RoleRead:
        seen = true_read(**which)
        return replace(seen, trust={**seen.trust, "Statement": [*seen.trust["Statement"], statement]})

    monkeypatch.setattr(aws, "read_role", read_role)


EXCEPTED = {"Effect": "Deny", "NotPrincipal": {"AWS": "AIDADEADDEADDEADDEAD1"}, "Action": "sts:AssumeRole"}


class TestDeadIds:
    """Somebody else's statement names a principal that was deleted: every write with it would fail."""

    def test_the_dead_is_left_out_and_named_on_record(self, adopted: Stage) -> None:
        gone, ci = adopted.outsider(adopted.aws.fresh("Gone")), adopted.outsider(adopted.aws.fresh("Ci"))
        adopted.edit_trust({**SERVICE, "Principal": {"AWS": [gone, ci]}})
        adopted.dismiss(gone)
        grant = adopted.give()
        adopted.reconcile()
        assert state(grant, adopted.clock()) == "active"
        assert adopted.trust()["Statement"][0]["Principal"] in ({"AWS": ci}, {"AWS": [ci]})
        assert details("role.dead_principals")[0]["ids"][0].startswith("AIDA")

    def test_an_exception_for_the_dead_leaves_the_trust_policy_alone_and_the_end_to_the_closing_policy(
        self, adopted: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = adopted.give(ends_at=adopted.clock() + 2 * HOUR)
        adopted.reconcile()
        before = adopted.trust()
        shows_also(adopted, monkeypatch, EXCEPTED)
        actions.revoke(by=adopted.cast.alice, grant=grant, reason="Stop.", now=adopted.clock())
        adopted.reconcile()
        assert adopted.trust() == before
        assert adopted.role.problem == "policy_refused"
        assert "must mend it in IAM" in adopted.role.problem_text
        assert state(grant, adopted.clock()) == "ending"
        assert_denied_now(adopted, grant)

    def test_asking_there_is_refused_with_a_sentence(self, adopted: Stage) -> None:
        Role.objects.filter(pk=adopted.role.pk).update(seen_trust={"Version": "2012-10-17", "Statement": [EXCEPTED]})
        with pytest.raises(Refused, match="must mend it in IAM"):
            ask(adopted.cast, now=adopted.clock(), principal_arn=adopted.richard_arn)


def revoked_where_the_judge_refuses(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Grant:
    """A live grant that Alice takes back where only the closing policy can be written."""
    grant = stage.give(ends_at=stage.clock() + 2 * HOUR)
    stage.reconcile()
    monkeypatch.setattr(verify, "check", lambda *_, **__: ["It is not as it should be."])
    actions.revoke(by=stage.cast.alice, grant=grant, reason="Stop.", now=stage.clock())
    stage.aws.forget_calls()
    return grant


def test_a_revocation_is_denied_even_when_the_judge_refuses_the_trust_policy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = stage.give()
    grant = revoked_where_the_judge_refuses(stage, monkeypatch)
    stage.reconcile(times=2)
    assert stage.writes() == ["PutRolePolicy"]
    assert stage.role.problem == "verifier_refused"
    assert_denied_now(stage, grant)
    assert details("role.written")[-1]["closing_after"] == stage.closing()
    assert (state(grant, stage.clock()), state(other, stage.clock())) == ("ending", "active")


def test_a_deny_that_is_written_alone_and_not_answered_may_yet_take_effect(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = revoked_where_the_judge_refuses(stage, monkeypatch)
    stage.aws.fault("PutRolePolicy", "lost", role=stage.role.name)
    stage.reconcile()
    assert stage.role.quiet_until == stage.clock() + 2 * length()
    assert_denied_now(stage, grant)


def test_a_deny_that_is_written_alone_takes_its_turn_while_aws_is_throttled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked_where_the_judge_refuses(stage, monkeypatch)
    Account.objects.update(throttled_at=stage.clock(), next_write_at=stage.clock())
    stage.reconcile()
    assert stage.writes() == ["PutRolePolicy"]
    assert Account.objects.get().next_write_at == stage.clock() + TURN


def assert_denied_now(stage: Stage, grant: Grant) -> None:
    """AWS itself shows an undated Deny of the grant's session."""
    denies = [s for s in (stage.closing() or {})["Statement"] if s["Action"] == "*"]
    undated = [s for s in denies if "DateGreaterThanEquals" not in s["Condition"]]
    assert [s["Condition"]["StringEquals"]["aws:userid"] for s in undated] == [
        f"{stage.role.unique_id}:{grant.session_name}"
    ]


def test_one_that_does_not_fit_any_more_waits_and_holds_up_the_end_of_no_other(adopted: Stage) -> None:
    first = adopted.give()
    adopted.reconcile()
    waiting = [adopted.give() for _ in range(2)]
    # They were approved when there was room; then somebody takes most of it by hand.
    adopted.edit_trust(*adopted.trust()["Statement"], *(ops(number) for number in range(14)))
    actions.revoke(by=adopted.cast.alice, grant=first, reason="Enough.", now=adopted.clock())
    adopted.reconcile()
    assert state(first, adopted.clock()) == "ended"
    assert first.session_name not in adopted.sids()
    assert sorted(state(grant, adopted.clock()) for grant in waiting) == ["active", "blocked"]
    assert sorted(problem(grant)[0] for grant in waiting) == ["", "policy_full"]
    adopted.edit_trust(*(one for one in adopted.trust()["Statement"] if not one["Sid"].startswith("Ops")))
    adopted.clock.forward(seconds=61)
    adopted.sweep()
    assert {state(grant, adopted.clock()) for grant in waiting} == {"active"}


def ops(number: int) -> dict[str, Any]:
    """A statement of others, about 120 characters long."""
    return {
        "Sid": f"Ops{number}",
        "Effect": "Allow",
        "Principal": {"Service": f"service-{number}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


ROOM = 500  # for the expiry policy of an imported role with the Deny of one grant, and not with that of two


def fill_inline(stage: Stage, characters: int) -> None:
    """Give the role a policy of its owner's that takes so many of the 10,240 characters of all its inline policies."""
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::"}
    short = len(json.dumps({"Version": "2012-10-17", "Statement": [allow]}, separators=(",", ":")))
    allow["Resource"] += "b" * (characters - short)
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]}, separators=(",", ":"))
    stage.aws.root().put_role_policy(RoleName=stage.role.name, PolicyName="owner", PolicyDocument=document)


def test_a_deny_that_does_not_fit_keeps_its_own_grant_out_and_no_other_from_being_revoked(adopted: Stage) -> None:
    first = adopted.give()
    adopted.reconcile()
    fill_inline(adopted, 10_240 - ROOM)
    second = adopted.give()
    adopted.reconcile()
    assert (state(first, adopted.clock()), state(second, adopted.clock())) == ("active", "blocked")
    assert problem(second)[0] == "policy_full"
    actions.revoke(by=adopted.cast.alice, grant=first, reason="Enough.", now=adopted.clock())
    adopted.reconcile()
    assert state(first, adopted.clock()) == "ended"
    assert_denied_now(adopted, first)


def test_a_grant_that_never_found_room_ends_and_is_not_tried_again(adopted: Stage) -> None:
    first = adopted.give()
    adopted.reconcile()
    fill_inline(adopted, 10_240 - ROOM)
    second = adopted.give()
    adopted.reconcile()
    actions.revoke(by=adopted.cast.alice, grant=second, reason="Never mind.", now=adopted.clock())
    adopted.reconcile()
    assert (state(first, adopted.clock()), state(second, adopted.clock())) == ("active", "ended")
    assert (adopted.role.failures, adopted.role.retry_at) == (0, None)


def test_a_statement_whose_answer_was_lost_may_have_let_somebody_in_and_keeps_its_deny(adopted: Stage) -> None:
    adopted.aws.fault("UpdateAssumeRolePolicy", "lost", status=500, role=adopted.role.name)
    grant = adopted.give()
    adopted.reconcile()
    adopted.aws.clear_faults()
    # Somebody undoes all of it, and lets the same principal in by himself: the grant is left out.
    anybody = {"Effect": "Allow", "Principal": {"AWS": adopted.richard_arn}, "Action": "sts:AssumeRole"}
    adopted.edit_trust(anybody)
    adopted.aws.root().delete_role_policy(RoleName=adopted.role.name, PolicyName="daypass-closing")
    adopted.clock.forward(seconds=61)
    adopted.reconcile()
    assert problem(grant)[0] == "admitted_by_others"
    assert f"{adopted.role.unique_id}:{grant.session_name}" in json.dumps(adopted.closing())


def test_the_deny_of_who_was_let_in_comes_back_when_somebody_takes_it_away_although_he_is_left_out(
    adopted: Stage,
) -> None:
    grant = adopted.give()
    adopted.reconcile()
    adopted.dismiss(adopted.richard_arn)
    adopted.sweep()
    adopted.aws.root().delete_role_policy(RoleName=adopted.role.name, PolicyName="daypass-closing")
    adopted.reconcile()
    assert f"{adopted.role.unique_id}:{grant.session_name}" in json.dumps(adopted.closing())


def test_what_the_owners_inline_policies_take_is_known_before_anybody_is_given_more(adopted: Stage) -> None:
    adopted.give()
    adopted.reconcile()
    fill_inline(adopted, 10_240 - ROOM)
    adopted.clock.forward(days=1)
    adopted.reconcile()
    assert adopted.role.other_inline_size == 10_240 - ROOM
    with pytest.raises(Refused, match="No more access fits"):
        ask(replace(adopted.cast, role=adopted.role), now=adopted.clock())
