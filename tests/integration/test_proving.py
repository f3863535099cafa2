"""Proving: who can sign with an identity's keys is its owner, and nothing else convinces the portal."""

import base64
import json
import logging
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from access.models import AuditEvent, Challenge, Contractor, Principal, Role
from tests import factories
from tests.factories import CONTRACTOR_ACCOUNT
from tests.integration.pages import visitor, world
from tests.integration.proving import Prover, printed_by, sentence
from tests.integration.stage import Stage, problem, state, verbs
from tests.localaws.server import Credentials
from tests.programs import in_powershell

pytestmark = pytest.mark.usefixtures("hints")


@pytest.fixture
def keys(stage: Stage) -> Iterator[Credentials]:
    """Richard's own keys, which may do nothing."""
    iam, name = stage.aws.root(CONTRACTOR_ACCOUNT), stage.richard_arn.rsplit("/", 1)[1]
    made = Credentials.of(iam.create_access_key(UserName=name))
    yield made
    iam.delete_access_key(UserName=name, AccessKeyId=made.access_key)


@pytest.fixture
def richard(stage: Stage) -> Prover:
    return Prover(visitor(stage.cast.richard), stage.aws)


def session_of(stage: Stage, role: str, name: str, *, path: str = "/") -> tuple[str, Credentials]:
    """A role of the contractor's account and keys of a session of it."""
    iam = stage.aws.root(CONTRACTOR_ACCOUNT)
    allow = {"Effect": "Allow", "Principal": {"AWS": CONTRACTOR_ACCOUNT}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    made = iam.create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=document)["Role"]
    permit = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": made["Arn"]}
    user = stage.aws.user(
        stage.aws.fresh("Opener"), CONTRACTOR_ACCOUNT, policy={"Version": "2012-10-17", "Statement": [permit]}
    )
    answer = stage.aws.as_(user, "sts").assume_role(RoleArn=made["Arn"], RoleSessionName=name)
    return made["Arn"], Credentials.of(answer)


def unproven() -> None:
    """Nothing was learnt: no identity, and no event."""
    assert not Principal.objects.exists()
    assert "identity.proven" not in verbs()


@pytest.mark.parametrize("how", ["AWS CLI", "Python (boto3)"])
def test_richard_runs_what_the_page_shows_and_his_user_is_proven(
    stage: Stage, richard: Prover, keys: Credentials, how: str
) -> None:
    answer = richard.proves(keys, how=how)
    assert answer["Location"] == "/identities/"
    found = Principal.objects.get()
    assert (found.arn, found.proof, found.contractor.user) == (stage.richard_arn, "signed", stage.cast.richard)
    assert found.unique_id == factories.KNOWN_IDS[stage.richard_arn]
    (event,) = AuditEvent.objects.filter(verb="identity.proven")
    assert (event.actor, event.details) == (
        "richard@example.com",
        {"arn": found.arn, "unique_id": found.unique_id},
    )
    assert stage.richard_arn in richard.client.get("/identities/").content.decode()


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="pwsh is not on PATH: the snippet for PowerShell is not run")
def test_the_snippet_for_powershell_proves_too(stage: Stage, richard: Prover, keys: Credentials) -> None:
    assert richard.proves(keys, how="PowerShell")["Location"] == "/identities/"


def test_the_snippet_for_powershell_signs_the_headers_in_their_order(stage: Stage, richard: Prover) -> None:
    snippet = richard.starts()["PowerShell"]
    assert "Get-AWSCredential" in [name for name, _ in in_powershell(snippet)]
    named = ("content-type", "'host'", "x-amz-date", "x-amz-security-token", "x-daypass-proof")
    places = [snippet.index(name) for name in named]
    assert places == sorted(places)
    assert f"'testserver/{richard.challenge.nonce}'" in snippet
    assert "&quot;" not in snippet


def test_the_access_of_a_proven_identity_is_pinned_to_its_unique_id(
    stage: Stage, richard: Prover, keys: Credentials
) -> None:
    richard.proves(keys)
    grant = stage.give(principal=Principal.objects.get())
    stage.reconcile()
    (statement,) = stage.trust()["Statement"]
    assert statement["Condition"]["StringEquals"]["aws:userid"] == factories.KNOWN_IDS[stage.richard_arn]
    assert stage.can_assume(stage.richard_arn, grant.session_name)


