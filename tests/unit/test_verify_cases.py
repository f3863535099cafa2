"""Trust policies on which the judge was once wrong; an independent engine and AWS documentation say what is right.

A row of `verify_cases.json` holds a document, who calls and when, and whether AWS admits them in one request that they
can make. The judge knows less than that request: so it must never refuse where AWS admits, and must refuse
what AWS refuses for certain.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from access.verify import Caller, admits
from access.verify.evaluator import could_admit

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "verify_cases.json").read_text())
SSO = "AWSReservedSSO_Dev_0123456789abcdef"
WHO = {
    "user": ("arn:aws:iam::222222222222:user/team/Richard", "AIDARICHARDRICHARD01"),
    "own": ("arn:aws:iam::111111111111:user/issuer", "AIDAISSUERISSUERISS01"),
    "role": ("arn:aws:iam::333333333333:role/x/Deploy", "AROADEPLOYDEPLOYDEP01:me"),
    "sso": (f"arn:aws:sts::333333333333:assumed-role/{SSO}/rita@example.org", "AROASSOSSOSSOSSOSSO01:rita@example.org"),
}
ADMITTED = [row for row in ROWS if row["aws_admits"]]
# A Deny for the caller's role also denies their session, and a session's aws:PrincipalArn is its role's: both are
# certain.
REFUSED = [row for row in ROWS if not row["aws_admits"] and row["what"] in (
    "Deny names the caller's role or session", "aws:PrincipalArn of a session is its role's ARN",
)]  # fmt: skip


def caller(row: dict[str, Any]) -> Caller:
    arn, user_id = WHO[row["who"]]
    return Caller(arn=arn, user_id=user_id, **row["caller"])


def name(row: dict[str, Any]) -> str:
    return f"{ROWS.index(row)} {row['what']}"


def test_no_row_is_missing() -> None:
    assert (len(ADMITTED), len(REFUSED), len(ROWS)) == (54, 12, 90)


@pytest.mark.parametrize("row", ADMITTED, ids=name)
def test_the_verifier_never_calls_refused_what_aws_admits(row: dict[str, Any]) -> None:
    at = datetime.fromisoformat(row["at"])
    assert admits(row["doc"], caller(row), at=at)
    assert could_admit(row["doc"], caller(row), at=at)


@pytest.mark.parametrize("row", REFUSED, ids=name)
def test_the_verifier_refuses_what_aws_certainly_refuses(row: dict[str, Any]) -> None:
    at = datetime.fromisoformat(row["at"])
    assert not admits(row["doc"], caller(row), at=at)
    assert not could_admit(row["doc"], caller(row), at=at)
