"""A run of the contract leaves nothing behind, whatever it made before it failed."""

from tests.contract.cleanup import sweep_account
from tests.contract.rows import Play
from tests.contract.sandbox import Side, local_sandbox
from tests.contract.table import ROWS
from tests.localaws.server import LocalAws, local_aws


def names_in(aws: LocalAws, side: Side) -> set[str]:
    """Return the names of everything in an account."""
    iam = aws.root(side.account)
    details = iam.get_account_authorization_details(MaxItems=1000)
    devices = iam.list_virtual_mfa_devices(AssignmentStatus="Any")["VirtualMFADevices"]
    return (
        {user["UserName"] for user in details["UserDetailList"]}
        | {role["RoleName"] for role in details["RoleDetailList"]}
        | {group["GroupName"] for group in details["GroupDetailList"]}
        | {policy["PolicyName"] for policy in details["Policies"]}
        | {device["SerialNumber"] for device in devices}
        | {bucket["Name"] for bucket in aws.root(side.account, "s3").list_buckets()["Buckets"]}
    )


def test_the_cleanup_deletes_everything_of_the_run_and_nothing_else() -> None:
    with local_aws() as aws, local_sandbox(aws) as sandbox:
        for row in ROWS:
            aws.clock(0)
            row.act(Play(sandbox))
        aws.root().create_user(UserName="somebody-elses")
        assert len(names_in(aws, sandbox.host)) > len(ROWS) // 2
        for side in (sandbox.host, sandbox.contractor):
            sweep_account(side.client("iam"), side.client("s3"), sandbox.prefix)
        assert names_in(aws, sandbox.host) == {"somebody-elses"}
        assert names_in(aws, sandbox.contractor) == set()
