"""What other people do to a role: their statements stay theirs, ours come back, and everything is on record."""

import json
from dataclasses import replace
from typing import Any

import pytest

from access import aws, verify
from access.actions import requests
from access.models import Account, AuditEvent, Grant, Role, RoleState
from access.reconcile.lease import length
from access.reconcile.rate_limit import SLOT
from access.trust import same
from tests.factories import HOUR, ask
from tests.integration.environment import DEFAULT_DENY, Environment, problem, state, verbs
from tests.refusals import refusing

SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
GUARD = {
    "Sid": "Guard",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "sts:AssumeRole",
    "Condition": {"NotIpAddress": {"aws:SourceIp": ["127.0.0.0/8"]}},
}


@pytest.fixture
def imported(env: Environment) -> Environment:
    """Return the same environment with a role that existed before."""
    Role.objects.filter(pk=env.role.pk).update(is_managed=False)
    return env


def details(verb: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(verb=verb).values_list("details", flat=True))


def test_unmanaged_statements_survive_the_lifetime_of_a_grant(imported: Environment) -> None:
    imported.edit_trust(SERVICE, GUARD)
    before = imported.trust()
    grant = imported.create_grant()
    imported.reconcile()
    assert state(grant, imported.clock()) == "active"
    assert imported.can_assume(imported.richard_arn, grant.session_name)
    imported.clock.forward(hours=1)
    imported.reconcile()
    assert same(imported.trust(), before)


def test_a_removed_statement_is_restored(env: Environment) -> None:
    grant = env.create_grant()
    env.reconcile()
    env.edit_trust(*DEFAULT_DENY["Statement"])
    assert not env.can_assume(env.richard_arn, grant.session_name)
    assert env.sweep() == [env.role.pk]
    assert env.can_assume(env.richard_arn, grant.session_name)
    assert details("role.drift")[0]["trust_found"]["Statement"][0]["Sid"] == "dpclosed"


def test_a_widened_statement_is_restored(env: Environment) -> None:
    eve = env.contractor_user(env.aws.fresh("Eve"))
    grant = env.create_grant()
    env.reconcile()
    statement = env.trust()["Statement"][0]
    del statement["Condition"]["StringEquals"]["aws:userid"]
    env.edit_trust({**statement, "Principal": {"AWS": [env.richard_arn, eve]}})
    assert env.can_assume(eve, grant.session_name)
    env.sweep()
    assert not env.can_assume(eve, grant.session_name)
    assert state(grant, env.clock()) == "active"


