"""Test connection: the worker says step by step what works in an account, and what is missing and what to do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from access import accounts, tasks, workload_identities
from access.aws import clients
from access.models import Account, AuditEvent
from access.reconcile import connection
from access.rules.facts import Refused
from access.texts import stored
from access.texts.text import Text
from access.workload_identities import Home
from tests import factories
from tests.factories import BOUNDARY_ARN, HOST_ACCOUNT, Cast
from tests.fakes.cloudformation import Stack
from tests.integration import hub_and_spoke
from tests.integration.environment import Clock, Environment, verbs
from tests.integration.hub_and_spoke import ALLOW_ALL, HOME, HUB_HOME, IMPORTED, SPOKE, HubAndSpoke, Single
from tests.localaws.example import code_of
from tests.localaws.server import LocalAws, local_aws
from tests.refusals import refusing

pytestmark = pytest.mark.django_db
EVERYTHING = json.dumps(ALLOW_ALL)


@dataclass
class Trial:
    """A hub and a spoke; the spoke is connected, and the test of that."""

    deployed: HubAndSpoke
    account: Account
    clock: Clock

    @property
    def iam(self) -> Any:
        return self.deployed.aws.root(SPOKE)

    def steps(self) -> dict[str, tuple[bool | None, Text]]:
        """Test it and return what was found, by the code of the step."""
        connection.check_connection(self.account.pk, now=self.clock)
        found = Account.objects.get(pk=self.account.pk).test_steps
        return {step["title"]["code"]: (step["ok"], _text(step["text"])) for step in found}

    def missing(self) -> dict[str, Text]:
        return {title: text for title, (ok, text) in self.steps().items() if ok is False}


def _text(found: dict[str, Any]) -> Text:
    text = stored.load(**found)
    assert text is not None
    return text


@pytest.fixture(scope="module")
def local() -> Iterator[LocalAws]:
    with local_aws() as aws:
        yield aws


@pytest.fixture
def trial(local: LocalAws, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    local.reset()
    deployed = HubAndSpoke.founded(local)
    for name, value in deployed.profiles(tmp_path).items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL = local.url
    clients.forget()
    yield Trial(deployed, hub_and_spoke.account(), Clock())
    clients.forget()


def test_every_check_passes_where_the_templates_were_deployed(trial: Trial) -> None:
    found = trial.steps()
    assert {ok for ok, _ in found.values()} == {True}
    assert found["step_worker"][1].facts["arn"].startswith(f"arn:aws:sts::{SPOKE}:assumed-role/")
    assert Account.objects.get().tested_at == trial.clock()
    assert AuditEvent.objects.get(verb="account.tested").details == {"missing": []}


def test_its_calls_are_refused_only_where_a_refusal_is_tested(trial: Trial) -> None:
    trial.deployed.aws.forget_calls()
    trial.steps()
    refused = [call for call in trial.deployed.aws.calls() if call["outcome"] == "AccessDenied"]
    assert [(call["action"], call["params"]["ExternalId"]) for call in refused] == [("AssumeRole", connection.WRONG_ID)]


def test_without_the_template_the_role_cannot_be_assumed_and_nothing_else_is_checked(trial: Trial) -> None:
    trial.account.account_id = "555555555555"
    trial.account.save()
    found = trial.steps()
    assert found["step_worker"][0] is False
    assert found["step_worker"][1].code == "identity_not_admitted"
    assert {ok for title, (ok, _) in found.items() if title != "step_worker"} == {None}


def no_boundary(iam: Any) -> None:
    for name in ("ours", "untagged", "admin"):
        iam.delete_role_permissions_boundary(RoleName=name)
    iam.delete_policy(PolicyArn=HOME.boundary)


def another_boundary(iam: Any) -> None:
    iam.create_policy_version(PolicyArn=HOME.boundary, PolicyDocument=EVERYTHING, SetAsDefault=True)


def older_boundary(iam: Any) -> None:
    oldest = json.dumps(workload_identities.older_boundaries()[-1])
    iam.create_policy_version(PolicyArn=HOME.boundary, PolicyDocument=oldest, SetAsDefault=True)


def previous_boundary(iam: Any) -> None:
    previous = json.dumps(workload_identities.older_boundaries()[0])
    iam.create_policy_version(PolicyArn=HOME.boundary, PolicyDocument=previous, SetAsDefault=True)


def any_external_id(iam: Any) -> None:
    trust = json.dumps(workload_identities.trust(HUB_HOME.hub_worker))
    iam.update_assume_role_policy(RoleName=workload_identities.WORKER, PolicyDocument=trust)


def no_builder(iam: Any) -> None:
    iam.delete_role_policy(RoleName=workload_identities.BUILDER, PolicyName=workload_identities.BUILDER)
    iam.delete_role(RoleName=workload_identities.BUILDER)


def more_rights(iam: Any) -> None:
    iam.put_role_policy(RoleName=workload_identities.WORKER, PolicyName="more", PolicyDocument=EVERYTHING)


def administrator(iam: Any) -> None:
    iam.attach_role_policy(
        RoleName=workload_identities.BUILDER, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


@pytest.mark.parametrize(
    ("harm", "step", "code", "detail"),
    [
        (no_boundary, "step_boundary", "boundary_missing", ""),
        (another_boundary, "step_boundary", "boundary_differs", ""),
        (
            older_boundary,
            "step_boundary",
            "boundary_outdated",
            "signin:AuthorizeOAuth2Access, signin:CreateOAuth2Token",
        ),
        (
            previous_boundary,
            "step_boundary",
            "boundary_outdated",
            "does not deny identitystore:*, rolesanywhere:*, sso",
        ),
        (any_external_id, "step_external_id", "external_id_not_required", ""),
        (no_builder, "step_builder", "identity_not_admitted", ""),
        (
            more_rights,
            "step_documents",
            "own_roles_differ",
            "more.",
        ),
        (administrator, "step_documents", "own_roles_differ", "AdministratorAccess"),
    ],
)
def test_each_problem_is_named_with_its_remedy(
    trial: Trial, harm: Callable[[Any], None], step: str, code: str, detail: str
) -> None:
    harm(trial.iam)
    missing = trial.missing()
    assert missing[step].code == code
    assert detail in str(missing[step])
    assert "Deploy the account's template" in str(missing[step])


def test_missing_read_permissions_of_the_worker_are_reported(trial: Trial) -> None:
    trial.iam.delete_role_policy(RoleName=workload_identities.WORKER, PolicyName=workload_identities.WORKER)
    assert list(trial.missing()) == ["step_reading"]


def test_an_imported_role_missing_from_the_template_is_named(trial: Trial) -> None:
    listed = factories.role("imported", account=trial.account, path="/legacy/", is_managed=False)
    assert listed.arn == IMPORTED
    assert trial.missing() == {}
    other = factories.role("admin", account=trial.account, path="/other/", is_managed=False)
    assert other.arn in str(trial.missing()["step_imported"])


def test_a_session_that_is_still_open_proves_nothing(trial: Trial) -> None:
    assert trial.missing() == {}
    trial.iam.update_assume_role_policy(
        RoleName=workload_identities.WORKER, PolicyDocument=json.dumps(workload_identities.trust(HUB_HOME.hub_builder))
    )
    assert "step_worker" in trial.missing()


def test_a_single_account_is_tested_without_a_hub(env: Environment) -> None:
    account = env.role.account
    Account.objects.filter(pk=account.pk).update(boundary_arn=BOUNDARY_ARN)
    connection.check_connection(account.pk, now=env.clock)
    found = Account.objects.get(pk=account.pk).test_steps
    assert {step["title"]["code"]: step["ok"] for step in found} == {
        "step_worker": True,
        "step_reading": True,
        "step_boundary": True,
        "step_builder": True,
        "step_imported": True,
        "step_issuer": True,
    }


def test_every_check_passes_where_the_single_template_was_deployed(
    local: LocalAws, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.reset()
    alone = Single.founded(local)
    for name, value in alone.profiles(tmp_path).items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL = local.url
    clients.forget()
    row = Account.objects.create(
        name="Single", account_id=SPOKE, issuer_arn=HOME.issuer, boundary_arn=HOME.boundary, region="us-east-1"
    )
    connection.check_connection(row.pk, now=Clock())
    found = Account.objects.get(pk=row.pk).test_steps
    assert {step["title"]["code"]: step["ok"] for step in found} == dict.fromkeys(
        ("step_worker", "step_reading", "step_boundary", "step_builder", "step_imported", "step_issuer"), True
    )
    for keys, role in ((alone.web, HOME.worker), (alone.web, HOME.builder), (alone.machine, HOME.issuer)):
        sts = local.as_(keys, "sts")
        asked = {"RoleArn": role, "RoleSessionName": "by-hand"}
        assert code_of(partial(sts.assume_role, **asked)) == "AccessDenied"
    clients.forget()


def test_keys_of_another_account_are_recognised(env: Environment) -> None:
    other = Account.objects.create(name="Other", account_id="555555555555")
    connection.check_connection(other.pk, now=env.clock)
    first = Account.objects.get(pk=other.pk).test_steps[0]
    assert (first["ok"], first["text"]["code"]) == (False, "identity_elsewhere")
    assert first["text"]["facts"]["found"] == HOST_ACCOUNT


class TestAsking:
    def test_ada_starts_a_test_and_the_worker_is_woken(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[Any] = []
        monkeypatch.setattr(tasks.test_connection, "apply_async", lambda **message: told.append(message["args"]))
        monkeypatch.setattr("django.db.transaction.on_commit", lambda call, **_: call())
        account = cast.role.account
        accounts.test_connection(by=cast.ada, account=account, now=factories.NOON)
        assert told == [(account.pk,)]
        assert Account.objects.get().is_testing
        assert verbs(f"account:{account.account_id}") == ["account.test_asked"]

    def test_the_sweep_repeats_a_lost_message_until_the_test_is_done(self, cast: Cast) -> None:
        account = cast.role.account
        assert connection.tests_due() == []
        accounts.test_connection(by=cast.ada, account=account, now=factories.NOON)
        assert connection.tests_due() == [account.pk]
        Account.objects.update(tested_at=factories.NOON)
        assert connection.tests_due() == []

    def test_only_administrators_can_test_or_connect(self, cast: Cast) -> None:
        for person in (cast.alice, cast.richard, cast.mallory):
            with refusing("administrator_only"):
                accounts.test_connection(by=person, account=cast.role.account, now=factories.NOON)
            with refusing("administrator_only"):
                accounts.connect(by=person, **spoke(), now=factories.NOON)
        assert Account.objects.count() == 1


def spoke(**different: str) -> dict[str, Any]:
    facts = {"name": "Spoke", "account_id": SPOKE, "partition": "aws", "region": "eu-central-1"}
    return facts | {"hub_account_id": HOST_ACCOUNT} | different


class TestConnecting:
    def test_an_account_gets_an_external_id_that_no_other_has(self, cast: Cast) -> None:
        one = accounts.connect(by=cast.ada, **spoke(), now=factories.NOON)
        other = accounts.connect(by=cast.ada, **spoke(account_id="444444444444"), now=factories.NOON)
        assert len(one.external_id) == 32
        assert one.external_id != other.external_id
        assert one.issuer_arn == HUB_HOME.issuer
        assert one.boundary_arn == HOME.boundary
        assert verbs(f"account:{SPOKE}") == ["account.connected"]

    def test_the_external_id_has_the_form_that_the_template_accepts(self, cast: Cast) -> None:
        account = accounts.connect(by=cast.ada, **spoke(), now=factories.NOON)
        hub = {"HubWorkerArn": HUB_HOME.hub_worker, "HubBuilderArn": HUB_HOME.hub_builder}
        assert Stack.of("account", SPOKE, **hub, ExternalId=account.external_id).resource("Worker")
        assert account.aws_target().home == Home("aws", SPOKE)

    def test_without_a_hub_there_is_no_external_id(self, cast: Cast) -> None:
        assert accounts.connect(by=cast.ada, **spoke(hub_account_id=""), now=factories.NOON).external_id == ""

    @pytest.mark.parametrize(
        ("different", "field", "code"),
        [
            ({"account_id": HOST_ACCOUNT}, "account_id", "invalid_values"),
            ({"account_id": "12345"}, "account_id", "invalid_values"),
            ({"account_id": "٣٣٣٣٣٣٣٣٣٣٣٣"}, "account_id", "invalid_values"),
            ({"hub_account_id": "12"}, "hub_account_id", "invalid_values"),
            ({"partition": "aws-else"}, "partition", "invalid_values"),
            ({"region": "Frankfurt"}, "region", "invalid_values"),
            ({"org_id": "o-1"}, "org_id", "invalid_values"),
            ({"name": " "}, "name", "invalid_values"),
            (
                {"issuer_arn": "arn:aws-cn:iam::111111111111:role/x"},
                "issuer_arn",
                "issuer_partition_differs",
            ),
        ],
    )
    def test_impossible_input_is_refused_at_its_field(
        self, cast: Cast, different: dict[str, str], field: str, code: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            accounts.connect(by=cast.ada, **spoke(**different), now=factories.NOON)
        assert (refused.value.field, refused.value.code) == (field, code)
