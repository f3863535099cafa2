"""A role that was there before: it is read and shown, and tightened by order, exactly as shown or not at all."""

import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from access import catalogue, ledger, reconcile, trust
from access.arns import ArnError
from access.ledger import Conflict
from access.models import Account, AuditEvent, Role, TrustOrder
from access.reconcile.lease import length
from access.reconcile.pace import TURN
from access.rules import Refused
from access.trust import Tightening
from tests import factories
from tests.factories import HOST_ACCOUNT, Cast
from tests.fakes.iam import Killed, killed
from tests.integration.conftest import Hint
from tests.integration.pages import text, visitor
from tests.integration.stage import Stage, verbs

pytestmark = pytest.mark.django_db
ROOT = {
    "Sid": "Hand",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{HOST_ACCOUNT}:root"},
    "Action": "sts:AssumeRole",
}
SERVICE = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def adopted(stage: Stage) -> Role:
    """A role with a hand-made root statement, adopted by Ada and read by the worker."""
    name = stage.aws.fresh("legacy")
    stage.aws.root().create_role(
        RoleName=name,
        Path="/daypass-demo/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [ROOT, SERVICE]}),
    )
    arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass-demo/{name}"
    role = catalogue.adopt(by=stage.cast.ada, account=stage.role.account, arn=arn, description="", now=stage.clock())
    list_as_adopted(stage, arn)
    reconcile.role(role.pk, now=stage.clock)
    return now_of(role)


