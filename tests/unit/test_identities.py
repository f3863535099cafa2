"""What the portal's identities may do: the same in the module, in the templates and in the Terraform modules."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from access import verify, workload_identities
from access.bypass import BYPASSES, BypassKind
from access.trust import same
from access.workload_identities import Home
from tests.fakes.cloudformation import Stack
from tests.localaws.server import ROOT

ACCOUNT, HUB = "333333333333", "111111111111"
HOME, HUB_HOME = Home("aws", ACCOUNT), Home("aws", HUB)
EXTERNAL_ID, ORG_ID = "id-of-this-account-alone", "o-abcdefghij"
IMPORTED = [f"arn:aws:iam::{ACCOUNT}:role/legacy/imported"]
GIVEN = {"HubWorkerArn": HUB_HOME.hub_worker, "HubBuilderArn": HUB_HOME.hub_builder, "ExternalId": EXTERNAL_ID}
RUNS_AS = {"WorkerRunsAsArn": f"arn:aws:iam::{HUB}:role/machine", "WebRunsAsArn": f"arn:aws:iam::{HUB}:role/web"}
# What a Terraform module's references stand for when it is used with the same values.
TERRAFORM = {
    "local.partition": "aws",
    "local.account_id": ACCOUNT,
    "var.hub_worker_arn": HUB_HOME.hub_worker,
    "var.hub_builder_arn": HUB_HOME.hub_builder,
    "var.external_id": EXTERNAL_ID,
    "var.org_id": ORG_ID,
    "var.imported_role_arns": IMPORTED,
    "var.worker_runs_as_arn": RUNS_AS["WorkerRunsAsArn"],
    "var.web_runs_as_arn": RUNS_AS["WebRunsAsArn"],
    "var.allowed_account_ids": [HUB],
    "var.hub_role_arns": [HUB_HOME.hub_worker],
}


def inline(stack: Stack, role: str) -> Any:
    (policy,) = stack.resource(role)["Policies"]
    return policy["PolicyDocument"]


def terraform(module: str) -> dict[str, Any]:
    """Return the documents of a Terraform module, its references resolved."""
    text = (ROOT / "deploy" / "terraform" / module / "policies.tf.json").read_text()

    def known(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: known(part) for name, part in value.items()}
        if isinstance(value, list):
            return [known(part) for part in value]
        for name, meaning in TERRAFORM.items():
            if value == f"${{{name}}}":
                return meaning
            value = value.replace(f"${{{name}}}", str(meaning))
        return value

    found: dict[str, Any] = known(json.loads(text)["locals"])
    return found


def statements(document: dict[str, Any], effect: str) -> Iterator[dict[str, Any]]:
    return (statement for statement in document["Statement"] if statement["Effect"] == effect)


def test_the_template_of_an_account_contains_the_documents_of_the_module() -> None:
    stack = Stack.of("account", ACCOUNT, **GIVEN, ImportedRoleArns=IMPORTED)
    assert inline(stack, "Worker") == workload_identities.worker(HOME)
    assert inline(stack, "Builder") == workload_identities.builder(HOME)
    assert stack.resource("Boundary")["PolicyDocument"] == workload_identities.boundary()
    assert stack.resource("WorkerAdopted") | {"RoleName": ""} == {
        "RoleName": "",
        "PolicyName": "daypass-adopted",
        "PolicyDocument": workload_identities.worker_imported(IMPORTED),
    }


def test_the_spokes_trust_one_role_of_the_hub_with_the_accounts_own_id() -> None:
    stack = Stack.of("account", ACCOUNT, **GIVEN)
    for name, hub_role in (("Worker", HUB_HOME.hub_worker), ("Builder", HUB_HOME.hub_builder)):
        (statement,) = stack.resource(name)["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"AWS": hub_role}
        assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}


def test_a_given_organisation_is_required_too() -> None:
    stack = Stack.of("account", ACCOUNT, **GIVEN, OrgId=ORG_ID)
    (statement,) = stack.resource("Worker")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL_ID, "aws:PrincipalOrgID": ORG_ID}}


def test_without_imported_roles_no_policy_mentions_them() -> None:
    assert Stack.of("account", ACCOUNT, **GIVEN).resource("WorkerAdopted") is None
    assert Stack.of("hub", HUB, **RUNS_AS).resource("IssuerAdopted") is None


@pytest.mark.parametrize("arn", ["arn:aws:iam::333333333333:role/*", "*", "arn:aws:iam::333333333333:role/x?"])
def test_an_imported_role_is_named_exactly_or_the_template_is_refused(arn: str) -> None:
    with pytest.raises(AssertionError, match="ImportedRoleArns"):
        Stack.of("account", ACCOUNT, **GIVEN, ImportedRoleArns=arn)


def test_the_terraform_modules_contain_the_same_documents() -> None:
    account, hub = terraform("account"), terraform("hub")
    assert account["worker"] == workload_identities.worker(HOME)
    assert account["builder"] == workload_identities.builder(HOME)
    assert account["boundary"] == workload_identities.boundary()
    assert account["worker_imported"] == workload_identities.worker_imported(IMPORTED)
    spoke = {"hub_role": HUB_HOME.hub_worker, "external_id": EXTERNAL_ID}
    assert account["worker_trust"] == workload_identities.spoke_trust(**spoke)
    assert account["worker_trust_in_organisation"] == workload_identities.spoke_trust(**spoke, org_id=ORG_ID)
    assert hub["issuer"] == workload_identities.issuer("aws")
    assert hub["worker"] == inline(Stack.of("hub", HUB, **RUNS_AS), "Worker")
    assert hub["issuer_trust"] == workload_identities.trust(RUNS_AS["WebRunsAsArn"])


def test_the_template_of_a_single_account_contains_the_same_documents() -> None:
    stack = Stack.of("single", ACCOUNT, **RUNS_AS, ImportedRoleArns=IMPORTED)
    module = terraform("single")
    documents = {
        "worker": workload_identities.worker(HOME),
        "builder": workload_identities.builder(HOME),
        "issuer": workload_identities.issuer_of(HOME),
        "boundary": workload_identities.boundary(),
        "worker_trust": workload_identities.trust(RUNS_AS["WorkerRunsAsArn"]),
        "issuer_trust": workload_identities.trust(RUNS_AS["WebRunsAsArn"]),
    }
    for name, role in (("worker", "Worker"), ("builder", "Builder"), ("issuer", "Issuer")):
        assert inline(stack, role) == module[name] == documents[name]
    assert {name: module[name] for name in documents} == documents
    assert stack.resource("Boundary")["PolicyDocument"] == documents["boundary"]
    for role, trust in (("Worker", "worker_trust"), ("Builder", "worker_trust"), ("Issuer", "issuer_trust")):
        assert stack.resource(role)["AssumeRolePolicyDocument"] == documents[trust]
    for role, name in (("WorkerAdopted", "worker_imported"), ("IssuerAdopted", "issuer_imported")):
        assert stack.resource(role)["PolicyDocument"] == module[name]


def test_the_policy_of_the_organisation_admits_only_the_listed_accounts_and_the_hub() -> None:
    parameters = {"AllowedAccountIds": [HUB], "HubRoleArns": [HUB_HOME.hub_worker], "TargetIds": ["r-abcd"]}
    content = Stack.of("organisation", HUB, **parameters).resource("Policy")["Content"]
    assert content == terraform("organisation")["policy"]
    roles, spokes = content["Statement"]
    assert {statement["Effect"] for statement in (roles, spokes)} == {"Deny"}
    assert roles["Condition"] == {"StringNotEquals": {"aws:PrincipalAccount": [HUB]}}
    assert spokes["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": [HUB_HOME.hub_worker]}}
    assert HOME.worker.replace(ACCOUNT, "*") in spokes["Resource"]


def test_no_identity_has_a_wildcard_action_and_none_can_remove_a_boundary() -> None:
    for document in (workload_identities.worker(HOME), workload_identities.builder(HOME)):
        assert not [action for one in statements(document, "Allow") for action in one["Action"] if "*" in action]
        denied = {action for one in statements(document, "Deny") if one["Resource"] == "*" for action in one["Action"]}
        assert {
            "iam:PassRole",
            "iam:CreatePolicyVersion",
            "iam:DeleteRolePermissionsBoundary",
            "sts:AssumeRole",
        } <= denied


def test_no_session_with_the_boundary_can_change_permissions_or_assume_another_identity() -> None:
    everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    left = verify.can_bypass_expiry([everything], workload_identities.boundary())
    found = [one for one in BYPASSES if one.action in left]
    assert {one.kind for one in found} == {BypassKind.CODE, BypassKind.ACCESS}
    admitting = {one.action.partition(":")[0] for one in found if one.kind is BypassKind.ACCESS}
    assert admitting == {"eks", "transfer"}  # a cluster's and a server's own users
    assert set(verify.can_bypass_expiry([everything], None)) > set(left)


def test_the_boundary_denies_the_tokens_that_outlive_a_session() -> None:
    (deny,) = statements(workload_identities.boundary(), "Deny")
    assert {"signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"} <= set(deny["Action"])
    assert deny["Resource"] == "*"
    assert "Condition" not in deny


def test_an_older_boundary_differs_from_the_template() -> None:
    assert not any(same(older, workload_identities.boundary()) for older in workload_identities.older_boundaries())


def test_the_documents_fit_into_a_role() -> None:
    for document in (workload_identities.worker(HOME), workload_identities.builder(HOME)):
        assert len(json.dumps(document, separators=(",", ":"))) < 10_240 / 2
