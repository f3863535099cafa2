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

from access.ledger.conflicts import Conflict
from access.models import AuditEvent, Challenge, Contractor, Principal, Role
from tests import factories
from tests.factories import CONTRACTOR_ACCOUNT
from tests.integration.environment import Environment, problem, state, verbs
from tests.integration.pages import visitor, world
from tests.integration.proving import Prover, code, printed_by
from tests.localaws.server import Credentials
from tests.programs import in_powershell
from tests.refusals import refusing

pytestmark = pytest.mark.usefixtures("enqueued")


@pytest.fixture
def keys(env: Environment) -> Iterator[Credentials]:
    """Yield Richard's own keys, which may do nothing."""
    iam, name = env.aws.root(CONTRACTOR_ACCOUNT), env.richard_arn.rsplit("/", 1)[1]
    made = Credentials.of(iam.create_access_key(UserName=name))
    yield made
    iam.delete_access_key(UserName=name, AccessKeyId=made.access_key)


@pytest.fixture
def richard(env: Environment) -> Prover:
    return Prover(visitor(env.cast.richard), env.aws)


def session_of(env: Environment, role: str, name: str, *, path: str = "/") -> tuple[str, Credentials]:
    """Return a role of the contractor's account and keys of a session of it."""
    iam = env.aws.root(CONTRACTOR_ACCOUNT)
    allow = {"Effect": "Allow", "Principal": {"AWS": CONTRACTOR_ACCOUNT}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    made = iam.create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=document)["Role"]
    permit = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": made["Arn"]}
    user = env.aws.user(
        env.aws.fresh("Opener"), CONTRACTOR_ACCOUNT, policy={"Version": "2012-10-17", "Statement": [permit]}
    )
    answer = env.aws.as_(user, "sts").assume_role(RoleArn=made["Arn"], RoleSessionName=name)
    return made["Arn"], Credentials.of(answer)


def unproven() -> None:
    """Assert that nothing was learnt: no identity, and no event."""
    assert not Principal.objects.exists()
    assert "identity.proven" not in verbs()


@pytest.mark.parametrize("how", ["AWS CLI", "Python (boto3)"])
def test_richard_runs_the_shown_command_and_proves_an_iam_user(
    env: Environment, richard: Prover, keys: Credentials, how: str
) -> None:
    answer = richard.proves(keys, how=how)
    assert answer["Location"] == "/identities/"
    found = Principal.objects.get()
    assert (found.arn, found.proof, found.contractor.user) == (env.richard_arn, "signed", env.cast.richard)
    assert found.unique_id == factories.KNOWN_IDS[env.richard_arn]
    (event,) = AuditEvent.objects.filter(verb="identity.proven")
    assert (event.actor, event.details) == (
        "richard@example.com",
        {"arn": found.arn, "unique_id": found.unique_id},
    )
    assert env.richard_arn in richard.client.get("/identities/").content.decode()


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="pwsh is not on PATH: the snippet for PowerShell is not run")
def test_the_snippet_for_powershell_proves_too(env: Environment, richard: Prover, keys: Credentials) -> None:
    assert richard.proves(keys, how="PowerShell")["Location"] == "/identities/"


def test_the_snippet_for_powershell_signs_the_headers_in_order(env: Environment, richard: Prover) -> None:
    snippet = richard.starts()["PowerShell"]
    assert "Get-AWSCredential" in [name for name, _ in in_powershell(snippet)]
    named = ("content-type", "'host'", "x-amz-date", "x-amz-security-token", "x-daypass-proof")
    places = [snippet.index(name) for name in named]
    assert places == sorted(places)
    assert f"'testserver/{richard.challenge.nonce}'" in snippet
    assert "&quot;" not in snippet


def test_a_grant_to_a_proven_identity_is_pinned_to_its_unique_id(
    env: Environment, richard: Prover, keys: Credentials
) -> None:
    richard.proves(keys)
    grant = env.create_grant(principal=Principal.objects.get())
    env.reconcile()
    (statement,) = env.trust()["Statement"]
    assert statement["Condition"]["StringEquals"]["aws:userid"] == factories.KNOWN_IDS[env.richard_arn]
    assert env.can_assume(env.richard_arn, grant.session_name)