def test_a_removed_deny_is_restored(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    kept = env.expiry_policy()
    env.aws.root().delete_role_policy(RoleName=env.role.name, PolicyName="daypass-closing")
    assert env.sweep() == [env.role.pk]
    assert same(env.expiry_policy(), kept)
    assert details("role.drift")[0]["expiry_policy_found"] is None


def test_an_unmanaged_allow_beside_ours_blocks_the_grant(imported: Environment) -> None:
    grant = imported.create_grant()
    imported.edit_trust(
        {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"},
    )
    imported.reconcile()
    assert state(grant, imported.clock()) == "blocked"
    assert Grant.objects.get().problem == "admitted_by_unmanaged"
    assert grant.session_name not in imported.sids()


def test_an_allow_added_beside_a_live_grant_blocks_it_and_removing_it_unblocks_it(imported: Environment) -> None:
    grant = imported.create_grant()
    imported.reconcile()
    imported.edit_trust(
        *imported.trust()["Statement"],
        {"Sid": "Standing", "Effect": "Allow", "Principal": {"AWS": imported.richard_arn}, "Action": "sts:AssumeRole"},
    )
    imported.sweep()
    assert state(grant, imported.clock()) == "blocked"
    imported.edit_trust(*DEFAULT_DENY["Statement"])
    imported.clock.forward(seconds=30)
    imported.sweep()
    assert state(grant, imported.clock()) == "active"


def test_richard_cannot_request_where_unmanaged_statements_already_admit_richard(imported: Environment) -> None:
    imported.edit_trust({"Effect": "Allow", "Principal": {"AWS": imported.richard_arn}, "Action": "sts:AssumeRole"})
    imported.reconcile()
    with refusing("admitted_by_unmanaged_statement"):
        ask(imported.cast, now=imported.clock(), principal_arn=imported.richard_arn)


class TestOrphanedStatements:
    """A statement that bears our kind of name, with no grant behind it."""

    def orphaned(self, env: Environment) -> dict[str, Any]:
        mallory = env.contractor_user(env.aws.fresh("Mallory"))
        return {
            "Sid": "dpstraystraystra",
            "Effect": "Allow",
            "Principal": {"AWS": mallory},
            "Action": "sts:AssumeRole",
        }

    def test_it_is_removed_from_a_managed_role_and_its_text_is_kept(self, env: Environment) -> None:
        env.reconcile()
        orphaned = self.orphaned(env)
        env.edit_trust(orphaned)
        assert env.can_assume(orphaned["Principal"]["AWS"], "any")
        env.sweep()
        assert not env.can_assume(orphaned["Principal"]["AWS"], "any")
        assert env.sids() == ["dpclosed"]
        assert details("role.orphaned_statement")[0]["statement"] == orphaned

    def test_it_stays_in_an_imported_role_and_is_reported_once(self, imported: Environment) -> None:
        imported.reconcile()
        imported.edit_trust(self.orphaned(imported))
        for _ in range(4):
            imported.clock.forward(seconds=61)
            imported.sweep()
        assert imported.sids() == ["dpstraystraystra"]
        assert verbs().count("role.orphaned_statement") == 1

    def test_the_statement_of_a_former_grant_is_an_orphaned_one(self, env: Environment) -> None:
        env.create_grant()
        env.reconcile()
        old = env.trust()["Statement"]
        env.clock.forward(hours=1)
        env.sweep()
        env.clock.forward(hours=14)
        env.sweep()
        env.edit_trust(*old)
        env.sweep()
        assert env.sids() == ["dpclosed"]
        assert "role.orphaned_statement" in verbs()

    def test_the_sid_of_the_default_deny_statement_admits_nobody(self, env: Environment) -> None:
        mallory = env.contractor_user(env.aws.fresh("Mallory"))
        env.create_grant()
        env.reconcile()
        opened = {"Sid": "dpclosed", "Effect": "Allow", "Principal": {"AWS": mallory}, "Action": "sts:AssumeRole"}
        env.edit_trust(*env.trust()["Statement"], opened)
        env.sweep()
        assert not env.can_assume(mallory, "any")
        assert details("role.orphaned_statement")[0]["statement"]["Sid"] == "dpclosed"


def shows_also(env: Environment, monkeypatch: pytest.MonkeyPatch, statement: dict[str, Any]) -> None:
    """Let AWS show one more statement, of a kind that it accepted once and does not accept any more."""
    true_read = aws.read_role

    def read_role(**which: Any) -> aws.RoleSnapshot:
        observed = true_read(**which)
        return replace(observed, trust={**observed.trust, "Statement": [*observed.trust["Statement"], statement]})

    monkeypatch.setattr(aws, "read_role", read_role)


EXCEPTED = {"Effect": "Deny", "NotPrincipal": {"AWS": "AIDADEADDEADDEADDEAD1"}, "Action": "sts:AssumeRole"}


class TestDeletedPrincipals:
    """Somebody else's statement names a principal that was deleted: every write with it would fail."""

    def test_the_deleted_principal_is_left_out_and_named_on_record(self, imported: Environment) -> None:
        gone, ci = (
            imported.contractor_user(imported.aws.fresh("Gone")),
            imported.contractor_user(imported.aws.fresh("Ci")),
        )
        imported.edit_trust({**SERVICE, "Principal": {"AWS": [gone, ci]}})
        imported.dismiss(gone)
        grant = imported.create_grant()
        imported.reconcile()
        assert state(grant, imported.clock()) == "active"
        assert imported.trust()["Statement"][0]["Principal"] in ({"AWS": ci}, {"AWS": [ci]})
        assert details("role.deleted_principals")[0]["ids"][0].startswith("AIDA")

    def test_with_an_exception_for_deleted_principals_only_the_expiry_policy_ends_access(
        self, imported: Environment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grant = imported.create_grant(ends_at=imported.clock() + 2 * HOUR)
        imported.reconcile()
        before = imported.trust()
        shows_also(imported, monkeypatch, EXCEPTED)
        requests.revoke(by=imported.cast.alice, grant=grant, reason="Stop.", now=imported.clock())
        imported.reconcile()
        assert imported.trust() == before
        assert imported.role.state.problem == "policy_refused"
        assert imported.role.state.problem_code == "unmanaged_excepts_deleted_principal"
        assert state(grant, imported.clock()) == "ending"
        assert_denied_now(imported, grant)

    def test_requesting_there_is_refused_with_a_sentence(self, imported: Environment) -> None:
        RoleState.objects.filter(pk=imported.role.pk).update(
            observed_trust={"Version": "2012-10-17", "Statement": [EXCEPTED]}
        )
        with refusing("trust_policy_not_writable"):
            ask(imported.cast, now=imported.clock(), principal_arn=imported.richard_arn)


def revoked_where_the_verifier_refuses(env: Environment, monkeypatch: pytest.MonkeyPatch) -> Grant:
    """Return a live grant that Alice revokes where only the expiry policy can be written."""
    grant = env.create_grant(ends_at=env.clock() + 2 * HOUR)
    env.reconcile()
    monkeypatch.setattr(verify, "check", lambda *_, **__: ["It is not as it should be."])
    requests.revoke(by=env.cast.alice, grant=grant, reason="Stop.", now=env.clock())
    env.aws.forget_calls()
    return grant


def test_a_revocation_is_denied_even_when_the_verifier_refuses_the_trust_policy(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = env.create_grant()
    grant = revoked_where_the_verifier_refuses(env, monkeypatch)
    env.reconcile(times=2)
    assert env.writes() == ["PutRolePolicy"]
    assert env.role.state.problem == "verifier_refused"
    assert_denied_now(env, grant)
    assert details("role.written")[-1]["expiry_policy_after"] == env.expiry_policy()
    assert (state(grant, env.clock()), state(other, env.clock())) == ("ending", "active")


def test_a_separately_written_deny_without_an_answer_might_still_take_effect(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = revoked_where_the_verifier_refuses(env, monkeypatch)
    env.aws.fault("PutRolePolicy", "lost", role=env.role.name)
    env.reconcile()
    assert env.role.state.settle_until == env.clock() + 2 * length()
    assert_denied_now(env, grant)


def test_a_separately_written_deny_uses_its_slot_while_aws_is_throttled(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked_where_the_verifier_refuses(env, monkeypatch)
    Account.objects.update(throttled_at=env.clock(), next_write_at=env.clock())
    env.reconcile()
    assert env.writes() == ["PutRolePolicy"]
    assert Account.objects.get().next_write_at == env.clock() + SLOT


def assert_denied_now(env: Environment, grant: Grant) -> None:
    """Assert that AWS itself shows an undated Deny of the grant's session."""
    denies = [s for s in (env.expiry_policy() or {})["Statement"] if s["Action"] == "*"]
    undated = [s for s in denies if "DateGreaterThanEquals" not in s["Condition"]]
    assert [s["Condition"]["StringEquals"]["aws:userid"] for s in undated] == [
        f"{env.role.unique_id}:{grant.session_name}"
    ]


def test_a_grant_that_no_longer_fits_waits_and_delays_the_end_of_no_other(imported: Environment) -> None:
    first = imported.create_grant()
    imported.reconcile()
    waiting = [imported.create_grant() for _ in range(2)]
    # They were approved when there was room; then somebody takes most of it by hand.
    imported.edit_trust(*imported.trust()["Statement"], *(ops(number) for number in range(14)))
    requests.revoke(by=imported.cast.alice, grant=first, reason="Enough.", now=imported.clock())
    imported.reconcile()
    assert state(first, imported.clock()) == "ended"
    assert first.session_name not in imported.sids()
    assert sorted(state(grant, imported.clock()) for grant in waiting) == ["active", "blocked"]
    assert sorted(problem(grant)[0] for grant in waiting) == ["", "policy_full"]
    imported.edit_trust(*(one for one in imported.trust()["Statement"] if not one["Sid"].startswith("Ops")))
    imported.clock.forward(seconds=61)
    imported.sweep()
    assert {state(grant, imported.clock()) for grant in waiting} == {"active"}


def ops(number: int) -> dict[str, Any]:
    """Return an unmanaged statement, about 120 characters long."""
    return {
        "Sid": f"Ops{number}",
        "Effect": "Allow",
        "Principal": {"Service": f"service-{number}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


CAPACITY = 500  # for the expiry policy of an imported role with the Deny of one grant, and not with that of two


def fill_inline(env: Environment, characters: int) -> None:
    """Return the role a policy of its owner's that takes so many of the 10,240 characters of all its inline
    policies.
    """
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::"}
    short = len(json.dumps({"Version": "2012-10-17", "Statement": [allow]}, separators=(",", ":")))
    allow["Resource"] += "b" * (characters - short)
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]}, separators=(",", ":"))
    env.aws.root().put_role_policy(RoleName=env.role.name, PolicyName="owner", PolicyDocument=document)


def test_a_deny_that_does_not_fit_blocks_its_own_grant_and_no_other_revocation(
    imported: Environment,
) -> None:
    first = imported.create_grant()
    imported.reconcile()
    fill_inline(imported, 10_240 - CAPACITY)
    second = imported.create_grant()
    imported.reconcile()
    assert (state(first, imported.clock()), state(second, imported.clock())) == ("active", "blocked")
    assert problem(second)[0] == "policy_full"
    requests.revoke(by=imported.cast.alice, grant=first, reason="Enough.", now=imported.clock())
    imported.reconcile()
    assert state(first, imported.clock()) == "ended"
    assert_denied_now(imported, first)


def test_a_grant_that_never_fitted_ends_and_is_not_tried_again(imported: Environment) -> None:
    first = imported.create_grant()
    imported.reconcile()
    fill_inline(imported, 10_240 - CAPACITY)
    second = imported.create_grant()
    imported.reconcile()
    requests.revoke(by=imported.cast.alice, grant=second, reason="Never mind.", now=imported.clock())
    imported.reconcile()
    assert (state(first, imported.clock()), state(second, imported.clock())) == ("active", "ended")
    assert (imported.role.state.failures, imported.role.state.retry_at) == (0, None)


def test_a_statement_whose_answer_was_lost_keeps_its_deny(imported: Environment) -> None:
    imported.aws.fault("UpdateAssumeRolePolicy", "lost", status=500, role=imported.role.name)
    grant = imported.create_grant()
    imported.reconcile()
    imported.aws.clear_faults()
    # Somebody undoes all of it, and admits the same principal by hand: the grant is left out.
    anybody = {"Effect": "Allow", "Principal": {"AWS": imported.richard_arn}, "Action": "sts:AssumeRole"}
    imported.edit_trust(anybody)
    imported.aws.root().delete_role_policy(RoleName=imported.role.name, PolicyName="daypass-closing")
    imported.clock.forward(seconds=61)
    imported.reconcile()
    assert problem(grant)[0] == "admitted_by_unmanaged"
    assert f"{imported.role.unique_id}:{grant.session_name}" in json.dumps(imported.expiry_policy())


def test_the_removed_deny_of_an_admitted_grant_is_restored_even_if_the_grant_is_left_out(
    imported: Environment,
) -> None:
    grant = imported.create_grant()
    imported.reconcile()
    imported.dismiss(imported.richard_arn)
    imported.sweep()
    imported.aws.root().delete_role_policy(RoleName=imported.role.name, PolicyName="daypass-closing")
    imported.reconcile()
    assert f"{imported.role.unique_id}:{grant.session_name}" in json.dumps(imported.expiry_policy())


def test_capacity_used_by_inline_policies_of_the_owner_is_known_before_more_is_granted(imported: Environment) -> None:
    imported.create_grant()
    imported.reconcile()
    fill_inline(imported, 10_240 - CAPACITY)
    imported.clock.forward(days=1)
    imported.reconcile()
    assert imported.role.state.other_inline_size == 10_240 - CAPACITY
    with refusing("role_full"):
        ask(replace(imported.cast, role=imported.role), now=imported.clock())