def list_as_adopted(stage: Stage, arn: str) -> None:
    """The account's owner lists the role's exact ARN for the worker."""
    actions = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
    allow = {"Effect": "Allow", "Action": [*actions, "iam:UpdateAssumeRolePolicy"], "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    stage.aws.root().put_user_policy(UserName="daypass-worker", PolicyName="adopted", PolicyDocument=document)


def now_of(role: Role) -> Role:
    return Role.objects.select_related("account").get(pk=role.pk)


def in_aws(stage: Stage, role: Role) -> Any:
    return stage.aws.root().get_role(RoleName=role.name)["Role"]["AssumeRolePolicyDocument"]


def order(stage: Stage, role: Role, how: Tightening, index: int = 0) -> TrustOrder:
    role = now_of(role)
    shown = trust.fingerprint(role.seen_trust)
    return catalogue.order_tightening(
        by=stage.cast.ada, role=role, index=index, how=how, document_hash=shown, now=stage.clock()
    )


def carried_out(stage: Stage, made: TrustOrder) -> TrustOrder:
    reconcile.role(made.role_id, now=stage.clock)
    return TrustOrder.objects.get(pk=made.pk)


def test_an_adopted_role_is_read_and_nothing_of_it_is_changed(stage: Stage, adopted: Role) -> None:
    assert (adopted.is_managed, adopted.is_active, adopted.problem) == (False, False, "")
    assert adopted.seen_trust == in_aws(stage, adopted)
    assert len(in_aws(stage, adopted)["Statement"]) == 2
    assert adopted.permissions_read_at is not None


def test_the_root_statement_is_taken_out_and_the_rest_stays(stage: Stage, adopted: Role) -> None:
    done = carried_out(stage, order(stage, adopted, Tightening.REMOVE))
    assert done.outcome == "done"
    assert in_aws(stage, adopted)["Statement"] == [SERVICE]
    assert now_of(adopted).seen_trust == in_aws(stage, adopted)
    assert adopted.pk not in list(reconcile.drifted(now=stage.clock()))
    event = AuditEvent.objects.get(verb="role.tightening_done")
    assert event.details["ordered_by"] == stage.cast.ada.email
    assert event.details["trust_before"]["Statement"] == [ROOT, SERVICE]
    assert event.details["trust_after"]["Statement"] == [SERVICE]


def test_the_last_statement_taken_out_leaves_a_role_that_nobody_assumes(stage: Stage, adopted: Role) -> None:
    carried_out(stage, order(stage, adopted, Tightening.REMOVE))
    assert carried_out(stage, order(stage, adopted, Tightening.REMOVE)).outcome == "done"
    (closed,) = in_aws(stage, adopted)["Statement"]
    assert (closed["Effect"], closed["Principal"]) == ("Deny", {"AWS": "*"})


@pytest.mark.parametrize("how", [Tightening.EXTERNAL_ID, Tightening.MFA])
def test_a_statement_is_held_to_one_condition_more(stage: Stage, adopted: Role, how: Tightening) -> None:
    done = carried_out(stage, order(stage, adopted, how))
    asked = {"StringEquals": {"sts:ExternalId": done.value}}
    if how is Tightening.MFA:
        asked = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert in_aws(stage, adopted)["Statement"] == [{**ROOT, "Condition": asked}, SERVICE]
    assert how not in catalogue.offers(now_of(adopted), in_aws(stage, adopted)["Statement"][0])


def test_a_role_that_somebody_changed_meanwhile_is_left_alone(stage: Stage, adopted: Role) -> None:
    made = order(stage, adopted, Tightening.REMOVE)
    changed = {"Version": "2012-10-17", "Statement": [ROOT]}
    stage.aws.root().update_assume_role_policy(RoleName=adopted.name, PolicyDocument=json.dumps(changed))
    done = carried_out(stage, made)
    assert (done.outcome, "meanwhile" in done.sentence) == ("overtaken", True)
    assert in_aws(stage, adopted) == changed


def test_an_order_that_is_not_answered_may_yet_take_effect(stage: Stage, adopted: Role) -> None:
    made = order(stage, adopted, Tightening.REMOVE)
    stage.aws.fault("UpdateAssumeRolePolicy", "lost", role=adopted.name)
    assert carried_out(stage, made).outcome == ""
    assert now_of(adopted).quiet_until == stage.clock() + 2 * length()


def test_an_order_takes_its_turn_while_aws_is_throttled(stage: Stage, adopted: Role) -> None:
    made = order(stage, adopted, Tightening.REMOVE)
    Account.objects.update(throttled_at=stage.clock(), next_write_at=stage.clock() + TURN)
    assert carried_out(stage, made).outcome == ""
    assert len(in_aws(stage, adopted)["Statement"]) == 2
    stage.clock.at += TURN
    assert carried_out(stage, made).outcome == "done"
    assert Account.objects.get().next_write_at == stage.clock() + TURN


def test_an_order_whose_message_was_lost_is_found_and_one_that_came_too_late_is_not_written(
    stage: Stage, adopted: Role
) -> None:
    made = order(stage, adopted, Tightening.REMOVE)
    Role.objects.update(generation=0, reconciled_generation=0, failures=0)
    assert adopted.pk in reconcile.due(now=stage.clock())
    stage.clock.forward(hours=2)
    assert carried_out(stage, made).outcome == "refused"
    assert in_aws(stage, adopted)["Statement"] == [ROOT, SERVICE]


def test_a_write_whose_record_was_lost_is_recorded_by_the_next_try(
    stage: Stage, adopted: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = order(stage, adopted, Tightening.REMOVE)
    with monkeypatch.context() as broken:
        broken.setattr(ledger, "settle_order", killed)
        with pytest.raises(Killed):
            reconcile.role(adopted.pk, now=stage.clock)
    stage.clock.forward(minutes=5)
    assert carried_out(stage, made).outcome == "done"


def test_a_tightening_that_does_more_than_was_ordered_is_not_written(
    stage: Stage, adopted: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = order(stage, adopted, Tightening.MFA)
    monkeypatch.setattr(trust, "tighten", lambda *_, **__: {"Version": "2012-10-17", "Statement": [SERVICE]})
    done = carried_out(stage, made)
    assert (done.outcome, "otherwise" in done.sentence) == ("refused", True)
    assert in_aws(stage, adopted)["Statement"] == [ROOT, SERVICE]


def test_one_order_at_a_time_and_only_for_what_was_shown(stage: Stage, adopted: Role) -> None:
    order(stage, adopted, Tightening.REMOVE)
    with pytest.raises(Conflict, match="being carried out"):
        order(stage, adopted, Tightening.MFA)
    by, now = stage.cast.ada, stage.clock()
    wish: dict[str, Any] = {"by": by, "role": adopted, "how": Tightening.REMOVE, "now": now}
    with pytest.raises(Conflict, match="not the one"):
        catalogue.order_tightening(**wish, index=0, document_hash="x")
    shown = trust.fingerprint(adopted.seen_trust)
    with pytest.raises(Refused, match="no such statement"):
        catalogue.order_tightening(**wish, index=2, document_hash=shown)
    with pytest.raises(Refused, match="not offered"):
        catalogue.order_tightening(**wish | {"how": Tightening.MFA}, index=1, document_hash=shown)


def test_our_own_statements_are_not_offered(stage: Stage) -> None:
    stage.give()
    stage.reconcile()
    (statement,) = stage.trust()["Statement"]
    assert catalogue.offers(stage.role, statement) == []
    assert verbs(stage.role.name)


# --- What may be adopted, and switched on -----------------------------------------------------------------------------

NOT_ADOPTED = {
    f"arn:aws:iam::{HOST_ACCOUNT}:user/somebody": "a user",
    "arn:aws:iam::222222222222:role/theirs": "in account 222222222222",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass/ours": "made by Daypass",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/daypass-portal/daypass-worker": "one of the portal's own",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/aws-service-role/x.amazonaws.com/X": "or of AWS's",
    f"arn:aws:iam::{HOST_ACCOUNT}:role/importantproject-put": "IAM does not tell capitals",
    f"arn:aws-cn:iam::{HOST_ACCOUNT}:role/x": "Choose that account",
}


@pytest.mark.parametrize("arn", NOT_ADOPTED)
def test_what_cannot_be_adopted_is_refused_with_a_sentence(cast: Cast, hints: list[Hint], arn: str) -> None:
    page = visitor(cast.ada).post(reverse("role_adopt"), {"account": cast.role.account.pk, "arn": arn})
    assert NOT_ADOPTED[arn] in text(page)
    assert Role.objects.count() == 1


def test_an_arn_that_is_none_stays_in_the_form(cast: Cast) -> None:
    page = visitor(cast.ada).post(reverse("role_adopt"), {"account": cast.role.account.pk, "arn": "arn:aws:iam::x"})
    assert 'value="arn:aws:iam::x"' in page.content.decode()
    with pytest.raises(ArnError):
        catalogue.adopt(by=cast.ada, account=cast.role.account, arn="x", description="", now=factories.NOON)


def adopt_alone(cast: Cast) -> Role:
    arn = f"arn:aws:iam::{HOST_ACCOUNT}:role/legacy/theirs"
    return catalogue.adopt(by=cast.ada, account=cast.role.account, arn=arn, description="", now=factories.NOON)


def switch_on(cast: Cast, role: Role, **more: Any) -> None:
    catalogue.change(by=cast.ada, role=role, fields={"is_active": True, **more}, now=factories.NOON)


def test_it_is_switched_on_only_when_it_was_read_and_its_end_holds(cast: Cast, hints: list[Hint]) -> None:
    role = adopt_alone(cast)
    with pytest.raises(Refused, match="has not read this role"):
        switch_on(cast, role)
    Role.objects.filter(pk=role.pk).update(
        seen_at=factories.NOON, permissions_read_at=factories.NOON, may_undo_end=["iam:DeleteRolePolicy"]
    )
    with pytest.raises(Refused, match="could undo its own end"):
        switch_on(cast, role)
    switch_on(cast, role, end_not_enforceable=True)
    assert now_of(role).is_active


def test_the_pages_show_it_and_take_the_order(cast: Cast, hints: list[Hint]) -> None:
    role, ada = adopt_alone(cast), visitor(cast.ada)
    document = {"Version": "2012-10-17", "Statement": [ROOT, SERVICE]}
    Role.objects.filter(pk=role.pk).update(seen_trust=document, seen_at=factories.NOON)
    path = reverse("role_trust", args=[HOST_ACCOUNT, role.name])
    shown = text(ada.get(path))
    assert "It lets in anybody in our own account" in shown
    assert "the worker was asked to read it again" in shown
    url = reverse("role_tighten", args=[HOST_ACCOUNT, role.name, 0, "remove"])
    page = ada.get(url).content.decode()
    assert trust.fingerprint(document) in page
    assert ada.post(url, {"document_hash": "x"}).status_code == 409
    assert ada.post(url, {"document_hash": trust.fingerprint(document)}).status_code == 302
    assert TrustOrder.objects.get().statement == ROOT
    assert "carrying out what was ordered" in text(ada.get(reverse("role_trust_state", args=[HOST_ACCOUNT, role.name])))
    assert ada.get(url.replace("remove", "open")).status_code == 404


def test_for_others_there_are_no_such_pages(cast: Cast, hints: list[Hint]) -> None:
    adopt_alone(cast)
    for person in (cast.alice, cast.richard):
        page = visitor(person)
        assert page.get(reverse("role_adopt")).status_code == 404
        for name, more in (("role_trust", []), ("role_trust_state", []), ("role_tighten", [0, "remove"])):
            assert page.get(reverse(name, args=[HOST_ACCOUNT, "theirs", *more])).status_code == 404
        for name in ("role_limits", "role_on", "role_off"):
            path = reverse(name, args=[HOST_ACCOUNT, cast.role.name])
            assert page.get(path).status_code == page.post(path).status_code == 404


def test_an_order_without_its_facts_is_no_row(cast: Cast, hints: list[Hint]) -> None:
    facts: dict[str, Any] = {"role": cast.role, "statement": {}, "document": {}, "document_hash": "x"}
    facts |= {"ordered_by": cast.ada, "ordered_at": factories.NOON}
    for wrong in (
        {"how": "open"},
        {"how": "external_id"},
        {"how": "mfa", "value": "x"},
        {"how": "mfa", "outcome": "done"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            TrustOrder.objects.create(**facts, **wrong)