def test_a_role_is_proven_only_with_the_given_arn(env: Environment, richard: Prover) -> None:
    role, session = session_of(env, name := env.aws.fresh("Deploy"), "me", path="/teams/a/")
    assert code(richard.proves(session)) == "proof_role_missing"
    other = f"arn:aws:iam::{CONTRACTOR_ACCOUNT}:role/{name}-other"
    assert code(richard.proves(session, role_arn=other)) == "proof_role_differs"
    unproven()
    richard.proves(session, role_arn=role)
    found = Principal.objects.get()
    assert (found.arn, found.kind) == (role, "role")
    assert found.unique_id.startswith("AROA")


def test_one_session_of_identity_center_is_trusted_and_no_other_session_of_its_role(
    env: Environment, richard: Prover
) -> None:
    name = f"AWSReservedSSO_Dev_{env.aws.fresh('x')}"
    path = "/aws-reserved/sso.amazonaws.com/"
    role, session = session_of(env, name, "richard@example.com", path=path)
    richard.proves(session, only_session="on")
    found = Principal.objects.get()
    assert found.arn == f"arn:aws:sts::{CONTRACTOR_ACCOUNT}:assumed-role/{name}/richard@example.com"
    grant = env.create_grant(principal=found)
    env.reconcile()
    assert state(grant, env.clock()) == "active"
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": env.role.arn}
    iam = env.aws.root(CONTRACTOR_ACCOUNT)
    iam.put_role_policy(
        RoleName=name,
        PolicyName="assume",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    draft = {"RoleArn": env.role.arn, "RoleSessionName": grant.session_name}
    assert env.aws.as_(session, "sts").assume_role(**draft)["Credentials"]
    opener = env.aws.user(
        env.aws.fresh("Opener"),
        CONTRACTOR_ACCOUNT,
        policy={"Version": "2012-10-17", "Statement": [{**allow, "Resource": role}]},
    )
    eves = env.aws.as_(opener, "sts").assume_role(RoleArn=role, RoleSessionName="eve@example.com")
    with pytest.raises(Exception, match="AccessDenied"):
        env.aws.as_(Credentials.of(eves), "sts").assume_role(**draft)


def test_the_root_user_and_a_federated_user_prove_nothing(env: Environment, richard: Prover) -> None:
    assert code(richard.proves(Credentials(CONTRACTOR_ACCOUNT, "test"))) == "proof_by_root"
    unproven()


def test_an_identity_of_our_own_account_is_refused(env: Environment, richard: Prover) -> None:
    ours = env.aws.user(env.aws.fresh("Insider"))
    assert code(richard.proves(ours)) == "arn_account_managed"
    unproven()


def test_an_invalid_proof_is_never_sent_and_the_command_stays_valid(
    env: Environment, richard: Prover, keys: Credentials
) -> None:
    command = richard.starts()["Python (boto3)"]
    good, before = printed_by(command, "Python (boto3)", keys), world()
    calls = richard.calls()
    elsewhere = printed_by(command.replace(env.aws.url, "https://sts.example.com"), "Python (boto3)", keys)
    as_token = good.replace("daypass-v1.", "k8s-aws-v1.")
    assert [code(richard.pastes(wrong)) for wrong in ("hello", good[:-40], elsewhere, as_token)] == [
        "proof_pasted_unknown",
        "proof_pasted_damaged",
        "proof_host_other",
        "proof_host_unknown",
    ]
    assert richard.calls() == calls
    assert world() == before
    assert richard.pastes(good)["Location"] == "/identities/"


def test_a_nonce_made_for_somebody_else_is_refused(env: Environment, richard: Prover, keys: Credentials) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    rita = Prover(visitor(env.cast.rita), env.aws)
    rita.starts()
    assert code(rita.pastes(printed)) == "proof_other_nonce"
    rita.path = richard.path
    assert rita.pastes(printed).status_code == 404
    unproven()


def test_a_token_for_another_cluster_is_refused_by_sts(env: Environment, richard: Prover, keys: Credentials) -> None:
    command = richard.starts()["AWS CLI"].replace(richard.challenge.nonce, "production")
    printed = printed_by(command, "AWS CLI", keys)
    used = richard.challenge
    answer = richard.pastes(printed)
    assert code(answer) == "sts_signature_wrong"
    used.refresh_from_db()
    assert used.used_at is not None
    assert answer.context["challenge"].nonce != used.nonce
    unproven()


def test_a_nonce_is_valid_for_one_proof(env: Environment, richard: Prover, keys: Credentials) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    richard.pastes(printed)
    calls = richard.calls()
    assert code(richard.pastes(printed)) == "proof_command_expired"
    assert richard.calls() == calls
    assert AuditEvent.objects.filter(verb="identity.proven").count() == 1


def test_a_nonce_is_valid_for_an_hour(env: Environment, richard: Prover, keys: Credentials) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    Challenge.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert code(richard.pastes(printed)) == "proof_command_expired"
    unproven()


def test_the_number_of_commands_is_limited(env: Environment, richard: Prover) -> None:
    for _ in range(20):
        richard.starts()
    answer = richard.client.post("/identities/start/")
    assert answer.status_code == 403
    assert "20 commands in the last hour" in answer.content.decode()


@pytest.mark.parametrize("person", ["alice", "ada", "mallory"])
def test_only_contractors_can_prove_identities(env: Environment, person: str) -> None:
    answer = visitor(getattr(env.cast, person)).post("/identities/start/")
    assert answer.status_code == 404
    assert not Challenge.objects.exists()


def test_a_user_disabled_meanwhile_cannot_prove_an_identity(
    env: Environment, richard: Prover, keys: Credentials
) -> None:
    printed = printed_by(richard.starts()["Python (boto3)"], "Python (boto3)", keys)
    Contractor.objects.update(is_active=False)
    assert code(richard.pastes(printed)) == "contractor_disabled"
    unproven()


def test_neither_signature_nor_token_is_stored_or_logged(
    env: Environment, richard: Prover, caplog: pytest.LogCaptureFixture
) -> None:
    role, session = session_of(env, env.aws.fresh("Deploy"), "me")
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
    """Return the printed text, and its decoded content."""
    body = printed.strip().split(".", 1)[1]
    content = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    return [body[:200], *re.findall(r"Signature=([0-9a-f]{64})", content)]


class TestProvenAgain:
    """The same ARN with another unique id: the approved principal no longer exists."""

    def recreated(self, env: Environment) -> Credentials:
        env.dismiss(env.richard_arn)
        name = env.richard_arn.rsplit("/", 1)[1]
        factories.KNOWN_IDS.pop(env.richard_arn)
        return env.aws.user(name, CONTRACTOR_ACCOUNT)

    def test_a_grant_to_the_old_id_is_blocked_permanently(
        self, env: Environment, richard: Prover, enqueued: list[Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        grant = env.create_grant()
        env.reconcile()
        assert state(grant, env.clock()) == "active"
        with django_capture_on_commit_callbacks(execute=True):
            richard.proves(self.recreated(env))
        word, told = problem(grant)
        assert word == "principal_deleted"
        assert told == "principal_recreated"
        assert (env.role.pk, "urgent") in [(message.role_id, message.queue) for message in enqueued]
        env.reconcile(2)
        assert grant.session_name not in env.sids()
        assert state(grant, env.clock()) == "blocked"
        assert "grant.problem" in verbs()

    def test_a_request_for_the_old_id_can_only_be_denied(self, env: Environment, richard: Prover) -> None:
        request = factories.ask(env.cast, now=env.clock(), principal_arn=env.richard_arn)
        richard.proves(self.recreated(env))
        with refusing("request_content_changed", Conflict):
            factories.approve(env.cast, request, now=env.clock())

    def test_another_person_who_proved_the_old_identity_has_to_prove_it_again(
        self, env: Environment, richard: Prover
    ) -> None:
        ritas = factories.proven(env.cast.rita, env.richard_arn, now=env.clock())
        richard.proves(self.recreated(env))
        ritas.refresh_from_db()
        assert (ritas.proof, ritas.unique_id) == ("typed", "")

    def test_proving_the_same_id_again_changes_nothing(
        self, env: Environment, richard: Prover, keys: Credentials
    ) -> None:
        grant = env.create_grant()
        env.reconcile()
        richard.proves(keys)
        env.reconcile()
        assert state(grant, env.clock()) == "active"
        assert Role.objects.get(pk=env.role.pk).state.failures == 0