def test_a_role_is_proven_with_the_arn_that_he_gives_and_only_with_that(stage: Stage, richard: Prover) -> None:
    role, session = session_of(stage, name := stage.aws.fresh("Deploy"), "me", path="/teams/a/")
    assert "give the role's ARN too" in sentence(richard.proves(session))
    other = f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:role/{name}-other"
    assert "names another" in sentence(richard.proves(session, role_arn=other))
    unproven()
    richard.proves(session, role_arn=role)
    found = Principal.objects.get()
    assert (found.arn, found.kind) == (role, "role")
    assert found.unique_id.startswith("AROA")


def test_one_session_of_identity_center_is_trusted_and_no_other_of_its_role(stage: Stage, richard: Prover) -> None:
    name = f"AWSReservedSSO_Dev_{stage.aws.fresh('x')}"
    path = "/aws-reserved/sso.amazonaws.com/"
    role, session = session_of(stage, name, "richard@example.com", path=path)
    richard.proves(session, only_session="on")
    found = Principal.objects.get()
    assert found.arn == f"arn:aws:sts::{CONTRACTOR_ACCOUNT}:assumed-role/{name}/richard@example.com"
    grant = stage.give(principal=found)
    stage.reconcile()
    assert state(grant, stage.clock()) == "active"
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": stage.role.arn}
    iam = stage.aws.root(CONTRACTOR_ACCOUNT)
    iam.put_role_policy(
        RoleName=name,
        PolicyName="assume",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    wish = {"RoleArn": stage.role.arn, "RoleSessionName": grant.session_name}
    assert stage.aws.as_(session, "sts").assume_role(**wish)["Credentials"]
    opener = stage.aws.user(
        stage.aws.fresh("Opener"),
        CONTRACTOR_ACCOUNT,
        policy={"Version": "2012-10-17", "Statement": [{**allow, "Resource": role}]},
    )
    eves = stage.aws.as_(opener, "sts").assume_role(RoleArn=role, RoleSessionName="eve@example.com")
    with pytest.raises(Exception, match="AccessDenied"):
        stage.aws.as_(Credentials.of(eves), "sts").assume_role(**wish)


def test_the_root_user_and_a_federated_user_prove_nothing(stage: Stage, richard: Prover) -> None:
    assert "root user" in sentence(richard.proves(Credentials(CONTRACTOR_ACCOUNT, "test")))
    unproven()


def test_an_identity_of_our_own_account_is_refused(stage: Stage, richard: Prover) -> None:
    ours = stage.aws.user(stage.aws.fresh("Insider"))
    assert "our own accounts" in sentence(richard.proves(ours))
    unproven()


def test_what_proves_nothing_by_itself_is_never_sent_and_the_command_stays_good(
    stage: Stage, richard: Prover, keys: Credentials
) -> None:
    command = richard.starts()["Python (boto3)"]
    good, before = printed_by(command, "Python (boto3)", keys), world()
    calls = richard.calls()
    elsewhere = printed_by(command.replace(stage.aws.url, "https://sts.example.com"), "Python (boto3)", keys)
    for wrong in ("hello", good[:-40], elsewhere, good.replace("daypass-v1.", "k8s-aws-v1.")):
        assert sentence(richard.pastes(wrong)).endswith(".")
    assert richard.calls() == calls
    assert world() == before
    assert richard.pastes(good)["Location"] == "/identities/"


def test_nobody_proves_with_a_nonce_that_was_made_for_another(stage: Stage, richard: Prover, keys: Credentials) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    rita = Prover(visitor(stage.cast.rita), stage.aws)
    rita.starts()
    assert "another nonce" in sentence(rita.pastes(printed))
    rita.path = richard.path
    assert rita.pastes(printed).status_code == 404
    unproven()


def test_a_token_for_another_cluster_is_refused_by_sts(stage: Stage, richard: Prover, keys: Credentials) -> None:
    command = richard.starts()["AWS CLI"].replace(richard.challenge.nonce, "production")
    printed = printed_by(command, "AWS CLI", keys)
    used = richard.challenge
    answer = richard.pastes(printed)
    assert "signature is not right" in sentence(answer)
    used.refresh_from_db()
    assert used.used_at is not None
    assert answer.context["challenge"].nonce != used.nonce
    unproven()


def test_a_nonce_is_good_for_one_proof(stage: Stage, richard: Prover, keys: Credentials) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    richard.pastes(printed)
    calls = richard.calls()
    assert "used already" in sentence(richard.pastes(printed))
    assert richard.calls() == calls
    assert AuditEvent.objects.filter(verb="identity.proven").count() == 1


def test_a_nonce_is_good_for_an_hour(stage: Stage, richard: Prover, keys: Credentials) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    Challenge.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert "older than an hour" in sentence(richard.pastes(printed))
    unproven()


def test_who_asks_for_too_many_commands_waits(stage: Stage, richard: Prover) -> None:
    for _ in range(20):
        richard.starts()
    answer = richard.client.post("/identities/start/")
    assert answer.status_code == 403
    assert "20 commands in the last hour" in answer.content.decode()


@pytest.mark.parametrize("person", ["alice", "ada", "mallory"])
def test_nobody_but_contractors_proves(stage: Stage, person: str) -> None:
    answer = visitor(getattr(stage.cast, person)).post("/identities/start/")
    assert answer.status_code == 404
    assert not Challenge.objects.exists()


def test_who_was_switched_off_meanwhile_proves_nothing(stage: Stage, richard: Prover, keys: Credentials) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    Contractor.objects.update(is_active=False)
    assert "switched off" in sentence(richard.pastes(printed))
    unproven()


def test_neither_signature_nor_token_is_stored_or_logged(
    stage: Stage, richard: Prover, caplog: pytest.LogCaptureFixture
) -> None:
    role, session = session_of(stage, stage.aws.fresh("Deploy"), "me")
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "boto3", "botocore", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    for how in ("AWS CLI", "Python (boto3)"):
        printed = printed_by(richard.starts()[how], how, session)
        answers = [richard.pastes(printed, role_arn=""), richard.proves(session, how=how, role_arn=role)]
        told = caplog.text + repr(stored()) + "".join(answer.content.decode() for answer in answers)
        assert "identity.proven" in told
        for secret in (session.token or "", session.secret_key, *signatures(printed)):
            assert secret not in told


def stored() -> list[Any]:
    return [list(model._default_manager.values()) for model in apps.get_models()]


def signatures(printed: str) -> list[str]:
    """What was printed, as it stands and what is in it."""
    body = printed.strip().split(".", 1)[1]
    content = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    return [body[:200], *re.findall(r"Signature=([0-9a-f]{64})", content)]


class TestProvenAgain:
    """The same ARN with another unique id: whoever was approved is no more."""

    def remade(self, stage: Stage) -> Credentials:
        stage.dismiss(stage.richard_arn)
        name = stage.richard_arn.rsplit("/", 1)[1]
        factories.KNOWN_IDS.pop(stage.richard_arn)
        return stage.aws.user(name, CONTRACTOR_ACCOUNT)

    def test_a_grant_on_the_old_id_is_blocked_for_good(
        self, stage: Stage, richard: Prover, hints: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        grant = stage.give()
        stage.reconcile()
        assert state(grant, stage.clock()) == "active"
        with django_capture_on_commit_callbacks(execute=True):
            richard.proves(self.remade(stage))
        word, told = problem(grant)
        assert word == "principal_deleted"
        assert "another unique id" in told
        assert (stage.role.pk, "urgent") in [(hint.role_id, hint.queue) for hint in hints]
        stage.reconcile(2)
        assert grant.session_name not in stage.sids()
        assert state(grant, stage.clock()) == "blocked"
        assert "grant.problem" in verbs()

    def test_a_request_that_rests_on_the_old_id_can_only_be_denied(self, stage: Stage, richard: Prover) -> None:
        request = factories.ask(stage.cast, now=stage.clock(), principal_arn=stage.richard_arn)
        richard.proves(self.remade(stage))
        with pytest.raises(Exception, match="what is known of the AWS identity"):
            factories.approve(stage.cast, request, now=stage.clock())

    def test_somebody_else_who_proved_the_old_one_has_to_prove_it_again(self, stage: Stage, richard: Prover) -> None:
        ritas = factories.proven(stage.cast.rita, stage.richard_arn, now=stage.clock())
        richard.proves(self.remade(stage))
        ritas.refresh_from_db()
        assert (ritas.proof, ritas.unique_id) == ("typed", "")

    def test_the_same_id_once_more_changes_nothing(self, stage: Stage, richard: Prover, keys: Credentials) -> None:
        grant = stage.give()
        stage.reconcile()
        richard.proves(keys)
        stage.reconcile()
        assert state(grant, stage.clock()) == "active"
        assert Role.objects.get(pk=stage.role.pk).failures == 0
