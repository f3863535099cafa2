"""The product lives on what `deploy/` gives its identities, in a spoke reached from the hub, and uses all of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db.models import F

from access import actions, aws, credentials, identities, reconcile
from access.aws import clients
from access.identities import Home, Reach
from access.models import Account, Grant, Role
from tests import factories
from tests.factories import CONTRACTOR_ACCOUNT
from tests.integration import company as companies
from tests.integration.company import ADOPTED, EXTERNAL_ID, HOME, HUB, HUB_HOME, SPOKE, Company
from tests.integration.conftest import Hint
from tests.integration.stage import CLOSED, Clock, state
from tests.localaws.server import LocalAws, local_aws

pytestmark = pytest.mark.django_db
REACH = Reach(SPOKE, external_id=EXTERNAL_ID)


@pytest.fixture(scope="module")
def founded() -> Iterator[Company]:
    with local_aws() as local:
        yield Company.founded(local)


@pytest.fixture
def company(founded: Company, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """The company, and this process with the AWS configuration of its machines."""
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
    """What an identity asked for, in order."""
    session = f"arn:aws:sts::{role_arn.split(':')[4]}:assumed-role/{role_arn.rsplit('/', 1)[1]}/"
    return [call for call in local.calls() if call["caller"].startswith(session)]


def allowed(document: dict[str, Any]) -> set[str]:
    listed = [statement["Action"] for statement in document["Statement"] if statement["Effect"] == "Allow"]
    return {action.split(":")[1] for actions_ in listed for action in actions_}


def live(cast: factories.Cast, clock: Clock, local: LocalAws) -> None:
    """A whole life: made, opened for Richard and for Rita, used, ended, looked at, taken away."""
    role = cast.role
    reconcile.role(role.pk, now=clock)
    richards = factories.give(cast, now=clock(), principal_arn=contractor(local))
    ritas = factories.give(cast, now=clock(), by=cast.rita, principal_arn="")
    reconcile.role(role.pk, now=clock)
    assert {state(grant, clock()) for grant in (richards, ritas)} == {"active"}
    ritas = Grant.objects.select_related("role__account", "request").get(pk=ritas.pk)
    assert credentials.issue(by=cast.rita, grant=ritas, now=clock).session.access_key_id
    actions.revoke(by=cast.alice, grant=richards, reason="Done.", now=clock())
    Role.objects.filter(pk=role.pk).update(to_update=True, max_session_seconds=7200)
    reconcile.role(role.pk, now=clock)
    assert list(reconcile.drifted(now=clock())) == []
    reconcile.read_quotas(now=clock())
    for _ in range(2):  # the statement goes at the end, and the closing policy once no session can be alive
        clock.forward(hours=15)
        reconcile.role(role.pk, now=clock)
    assert {state(grant, clock()) for grant in (richards, ritas)} == {"ended"}


def take_away(cast: factories.Cast, clock: Clock) -> None:
    """An idle twin with a policy of its own, which was made when it was needed."""
    twin = factories.role(f"{cast.role.name}-2", account=cast.role.account, twin_of=cast.role, permissions_name="other")
    aws.create_role(spec(twin))
    aws.create_role(spec(twin))
    aws.write_closing(reach=REACH, arn=twin.arn, name="daypass-closing", policy=identities.boundary())
    reconcile.role(twin.pk, now=clock)
    assert Role.objects.get(pk=twin.pk).to_build


def spec(role: Role) -> aws.RoleSpec:
    return aws.RoleSpec(
        reach=REACH,
        arn=role.arn,
        path=role.path,
        description="",
        boundary_arn=HOME.boundary,
        max_session_seconds=3600,
        trust=CLOSED,
        policy_arns=(),
        custom_policy=(HOME.arn(f"policy/daypass/{role.permissions_name}"), role.permissions),
        tags={},
    )


def test_the_product_uses_all_that_its_identities_may_and_is_refused_nothing(
    company: Company, hints: list[Hint]
) -> None:
    cast, clock = factories.cast(company.aws.fresh("put"), account=companies.account(), to_build=True), Clock()
    live(cast, clock, company.aws)
    take_away(cast, clock)
    # IAM asks for TagRole when a role is made with tags; nobody calls it. ListRoles is for roles that are gone: below.
    # The local AWS has no Access Analyzer and notes such calls without a name.
    elsewhere = {"TagRole", "ListRoles", "CheckNoPublicAccess", "ValidatePolicy"}
    lists = {HOME.worker: identities.worker(HOME), HOME.builder: identities.builder(HOME)}
    lists |= {HUB_HOME.issuer: identities.issuer("aws")}
    for arn, document in lists.items():
        made = calls(company.aws, arn)
        assert [call for call in made if call["outcome"] == "AccessDenied"] == []
        assert {call["action"] for call in made if call["action"]} == allowed(document) - elsewhere


def test_an_account_alone_has_what_it_needs_in_the_profiles_themselves(company: Company) -> None:
    assert aws.trust_quota(reach=Reach(SPOKE, external_id=EXTERNAL_ID)) == 2048
    with pytest.raises(aws.Denied):
        aws.trust_quota(reach=Reach(HUB))  # the hub's worker reads nothing by itself


def test_the_spoke_is_assumed_once_for_many_calls(company: Company) -> None:
    for _ in range(3):
        aws.read_roles(reach=REACH, closing_name="daypass-closing")
        aws.trust_quota(reach=REACH)
    hops = [call for call in calls(company.aws, HUB_HOME.hub_worker) if call["action"] == "AssumeRole"]
    assert [hop["params"]["RoleArn"] for hop in hops] == [HOME.worker]


def test_the_spoke_is_assumed_again_before_its_hour_is_over(company: Company) -> None:
    company.aws.clock(-3400)  # what is assumed now has 200 seconds left
    aws.trust_quota(reach=REACH)
    company.aws.clock(0)
    for _ in range(3):
        aws.trust_quota(reach=REACH)
    assert [call["action"] for call in calls(company.aws, HUB_HOME.hub_worker)].count("AssumeRole") == 2


def test_a_role_that_is_gone_is_known_to_be_gone_although_iam_does_not_speak_of_it(company: Company) -> None:
    gone = factories.role(company.aws.fresh("gone"), account=companies.account())
    with pytest.raises(aws.RoleMissing):
        aws.read_role(reach=REACH, arn=gone.arn, closing_name="daypass-closing")
    twin = factories.role(f"{gone.name}-2", account=gone.account, twin_of=gone)
    reconcile.role(twin.pk, now=Clock())
    assert Role.objects.get(pk=twin.pk).to_build
    assert "ListRoles" in {call["action"] for call in calls(company.aws, HOME.worker)}


def test_a_client_of_one_account_never_answers_for_another(company: Company) -> None:
    aws.read_role(reach=REACH, arn=HOME.arn("role/daypass/ours"), closing_name="daypass-closing")
    other = Reach(companies.STRANGER, external_id=EXTERNAL_ID)
    with pytest.raises(aws.Denied):
        aws.read_role(
            reach=other, arn=f"arn:aws:iam::{companies.STRANGER}:role/daypass/ours", closing_name="daypass-closing"
        )
    assert clients.iam(clients.Identity.WORKER, REACH) is not clients.iam(clients.Identity.WORKER, other)


def test_a_wrong_external_id_opens_nothing(company: Company) -> None:
    with pytest.raises(aws.Denied):
        aws.trust_quota(reach=Reach(SPOKE, external_id="id-of-another-account-of-ours"))


def test_an_account_that_does_not_answer_does_not_stop_the_others(company: Company) -> None:
    good, clock = companies.account(), Clock()
    bad = Account.objects.create(name="Bad", account_id="222222222229", external_id=EXTERNAL_ID)
    for account in (bad, good):
        factories.role("ours", account=account)
    settled = {"seen_at": clock(), "unique_id": "AROAOLD", "seen_trust": CLOSED}
    Role.objects.update(**settled, reconciled_generation=F("generation"))
    assert list(reconcile.drifted(now=clock())) == [Role.objects.get(account=good).pk]
    reconcile.read_quotas(now=clock())
    assert Account.objects.get(pk=good.pk).trust_quota_read_at == clock()
    assert Account.objects.get(pk=bad.pk).trust_quota_read_at is None


def test_an_account_that_is_only_named_costs_a_line_and_no_traceback(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    Account.objects.create(name="Named", account_id="222222222229", external_id=EXTERNAL_ID)
    reconcile.read_quotas(now=Clock()())
    assert "quota.unread" in caplog.text
    assert [record.name for record in caplog.records if record.exc_info] == []


def test_an_adopted_role_is_written_although_it_is_neither_tagged_nor_bounded(company: Company) -> None:
    aws.write_closing(reach=REACH, arn=ADOPTED, name="daypass-closing", policy=identities.boundary())
    aws.write_trust(reach=REACH, arn=ADOPTED, policy=CLOSED)
    assert aws.read_role(reach=REACH, arn=ADOPTED, closing_name="daypass-closing").closing == identities.boundary()
    aws.write_closing(reach=REACH, arn=ADOPTED, name="daypass-closing", policy=None)


def test_a_spoke_that_asks_for_an_organisation_is_closed_to_whoever_is_in_none(company: Company) -> None:
    trust = identities.spoke_trust(hub_role=HUB_HOME.hub_worker, external_id=EXTERNAL_ID, org_id="o-abcdefghij")
    iam = company.aws.root(SPOKE)
    before = iam.get_role(RoleName=identities.WORKER)["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName=identities.WORKER, PolicyDocument=aws.roles.compact(trust))
    try:
        with pytest.raises(ClientError, match="AccessDenied"):
            company.spoke_identity(HOME.worker)
    finally:
        iam.update_assume_role_policy(RoleName=identities.WORKER, PolicyDocument=aws.roles.compact(before))
    assert company.spoke_identity(HOME.worker).token


def test_the_home_of_an_identity_is_outside_of_what_it_may_write() -> None:
    assert not Home("aws", SPOKE).worker.startswith(Home("aws", SPOKE).roles.removesuffix("*"))
