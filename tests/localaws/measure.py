"""How fast the local AWS is: `python -m tests.localaws.measure` prints one line a figure."""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.localaws.example import ROLE, ROLE_ARN, document, make_example, trust
from tests.localaws.server import LocalAws, start

CALLS = 500
ROLES = 1_000
GRANTS = [
    trust(Sid=f"grant{n}", Condition={"StringEquals": {"sts:RoleSessionName": f"grant-{n}"}, "DateLessThan": {
        "aws:CurrentTime": "2099-01-01T00:00:00Z"
    }})
    for n in range(5)
]  # fmt: skip


def rate(call: Callable[[], Any]) -> str:
    """Return how many calls a second one thread makes."""
    call()
    began = time.perf_counter()
    for _ in range(CALLS):
        call()
    return f"{CALLS / (time.perf_counter() - began):.0f}/s"


def seconds(call: Callable[[], Any]) -> str:
    began = time.perf_counter()
    call()
    return f"{time.perf_counter() - began:.2f} s"


def memory(aws: LocalAws) -> str:
    status = Path(f"/proc/{aws.process.pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return f"{int(kilobytes) // 1024} MB"


def measure(aws: LocalAws) -> None:
    """Print the figures of a running local AWS."""
    example, iam = make_example(aws), aws.root()
    sts, text = aws.as_(example.richard, "sts"), json.dumps(document(*GRANTS))
    print("memory at the start", memory(aws))
    print("AssumeRole", rate(lambda: sts.assume_role(RoleArn=ROLE_ARN, RoleSessionName="grant-1")))
    print("GetRole", rate(lambda: iam.get_role(RoleName=ROLE)))
    print("UpdateAssumeRolePolicy", rate(lambda: iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=text)))
    for number in range(ROLES):
        iam.create_role(RoleName=f"role-{number}", Path="/daypass/", AssumeRolePolicyDocument=text)
    print(f"ListRoles, {ROLES} roles", seconds(lambda: list(iam.get_paginator("list_roles").paginate())))
    details = iam.get_paginator("get_account_authorization_details")
    print(f"GetAccountAuthorizationDetails, {ROLES} roles", seconds(lambda: list(details.paginate())))
    print(f"memory with {ROLES} roles", memory(aws))
    print("reset", seconds(aws.reset))


def main() -> None:
    with tempfile.TemporaryDirectory() as kept:
        began = time.perf_counter()
        aws = start(state_dir=kept)
        print(f"start {time.perf_counter() - began:.2f} s")
        try:
            measure(aws)
        finally:
            aws.stop()


if __name__ == "__main__":
    main()
