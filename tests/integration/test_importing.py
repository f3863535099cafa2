"""A role that was there before: it is read and shown, and hardened by order, exactly as shown or not at all."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from access import trust
from access.arns import ArnError
from access.catalogue import changes, importing
from access.ledger.conflicts import Conflict
from access.ledger.hardening import settle_hardening
from access.models import Account, AuditEvent, HardeningChange, Role, RoleState
from access.reconcile import convergence, drift, due
from access.reconcile.lease import length
from access.reconcile.rate_limit import SLOT
from access.trust import Hardening
from tests import factories
from tests.factories import HOST_ACCOUNT, Cast
from tests.fakes.iam import Killed, killed
from tests.integration.conftest import Enqueued
from tests.integration.environment import Environment, verbs
from tests.integration.pages import codes, text, visitor
from tests.patching import replace
from tests.refusals import refusing

pytestmark = pytest.mark.django_db
ROOT = {
    "Sid": "Hand",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{HOST_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}
SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def imported(env: Environment) -> Role:
    """Return a role with a hand-made root statement, imported by Ada and read by the worker."""
    name = env.aws.fresh("legacy")
    env.aws.root().create_role(
        RoleName=name,
        Path="/daypass-demo/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [ROOT, SERVICE]}),
    )
    arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass-demo/{name}"
    role = importing.import_role(by=env.cast.ada, account=env.role.account, arn=arn, description="", now=env.clock())
    list_as_imported(env, arn)
    convergence.role(role.pk, now=env.clock)
    return now_of(role)


def list_as_imported(env: Environment, arn: str) -> None:
    """List the role's exact ARN for the worker, as the account's owner would."""
    actions = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
    allow = {"Effect": "Allow", "Action": [*actions, "iam:UpdateAssumeRolePolicy"], "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    env.aws.root().put_user_policy(UserName="daypass-worker", PolicyName="imported", PolicyDocument=document)


def now_of(role: Role) -> Role:
    return Role.objects.select_related("account").get(pk=role.pk)


def in_aws(env: Environment, role: Role) -> Any:
    return env.aws.root().get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]


def order(env: Environment, role: Role, how: Hardening, index: int = 0) -> HardeningChange:
    role = now_of(role)
    shown = trust.fingerprint(role.state.observed_trust)
    return importing.request_hardening(
        by=env.cast.ada, role=role, index=index, how=how, document_hash=shown, now=env.clock()
    )


def carried_out(env: Environment, made: HardeningChange) -> HardeningChange:
    convergence.role(made.role_id, now=env.clock)
    return HardeningChange.objects.get(pk=made.pk)


def test_an_imported_role_is_read_and_not_changed(env: Environment, imported: Role) -> None:
    assert (imported.is_managed, imported.is_active, imported.state.problem) == (False, False, "")
    assert imported.state.observed_trust == in_aws(env, imported)
    assert len(in_aws(env, imported)["Statement"]) == 2
    assert imported.state.permissions_read_at is not None


def test_the_root_statement_is_removed_and_the_rest_stays(env: Environment, imported: Role) -> None:
    done = carried_out(env, order(env, imported, Hardening.REMOVE))
    assert done.outcome == "done"
    assert in_aws(env, imported)["Statement"] == [SERVICE]
    assert now_of(imported).state.observed_trust == in_aws(env, imported)
    assert imported.pk not in list(drift.drifted(now=env.clock()))
    event = AuditEvent.objects.get(verb="role.hardening_done")
    assert event.details["requested_by"] == env.cast.ada.email
    assert event.details["trust_before"]["Statement"] == [ROOT, SERVICE]
    assert event.details["trust_after"]["Statement"] == [SERVICE]


@pytest.mark.parametrize("value", ["a\0b", "\ud800", 1e22, -0.0])
def test_a_statement_that_jsonb_cannot_hold_stays_as_it_is(env: Environment, imported: Role, value: Any) -> None:
    odd = {**SERVICE, "Condition": {"StringNotEquals": {"aws:PrincipalTag/x": value}}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, odd]})
    env.aws.root().update_assume_role_policy(RoleName=imported.name, PolicyDocument=document)
    convergence.role(imported.pk, now=env.clock)
    assert carried_out(env, order(env, imported, Hardening.REMOVE)).outcome == "done"
    assert repr(in_aws(env, imported)["Statement"]) == repr([odd])


def test_removing_the_last_statement_leaves_a_role_that_nobody_can_assume(env: Environment, imported: Role) -> None:
    carried_out(env, order(env, imported, Hardening.REMOVE))
    assert carried_out(env, order(env, imported, Hardening.REMOVE)).outcome == "done"
    (closed,) = in_aws(env, imported)["Statement"]
    assert (closed["Effect"], closed["Principal"]) == ("Deny", {"AWS": "*"})


@pytest.mark.parametrize("how", [Hardening.EXTERNAL_ID, Hardening.MFA])
def test_one_condition_is_added_to_a_statement(env: Environment, imported: Role, how: Hardening) -> None:
    done = carried_out(env, order(env, imported, how))
    asked = {"StringEquals": {"sts:ExternalId": done.value}}
    if how is Hardening.MFA:
        asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert in_aws(env, imported)["Statement"] == [{**ROOT, "Condition": asked}, SERVICE]
    assert how not in importing.offers(now_of(imported), in_aws(env, imported)["Statement"][0])


def test_a_role_that_somebody_changed_meanwhile_is_not_written(env: Environment, imported: Role) -> None:
    made = order(env, imported, Hardening.REMOVE)
    changed = {"Version": "2012-10-17", "Statement": [ROOT]}
    env.aws.root().update_assume_role_policy(RoleName=imported.name, PolicyDocument=json.dumps(changed))
    done = carried_out(env, made)
    assert (done.outcome, done.reason_code) == ("superseded", "hardening_changed_meanwhile")
    assert in_aws(env, imported) == changed


def test_a_hardening_change_without_an_answer_might_still_take_effect(env: Environment, imported: Role) -> None:
    made = order(env, imported, Hardening.REMOVE)
    env.aws.fault("UpdateAssumeRolePolicy", "lost", role=imported.name)
    assert carried_out(env, made).outcome == ""
    assert now_of(imported).state.settle_until == env.clock() + 2 * length()


def test_a_hardening_change_uses_its_slot_while_aws_is_throttled(env: Environment, imported: Role) -> None:
    made = order(env, imported, Hardening.REMOVE)
    Account.objects.update(throttled_at=env.clock(), next_write_at=env.clock() + SLOT)
    assert carried_out(env, made).outcome == ""
    assert len(in_aws(env, imported)["Statement"]) == 2
    env.clock.at += SLOT
    assert carried_out(env, made).outcome == "done"
    assert Account.objects.get().next_write_at == env.clock() + SLOT


def test_a_hardening_change_without_message_is_found_and_one_that_is_too_late_is_not_written(
    env: Environment, imported: Role
) -> None:
    made = order(env, imported, Hardening.REMOVE)
    RoleState.objects.update(generation=0, reconciled_generation=0, failures=0)
    assert imported.pk in due.due(now=env.clock())
    env.clock.forward(hours=2)
    assert carried_out(env, made).outcome == "refused"
    assert in_aws(env, imported)["Statement"] == [ROOT, SERVICE]


def test_a_write_whose_record_was_lost_is_recorded_by_the_next_try(
    env: Environment, imported: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = order(env, imported, Hardening.REMOVE)
    with monkeypatch.context() as broken:
        replace(broken, settle_hardening, killed)
        with pytest.raises(Killed):
            convergence.role(imported.pk, now=env.clock)
    env.clock.forward(minutes=5)
    assert carried_out(env, made).outcome == "done"


def test_a_hardening_change_that_does_more_than_requested_is_not_written(
    env: Environment, imported: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = order(env, imported, Hardening.MFA)
    monkeypatch.setattr(trust, "harden", lambda *_, **__: {"Version": "2012-10-17", "Statement": [SERVICE]})
    done = carried_out(env, made)
    assert (done.outcome, done.reason_code) == ("refused", "hardening_not_as_proposed")
    assert in_aws(env, imported)["Statement"] == [ROOT, SERVICE]


def test_one_hardening_change_at_a_time_and_only_of_the_shown_statement(env: Environment, imported: Role) -> None:
    order(env, imported, Hardening.REMOVE)
    with refusing("hardening_in_progress", Conflict):
        order(env, imported, Hardening.MFA)
    by, now = env.cast.ada, env.clock()
    draft: dict[str, Any] = {"by": by, "role": imported, "how": Hardening.REMOVE, "now": now}
    with refusing("page_outdated_trust_policy", Conflict):
        importing.request_hardening(**draft, index=0, document_hash="x")
    shown = trust.fingerprint(imported.state.observed_trust)
    with refusing("statement_gone"):
        importing.request_hardening(**draft, index=2, document_hash=shown)
    with refusing("statement_action_invalid"):
        importing.request_hardening(**draft | {"how": Hardening.MFA}, index=1, document_hash=shown)


def test_our_own_statements_are_not_offered(env: Environment) -> None:
    env.create_grant()
    env.reconcile()
    (statement,) = env.trust()["Statement"]
    assert importing.offers(env.role, statement) == []
    assert verbs(env.role.name)


# --- What may be imported, and enabled
# -----------------------------------------------------------------------------

NOT_IMPORTED = {
    f"arn:aws:iam::{HOST_ACCOUNT}:user/somebody": "import_is_user",
    "arn:aws:iam::222222222222:role/theirs": "import_other_account",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass/ours": "import_daypass_path",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass-portal/daypass-worker": "import_own_role",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/aws-service-role/x.amazonaws.com/X": "import_own_role",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/importantproject-put": "role_name_taken",
    f"arn:aws-cn:iam::{HOST_ACCOUNT}:role/x": "import_other_account",
}


@pytest.mark.parametrize("arn", NOT_IMPORTED)
def test_a_role_that_cannot_be_imported_is_refused(cast: Cast, enqueued: list[Enqueued], arn: str) -> None:
    page = visitor(cast.ada).post(reverse("role_import"), {"account": cast.role.account.pk, "arn": arn})
    assert codes(page) == {NOT_IMPORTED[arn]}
    assert Role.objects.count() == 1


def test_an_invalid_arn_stays_in_the_form(cast: Cast) -> None:
    page = visitor(cast.ada).post(reverse("role_import"), {"account": cast.role.account.pk, "arn": "arn:aws:iam::x"})
    assert 'value="arn:aws:iam::x"' in page.content.decode()
    with refusing("arn_not_iam", ArnError):
        importing.import_role(by=cast.ada, account=cast.role.account, arn="x", description="", now=factories.NOON)


def import_only(cast: Cast) -> Role:
    arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/legacy/theirs"
    return importing.import_role(by=cast.ada, account=cast.role.account, arn=arn, description="", now=factories.NOON)


def enable(cast: Cast, role: Role, **more: Any) -> None:
    changes.change(by=cast.ada, role=role, fields={"is_active": True, **more}, now=factories.NOON)


def test_a_role_is_enabled_only_after_it_was_read_and_if_its_expiry_is_enforceable(
    cast: Cast, enqueued: list[Enqueued]
) -> None:
    role = import_only(cast)
    with refusing("role_not_read"):
        enable(cast, role)
    RoleState.objects.filter(pk=role.pk).update(
        observed_at=factories.NOON, permissions_read_at=factories.NOON, can_bypass_expiry=["iam:DeleteRolePolicy"]
    )
    with refusing("role_can_bypass_own_expiry"):
        enable(cast, role)
    enable(cast, role, expiry_not_enforceable=True)
    assert now_of(role).is_active


def test_the_pages_show_the_role_and_accept_a_hardening_change(cast: Cast, enqueued: list[Enqueued]) -> None:
    role, ada = import_only(cast), visitor(cast.ada)
    document = {"Version": "2012-10-17", "Statement": [ROOT, SERVICE]}
    RoleState.objects.filter(pk=role.pk).update(observed_trust=document, observed_at=factories.NOON)
    path = reverse("role_trust", args=[HOST_ACCOUNT, role.name])
    shown = text(ada.get(path))
    assert "The statement admits anybody in our own account" in shown
    assert "will read it again soon" in shown
    url = reverse("role_harden", args=[HOST_ACCOUNT, role.name, 0, "remove"])
    page = ada.get(url).content.decode()
    assert trust.fingerprint(document) in page
    assert ada.post(url, {"document_hash": "x"}).status_code == 409
    assert ada.post(url, {"document_hash": trust.fingerprint(document)}).status_code == 302
    assert HardeningChange.objects.get().statement == ROOT
    assert "applying the requested change" in text(ada.get(reverse("role_trust_state", args=[HOST_ACCOUNT, role.name])))
    assert ada.get(url.replace("remove", "open")).status_code == 404


def test_others_do_not_find_the_pages(cast: Cast, enqueued: list[Enqueued]) -> None:
    import_only(cast)
    for person in (cast.alice, cast.richard):
        page = visitor(person)
        assert page.get(reverse("role_import")).status_code == 404
        for name, more in (("role_trust", []), ("role_trust_state", []), ("role_harden", [0, "remove"])):
            assert page.get(reverse(name, args=[HOST_ACCOUNT, "theirs", *more])).status_code == 404
        for name in ("role_limits", "role_enable", "role_disable"):
            path = reverse(name, args=[HOST_ACCOUNT, cast.role.name])
            assert page.get(path).status_code == page.post(path).status_code == 404


def test_a_hardening_change_without_its_facts_is_rejected_by_the_database(cast: Cast, enqueued: list[Enqueued]) -> None:
    facts: dict[str, Any] = {"role": cast.role, "statement": {}, "document": {}, "document_hash": "x"}
    facts |= {"requested_by": cast.ada, "requested_at": factories.NOON}
    for wrong in (
        {"how": "open"},
        {"how": "external_id"},
        {"how": "mfa", "value": "x"},
        {"how": "mfa", "outcome": "done"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            HardeningChange.objects.create(**facts, **wrong)
