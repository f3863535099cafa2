"""Statements of a trust policy that no grant explains: what happens to them, and who is notified."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from access import housekeeping
from access.actions import requests
from access.catalogue import accepting
from access.ledger.conflicts import Conflict
from access.ledger.roles import mark_dirty
from access.ledger.unmanaged import find_statement, settle_statement
from access.models import AuditEvent, Grant, Role, UnmanagedStatement
from access.notifications import waiting
from access.reconcile import plan as reconcile_plan
from access.reconcile import unmanaged
from access.rules.facts import Refused
from tests import factories
from tests.factories import HOUR
from tests.integration.environment import DEFAULT_DENY, Environment, problem, state, verbs
from tests.patching import replace

LOCK = DEFAULT_DENY["Statement"][0]
SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
FEDERATED = {
    "Effect": "Allow",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
}
EVERYBODY = {"Sid": "Open", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def allow(arn: str, sid: str = "Debug") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}


def deny(arn: str = "*", sid: str = "Frozen", **more: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole", **more}


def sha256(statement: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def details(verb: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(verb=verb).order_by("sequence").values_list("details", flat=True))


def emails(env: Environment) -> list[Any]:
    """Return the emails that Ada, the administrator, has."""
    waiting.send_waiting(now=env.clock())
    return [one for one in mail.outbox if one.to == [env.cast.ada.email]]


@pytest.fixture
def mallory(env: Environment) -> str:
    return env.contractor_user(env.aws.fresh("Mallory"))


@pytest.fixture
def imported(env: Environment) -> Environment:
    """Return the same environment with a role that existed before, closed by the default-deny statement."""
    Role.objects.filter(pk=env.role.pk).update(is_managed=False)
    return env


class TestAllowsOfManagedRoles:
    def test_an_allow_beside_the_default_deny_statement_is_removed(self, env: Environment, mallory: str) -> None:
        env.reconcile()
        env.edit_trust(LOCK, allow(mallory))
        env.sweep()
        assert env.trust() == DEFAULT_DENY
        assert not env.can_assume(mallory, "any")

    @pytest.mark.parametrize("statement", [SERVICE, FEDERATED, EVERYBODY, allow("222222222222")])
    def test_each_kind_is_removed_in_the_next_sweep(self, env: Environment, statement: dict[str, Any]) -> None:
        grant = env.create_grant()
        env.reconcile()
        mine = env.trust()["Statement"]
        env.edit_trust(*mine, statement)
        assert env.sweep() == [env.role.pk]
        assert env.trust()["Statement"] == mine
        assert state(grant, env.clock()) == "active"
        assert env.sweep() == []

    def test_its_text_and_hash_are_on_record(self, env: Environment, mallory: str) -> None:
        env.reconcile()
        env.edit_trust(allow(mallory))
        env.sweep()
        found, removed = details("role.unmanaged_statement")[0], details("role.statement_removed")[0]
        assert json.loads(found["statement"]) == allow(mallory)
        assert found["sha256"] == removed["sha256"] == sha256(allow(mallory))
        assert not found["is_cut"]
        assert verbs().index("role.unmanaged_statement") < verbs().index("role.statement_removed")

    def test_a_long_text_is_cut_and_its_hash_is_that_of_the_whole_text(self, env: Environment, mallory: str) -> None:
        env.aws.settings(trust_quota=20_000)
        long = {**allow(mallory), "Condition": {"StringEquals": {"sts:ExternalId": ["x" * 1000] * 9}}}
        env.reconcile()
        env.edit_trust(long)
        env.sweep()
        found = details("role.unmanaged_statement")[0]
        assert (len(found["statement"]), found["is_cut"]) == (8192, True)
        assert found["sha256"] == sha256(long)

    def test_a_statement_under_a_forged_grant_name_is_on_record_and_ours_is_written_again(
        self, env: Environment, mallory: str
    ) -> None:
        grant = env.create_grant()
        env.reconcile()
        mine = env.trust()
        forged = allow(mallory, grant.session_name)
        env.edit_trust(forged)
        env.sweep()
        assert env.trust() == mine
        assert json.loads(details("role.unmanaged_statement")[0]["statement"]) == forged

    def test_a_forged_default_deny_statement_is_removed(self, env: Environment, mallory: str) -> None:
        env.reconcile()
        env.edit_trust(allow(mallory, "dpclosed"))
        env.sweep()
        assert env.trust() == DEFAULT_DENY
        assert details("role.statement_removed")[0]["sid"] == "dpclosed"

    def test_the_own_statement_of_a_grant_with_another_end_is_not_a_finding(self, env: Environment) -> None:
        grant = env.create_grant()
        env.reconcile()
        factories.move_end(grant, grant.ends_at + HOUR)
        mark_dirty(env.role, now=env.clock())
        env.sweep()
        assert not UnmanagedStatement.objects.exists()

    def test_a_statement_that_admits_the_principal_does_not_block_the_grant(self, env: Environment) -> None:
        grant = env.create_grant()
        env.edit_trust(allow(env.richard_arn))
        env.reconcile()
        assert state(grant, env.clock()) == "active"
        assert env.sids() == [grant.session_name]

    def test_an_edit_between_read_and_write_is_removed_too_and_on_record(
        self, env: Environment, mallory: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        env.reconcile()
        env.edit_trust(allow(mallory, "First"))
        both = (allow(mallory, "First"), allow(mallory, "Second"))
        edits = iter([both])
        whole = reconcile_plan.make_plan

        def make_plan(*given: Any, **more: Any) -> Any:
            plan = whole(*given, **more)
            for statements in edits:
                env.edit_trust(*statements)
            return plan

        monkeypatch.setattr(reconcile_plan, "make_plan", make_plan)
        env.sweep()
        assert env.trust() == DEFAULT_DENY
        assert {one["sid"] for one in details("role.statement_removed")} == {"First", "Second"}

    def test_a_revocation_is_written_with_it(self, env: Environment, mallory: str) -> None:
        grant = env.create_grant(ends_at=env.clock() + 2 * HOUR)
        env.reconcile()
        env.edit_trust(*env.trust()["Statement"], allow(mallory))
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
        env.reconcile()
        assert env.trust() == DEFAULT_DENY
        assert state(grant, env.clock()) == "ended"

    def test_a_revocation_and_the_removal_are_written_even_if_the_finding_cannot_be_recorded(
        self, env: Environment, mallory: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = env.create_grant(ends_at=env.clock() + 2 * HOUR)
        env.reconcile()
        env.edit_trust(*env.trust()["Statement"], allow(mallory))
        requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())

        def fails(*_: Any, **__: Any) -> None:
            raise RuntimeError("no room")

        replace(monkeypatch, find_statement, fails)
        replace(monkeypatch, settle_statement, fails)
        env.reconcile()
        assert env.trust() == DEFAULT_DENY
        assert state(grant, env.clock()) == "ended"

    def test_the_removal_of_an_interrupted_attempt_is_recorded_by_the_sweep(
        self, env: Environment, mallory: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        env.reconcile()
        env.edit_trust(allow(mallory))
        with monkeypatch.context() as patched:
            patched.setattr(unmanaged, "record_settled", lambda *_, **__: None)
            env.sweep()
        assert details("role.statement_removed") == []
        env.clock.forward(seconds=30)
        env.sweep()
        housekeeping.run(now=env.clock())
        assert [one["sid"] for one in details("role.statement_removed")] == ["Debug"]


class TestEmails:
    def test_administrators_are_notified_of_a_removal_and_a_second_one_within_the_hour_is_urgent(
        self, env: Environment, mallory: str
    ) -> None:
        env.reconcile()
        for subject in ("Unexpected Allow", "URGENT: unexpected Allow"):
            env.edit_trust(allow(mallory))
            env.sweep()
            sent = emails(env)
            assert subject in sent[-1].subject
            assert sha256(allow(mallory)) in sent[-1].body
            env.clock.forward(minutes=59)
        assert [one["urgent"] for one in details("role.statement_removed")] == [False, True]

    def test_a_removal_after_more_than_an_hour_or_of_another_text_is_not_urgent(
        self, env: Environment, mallory: str
    ) -> None:
        env.reconcile()
        for minutes, sid in ((61, "Debug"), (1, "Debug"), (1, "Other")):
            env.edit_trust(allow(mallory, sid))
            env.sweep()
            env.clock.forward(minutes=minutes)
        assert [one["urgent"] for one in details("role.statement_removed")] == [False, False, False]

    def test_there_are_at_most_five_emails_an_hour_about_a_role(self, env: Environment, mallory: str) -> None:
        env.reconcile()
        for number in range(7):
            env.edit_trust(allow(mallory, f"Debug{number}"))
            env.sweep()
        assert len(emails(env)) == 5
        assert len(details("role.statement_removed")) == 7


class TestDeniesOfManagedRoles:
    def test_a_deny_is_kept_and_reported_once_and_the_blocked_grant_says_so(self, env: Environment) -> None:
        grant, other = env.create_grant(), env.create_grant(principal_arn=env.contractor_user(env.aws.fresh("Rita")))
        env.reconcile()
        env.edit_trust(*env.trust()["Statement"], deny(env.richard_arn))
        for _ in range(3):
            env.sweep()
        assert "Frozen" in env.sids()
        assert state(grant, env.clock()) == "blocked"
        assert problem(grant) == ("blocked_by_deny", "deny_blocks_access_named")
        assert Grant.objects.get(pk=grant.pk).problem_facts == {"sid": "Frozen"}
        assert state(other, env.clock()) == "active"
        assert verbs().count("role.unmanaged_statement") == 1
        assert "Unexpected Deny" in emails(env)[-1].subject

    def test_a_grant_is_active_again_when_the_deny_is_gone(self, env: Environment) -> None:
        env.edit_trust(LOCK, deny(env.richard_arn))
        grant = env.create_grant()
        env.reconcile()
        assert (state(grant, env.clock()), env.role.state.failures) == ("blocked", 0)
        assert grant.session_name in env.sids()
        env.edit_trust(*(one for one in env.trust()["Statement"] if one["Sid"] != "Frozen"))
        env.sweep()
        assert state(grant, env.clock()) == "active"
        assert details("role.statement_gone")[0]["sid"] == "Frozen"

    def test_a_deny_that_the_holder_can_avoid_blocks_nobody(self, env: Environment) -> None:
        elsewhere = {"NotIpAddress": {"aws:SourceIp": ["127.0.0.0/8"]}}
        env.edit_trust(LOCK, deny(Condition=elsewhere))
        grant = env.create_grant()
        env.reconcile()
        assert state(grant, env.clock()) == "active"
        assert env.can_assume(env.richard_arn, grant.session_name)

    def test_a_deny_from_a_later_date_blocks_from_then_on(self, env: Environment) -> None:
        later = env.clock() + timedelta(minutes=30)
        dated = {"DateGreaterThan": {"aws:CurrentTime": f"{later:%Y-%m-%dT%H:%M:%SZ}"}}
        env.edit_trust(LOCK, deny(Condition=dated))
        grant = env.create_grant()
        env.reconcile()
        assert state(grant, env.clock()) == "active"
        assert env.role.state.next_change_at == later
        env.clock.forward(minutes=30, seconds=1)
        env.reconcile()
        assert state(grant, env.clock()) == "blocked"

    def test_the_default_deny_statement_stays_beside_a_deny_while_nothing_is_granted(self, env: Environment) -> None:
        env.reconcile()
        env.edit_trust(LOCK, deny(env.richard_arn))
        env.sweep()
        assert env.sids() == ["dpclosed", "Frozen"] or env.sids() == ["Frozen", "dpclosed"]

    def test_a_deny_under_the_name_of_a_grant_stays_and_delays_no_end(self, env: Environment) -> None:
        grant, other = (
            env.create_grant(ends_at=env.clock() + 2 * HOUR),
            env.create_grant(ends_at=env.clock() + 2 * HOUR),
        )
        env.reconcile()
        rest = [one for one in env.trust()["Statement"] if one["Sid"] != grant.session_name]
        env.edit_trust(*rest, deny("222222222222", grant.session_name))
        env.sweep()
        assert problem(grant)[0] == "blocked_by_deny"
        for one in (grant, other):
            requests.revoke(by=env.cast.alice, grant=one, reason="Stop.", now=env.clock())
        env.reconcile()
        assert {state(one, env.clock()) for one in (grant, other)} == {"ended"}


class TestImportedRoles:
    def held(self, imported: Environment, statement: dict[str, Any]) -> Grant:
        imported.edit_trust(LOCK, statement)
        grant = imported.create_grant()
        imported.reconcile()
        return grant

    @pytest.mark.parametrize("kind", ["account", "service", "federated", "everybody"])
    def test_no_grant_is_written_beside_an_allow_held_back_by_the_default_deny_statement(
        self, imported: Environment, kind: str
    ) -> None:
        of_kind = {"account": allow("222222222222"), "service": SERVICE, "federated": FEDERATED, "everybody": EVERYBODY}
        grant = self.held(imported, of_kind[kind])
        assert problem(grant)[0] == "unmanaged_statement"
        assert state(grant, imported.clock()) == "blocked"
        assert len(imported.trust()["Statement"]) == 2
        assert "dpclosed" in imported.sids()
        assert "UpdateAssumeRolePolicy" not in imported.writes()
        assert imported.role.state.failures == 0

    @pytest.mark.parametrize(
        "change",
        [
            {"Action": "sts:*"},
            {"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]},
            {
                "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"],
                "Principal": {"AWS": "*", "Federated": "cognito-identity.amazonaws.com"},
            },
        ],
    )
    def test_a_default_deny_statement_that_denies_more_stays_and_admits_nobody(
        self, imported: Environment, mallory: str, change: dict[str, Any]
    ) -> None:
        statements = [{**LOCK, **change}, allow(mallory)]
        imported.edit_trust(*statements)
        imported.sweep()
        grant = imported.create_grant()
        imported.reconcile()
        assert problem(grant)[0] == "unmanaged_statement"
        assert imported.trust()["Statement"] == statements
        assert "UpdateAssumeRolePolicy" not in imported.writes()

    @pytest.mark.parametrize(
        "change",
        [
            {"Condition": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/admin"}}},
            {"Principal": {"AWS": "111111111111"}},
            {"Action": "sts:TagSession"},
        ],
    )
    def test_a_default_deny_statement_that_denies_less_is_replaced_and_admits_nobody(
        self, imported: Environment, mallory: str, change: dict[str, Any]
    ) -> None:
        imported.edit_trust({**LOCK, **change}, allow(mallory))
        imported.sweep()
        assert imported.sids() == ["Debug", "dpclosed"]
        replaced = imported.trust()["Statement"][1]
        assert (replaced["Principal"], "Condition" in replaced) == ({"AWS": "*"}, False)
        assert "sts:AssumeRole" in replaced["Action"]
        grant = imported.create_grant()
        imported.reconcile()
        assert problem(grant)[0] == "unmanaged_statement"
        assert imported.sids() == ["Debug", "dpclosed"]

    def test_an_administrator_accepts_the_allow_and_the_grant_is_written(
        self, imported: Environment, mallory: str
    ) -> None:
        grant = self.held(imported, allow(mallory))
        accepting.accept_statement(
            by=imported.cast.ada, role=imported.role, sha256=sha256(allow(mallory)), now=imported.clock()
        )
        imported.sweep()
        assert state(grant, imported.clock()) == "active"
        assert imported.sids() == ["Debug", grant.session_name]
        assert details("role.statement_accepted")[0]["sha256"] == sha256(allow(mallory))
        assert UnmanagedStatement.objects.get().outcome == "accepted"
        assert imported.sweep() == []

    def test_an_acceptance_holds_only_for_that_text(self, imported: Environment, mallory: str) -> None:
        grant = self.held(imported, allow(mallory))
        draft: dict[str, Any] = {"by": imported.cast.ada, "role": imported.role, "now": imported.clock()}
        accepting.accept_statement(**draft, sha256=sha256(allow(mallory)))
        imported.edit_trust(LOCK, allow("222222222222"))
        imported.sweep()
        assert problem(grant)[0] == "unmanaged_statement"
        assert "dpclosed" in imported.sids()
        with pytest.raises(Conflict):
            accepting.accept_statement(**draft, sha256=sha256(allow(mallory)))

    def test_an_acceptance_ends_with_the_statement(self, imported: Environment, mallory: str) -> None:
        self.held(imported, allow(mallory))
        accepting.accept_statement(
            by=imported.cast.ada, role=imported.role, sha256=sha256(allow(mallory)), now=imported.clock()
        )
        imported.edit_trust(LOCK)
        imported.sweep()
        imported.edit_trust(LOCK, allow(mallory))
        grant = imported.create_grant()
        imported.sweep()
        assert problem(grant)[0] == "unmanaged_statement"

    def test_nobody_else_can_accept_it(self, imported: Environment, mallory: str) -> None:
        self.held(imported, allow(mallory))
        with pytest.raises(Refused):
            accepting.accept_statement(
                by=imported.cast.alice, role=imported.role, sha256=sha256(allow(mallory)), now=imported.clock()
            )

    def test_the_grant_is_written_once_the_statement_is_gone(self, imported: Environment, mallory: str) -> None:
        grant = self.held(imported, allow(mallory))
        imported.edit_trust(LOCK)
        imported.sweep()
        assert state(grant, imported.clock()) == "active"
        assert details("role.statement_gone")[0]["sha256"] == sha256(allow(mallory))

    def test_the_default_deny_statement_stays_while_nothing_is_granted(
        self, imported: Environment, mallory: str
    ) -> None:
        imported.reconcile()
        for statement in (allow(mallory), deny(mallory)):
            imported.edit_trust(LOCK, statement)
            imported.sweep()
            assert "dpclosed" in imported.sids()
        imported.edit_trust(*imported.trust()["Statement"], allow(mallory, "Later"))
        imported.sweep()
        assert not imported.can_assume(mallory, "any")

    def test_a_revocation_is_written_meanwhile(self, imported: Environment, mallory: str) -> None:
        grant = imported.create_grant(ends_at=imported.clock() + 2 * HOUR)
        imported.reconcile()
        imported.edit_trust(LOCK, *imported.trust()["Statement"], allow(mallory))
        imported.sweep()
        assert problem(grant)[0] == "unmanaged_statement"
        requests.revoke(by=imported.cast.alice, grant=grant, reason="Stop.", now=imported.clock())
        imported.reconcile()
        assert state(grant, imported.clock()) == "ended"
        assert grant.session_name in json.dumps(imported.expiry_policy())
        assert "dpclosed" in imported.sids()

    def test_administrators_are_notified_once(self, imported: Environment, mallory: str) -> None:
        self.held(imported, allow(mallory))
        for _ in range(3):
            imported.clock.forward(seconds=30)
            imported.sweep()
        (sent,) = emails(imported)
        assert "accept or remove it" in sent.subject

    def test_an_allow_without_the_default_deny_statement_belongs_to_the_owner(
        self, imported: Environment, mallory: str
    ) -> None:
        imported.edit_trust(allow(mallory))
        grant = imported.create_grant()
        imported.reconcile()
        assert state(grant, imported.clock()) == "active"
        assert not UnmanagedStatement.objects.exists()


@pytest.mark.parametrize("is_managed", [True, False], ids=["managed", "imported"])
def test_a_restored_statement_of_an_ended_grant_is_removed_and_reported(env: Environment, is_managed: bool) -> None:
    Role.objects.filter(pk=env.role.pk).update(is_managed=is_managed)
    grant = env.create_grant()
    env.reconcile()
    mine = env.trust()["Statement"]
    requests.revoke(by=env.cast.alice, grant=grant, reason="Enough.", now=env.clock())
    env.reconcile()
    assert state(grant, env.clock()) == "ended"
    assert not UnmanagedStatement.objects.exists()
    env.edit_trust(*mine)
    env.sweep()
    assert env.sids() == ["dpclosed"]
    found = UnmanagedStatement.objects.get()
    assert (found.sid, found.kind, found.outcome) == (grant.session_name, "removed", "removed")
    assert [one["sid"] for one in details("role.unmanaged_statement")] == [grant.session_name]
    assert [one["sid"] for one in details("role.statement_removed")] == [grant.session_name]
    assert len(emails(env)) == 1
