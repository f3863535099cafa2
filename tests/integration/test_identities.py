"""The product lives on what `deploy/` gives its identities, in a spoke reached from the hub, and uses all of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db.models import F

from access import aws, credentials, workload_identities
from access.actions import requests
from access.aws import clients
from access.models import Account, Grant, Role
from access.reconcile import convergence, daily_refresh, drift
from access.workload_identities import AwsTarget, Home
from tests import factories
from tests.factories import CONTRACTOR_ACCOUNT, update_roles
from tests.integration import hub_and_spoke
from tests.integration.conftest import Enqueued
from tests.integration.environment import DEFAULT_DENY, Clock, state
from tests.integration.hub_and_spoke import EXTERNAL_ID, HOME, HUB, HUB_HOME, IMPORTED, SPOKE, HubAndSpoke
from tests.localaws.server import LocalAws, local_aws

pytestmark = pytest.mark.django_db
TARGET = AwsTarget(SPOKE, external_id=EXTERNAL_ID)


@pytest.fixture(scope="module")
def founded() -> Iterator[HubAndSpoke]:
    with local_aws() as local:
        yield HubAndSpoke.founded(local)


@pytest.fixture
def deployed(
    founded: HubAndSpoke, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HubAndSpoke]:
    """Yield what was deployed, and this process with the AWS configuration of its machines."""
    for name, value in founded.profiles(tmp_path).items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL = founded.aws.url
    clients.forget()
    founded.aws.forget_calls()
    yield founded
    clients.forget()


def contractor(local: LocalAws) -> str:
    return str(local.root(CONTRACTOR_ACCOUNT).create_user(UserName=local.fresh("Richard"))["User"]["Arn"])


def calls(local: LocalAws, role_arn: str) -> list[dict[str, Any]]:
    """Return what an identity asked for, in order."""
    session = f"arn:aws:sts::{role_arn.split(':')[4]}:assumed-role/{role_arn.rsplit('/', 1)[1]}/"
    return [call for call in local.calls() if call["caller"].startswith(session)]


def allowed(document: dict[str, Any]) -> set[str]:
    listed = [statement["Action"] for statement in document["Statement"] if statement["Effect"] == "Allow"]
    return {action.split(":")[1] for actions_ in listed for action in actions_}


def live(cast: factories.Cast, clock: Clock, local: LocalAws) -> None:
    """Run the whole lifetime of a role: made, granted to Richard and Rita, used, ended, read, deleted."""
    role = cast.role
    convergence.role(role.pk, now=clock)
    richards = factories.create_grant(cast, now=clock(), principal_arn=contractor(local))
    ritas = factories.create_grant(cast, now=clock(), by=cast.rita, principal_arn="")
    convergence.role(role.pk, now=clock)
    assert {state(grant, clock()) for grant in (richards, ritas)} == {"active"}
    ritas = Grant.objects.select_related("role__account", "request").get(pk=ritas.pk)
    assert credentials.issue(by=cast.rita, grant=ritas, now=clock).session.access_key_id
    requests.revoke(by=cast.alice, grant=richards, reason="Done.", now=clock())
    Role.objects.filter(pk=role.pk).update(to_update=True, max_session_seconds=7200)
    convergence.role(role.pk, now=clock)
    assert list(drift.drifted(now=clock())) == []
    daily_refresh.read_quotas(now=clock())
    for _ in range(2):  # the statement goes at the end, and the expiry policy once no session can be alive
        clock.forward(hours=15)
        convergence.role(role.pk, now=clock)
    assert {state(grant, clock()) for grant in (richards, ritas)} == {"ended"}


def take_away(cast: factories.Cast, clock: Clock) -> None:
    """An idle overflow role with a policy of its own, which was made when it was needed."""
    overflow_role = factories.role(
        f"{cast.role.name}-2", account=cast.role.account, overflow_of=cast.role, permissions_name="other"
    )
    aws.create_role(spec(overflow_role))
    aws.create_role(spec(overflow_role))
    aws.write_expiry_policy(
        target=TARGET, arn=overflow_role.arn, name="daypass-closing", policy=workload_identities.boundary()
    )
    convergence.role(overflow_role.pk, now=clock)
    assert Role.objects.get(pk=overflow_role.pk).to_build


def spec(role: Role) -> aws.RoleSpec:
    return aws.RoleSpec(
        target=TARGET,
        arn=role.arn,
        path=role.path,
        description="",
        boundary_arn=HOME.boundary,
        max_session_seconds=3600,
        trust=DEFAULT_DENY,
        policy_arns=(),
        custom_policy=(HOME.arn(f"policy/daypass/{role.permissions_name}"), role.permissions),
        tags={},
    )


def test_the_product_uses_every_permission_of_its_identities_and_is_refused_nothing(
    deployed: HubAndSpoke, enqueued: list[Enqueued]
) -> None:
    cast, clock = factories.cast(deployed.aws.fresh("put"), account=hub_and_spoke.account(), to_build=True), Clock()
    live(cast, clock, deployed.aws)
    take_away(cast, clock)
    # IAM asks for TagRole when a role is made with tags; nobody calls it. ListRoles is for roles that are gone: below.
    # The local AWS has no Access Analyzer and notes such calls without a name.
    elsewhere = {"TagRole", "ListRoles", "CheckNoPublicAccess", "ValidatePolicy"}
    lists = {HOME.worker: workload_identities.worker(HOME), HOME.builder: workload_identities.builder(HOME)}
    lists |= {HUB_HOME.issuer: workload_identities.issuer("aws")}
    for arn, document in lists.items():
        made = calls(deployed.aws, arn)
        assert [call for call in made if call["outcome"] == "AccessDenied"] == []
        assert {call["action"] for call in made if call["action"]} == allowed(document) - elsewhere


def test_a_single_account_has_all_permissions_in_the_profiles_themselves(deployed: HubAndSpoke) -> None:
    assert aws.trust_quota(target=AwsTarget(SPOKE, external_id=EXTERNAL_ID)) == 2048
    with pytest.raises(aws.Denied):
        aws.trust_quota(target=AwsTarget(HUB))  # the hub's worker reads nothing by itself


def test_the_spoke_is_assumed_once_for_many_calls(deployed: HubAndSpoke) -> None:
    for _ in range(3):
        aws.read_roles(target=TARGET, expiry_policy_name="daypass-closing")
        aws.trust_quota(target=TARGET)
    assumed = [call for call in calls(deployed.aws, HUB_HOME.hub_worker) if call["action"] == "AssumeRole"]
    assert [assume["params"]["RoleArn"] for assume in assumed] == [HOME.worker]


def test_the_spoke_is_assumed_again_before_its_hour_is_over(deployed: HubAndSpoke) -> None:
    deployed.aws.clock(-3400)  # what is assumed now has 200 seconds left
    aws.trust_quota(target=TARGET)
    deployed.aws.clock(0)
    for _ in range(3):
        aws.trust_quota(target=TARGET)
    assert [call["action"] for call in calls(deployed.aws, HUB_HOME.hub_worker)].count("AssumeRole") == 2


def test_a_deleted_role_is_known_to_be_deleted_even_if_iam_refuses_to_say(deployed: HubAndSpoke) -> None:
    gone = factories.role(deployed.aws.fresh("gone"), account=hub_and_spoke.account())
    with pytest.raises(aws.RoleMissing):
        aws.read_role(target=TARGET, arn=gone.arn, expiry_policy_name="daypass-closing")
    overflow_role = factories.role(f"{gone.name}-2", account=gone.account, overflow_of=gone)
    convergence.role(overflow_role.pk, now=Clock())
    assert Role.objects.get(pk=overflow_role.pk).to_build
    assert "ListRoles" in {call["action"] for call in calls(deployed.aws, HOME.worker)}


def test_a_client_of_one_account_never_answers_for_another(deployed: HubAndSpoke) -> None:
    aws.read_role(target=TARGET, arn=HOME.arn("role/daypass/ours"), expiry_policy_name="daypass-closing")
    other = AwsTarget(hub_and_spoke.STRANGER, external_id=EXTERNAL_ID)
    with pytest.raises(aws.Denied):
        aws.read_role(
            target=other,
            arn=f"arn:aws:iam::{hub_and_spoke.STRANGER}:role/daypass/ours",
            expiry_policy_name="daypass-closing",
        )
    assert clients.iam(clients.WorkloadIdentity.WORKER, TARGET) is not clients.iam(
        clients.WorkloadIdentity.WORKER, other
    )


def test_a_wrong_external_id_opens_nothing(deployed: HubAndSpoke) -> None:
    with pytest.raises(aws.Denied):
        aws.trust_quota(target=AwsTarget(SPOKE, external_id="id-of-another-account-of-ours"))


def test_an_unreachable_account_does_not_stop_the_others(deployed: HubAndSpoke) -> None:
    good, clock = hub_and_spoke.account(), Clock()
    bad = Account.objects.create(name="Bad", account_id="222222222229", external_id=EXTERNAL_ID)
    for account in (bad, good):
        factories.role("ours", account=account)
    settled = {"observed_at": clock(), "unique_id": "AROAOLD", "observed_trust": DEFAULT_DENY}
    update_roles(**settled, reconciled_generation=F("generation"))
    assert list(drift.drifted(now=clock())) == [Role.objects.get(account=good).pk]
    daily_refresh.read_quotas(now=clock())
    assert Account.objects.get(pk=good.pk).trust_quota_read_at == clock()
    assert Account.objects.get(pk=bad.pk).trust_quota_read_at is None


def test_an_account_without_a_connection_costs_a_log_line_and_no_traceback(
    deployed: HubAndSpoke, caplog: pytest.LogCaptureFixture
) -> None:
    Account.objects.create(name="Named", account_id="222222222229", external_id=EXTERNAL_ID)
    daily_refresh.read_quotas(now=Clock()())
    assert "quota.unread" in caplog.text
    assert [record.name for record in caplog.records if record.exc_info] == []


def test_an_imported_role_can_be_written_without_tag_and_boundary(deployed: HubAndSpoke) -> None:
    aws.write_expiry_policy(target=TARGET, arn=IMPORTED, name="daypass-closing", policy=workload_identities.boundary())
    aws.write_trust(target=TARGET, arn=IMPORTED, policy=DEFAULT_DENY)
    assert (
        aws.read_role(target=TARGET, arn=IMPORTED, expiry_policy_name="daypass-closing").expiry_policy
        == workload_identities.boundary()
    )
    aws.write_expiry_policy(target=TARGET, arn=IMPORTED, name="daypass-closing", policy=None)


def test_a_spoke_that_requires_an_organisation_admits_nobody_outside_of_it(deployed: HubAndSpoke) -> None:
    trust = workload_identities.spoke_trust(
        hub_role=HUB_HOME.hub_worker, external_id=EXTERNAL_ID, org_id="o-abcdefghij"
    )
    iam = deployed.aws.root(SPOKE)
    before = iam.get_role(RoleName=workload_identities.WORKER)["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName=workload_identities.WORKER, PolicyDocument=aws.roles.compact(trust))
    try:
        with pytest.raises(ClientError, match="AccessDenied"):
            deployed.spoke_identity(HOME.worker)
    finally:
        iam.update_assume_role_policy(RoleName=workload_identities.WORKER, PolicyDocument=aws.roles.compact(before))
    assert deployed.spoke_identity(HOME.worker).token


def test_an_identity_cannot_write_its_own_role() -> None:
    assert not Home("aws", SPOKE).worker.startswith(Home("aws", SPOKE).roles.removesuffix("*"))
