"""Whatever was granted: what the compiler makes, the judge lets pass, and the two share no code."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import access.trust
import access.verify
from access.lifecycle import GrantFacts, RoleFacts
from access.trust import compile_expiry_policy, compile_trust_policy, hashes, same
from access.verify import check
from tests.unit.facts import IMPORTED, ISSUER_ARN, NOON, ROLE, grant, numbered

SECONDS = st.integers(-30 * 24 * 3600, 30 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))
LENGTHS = st.integers(1, 30 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))
PRINCIPALS = st.sampled_from(
    [
        ("arn:aws:iam::222222222222:user/Richard", "AIDARICHARDRICHARD01"),
        ("arn:aws:iam::222222222222:user/Paul", ""),
        ("arn:aws:iam::222222222222:role/a/b/Deploy", "AROADEPLOYDEPLOYDEP01"),
        ("arn:aws:iam::333333333333:role/Deploy", ""),
        (ISSUER_ARN, ""),
    ]
)
UNMANAGED = st.sampled_from(
    [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444444444444:role/ci"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com"]}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::444444444444:root"}, "Action": "sts:*"},
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["AIDADEADDEADDEADDEAD1", "444444444444"]},
            "Action": "sts:AssumeRole",
        },
        {"Effect": "Allow", "Principal": {"AWS": "AIDADEADDEADDEADDEAD1"}, "Action": "sts:AssumeRole"},
        {
            "Sid": "dpstraystraystra",
            "Effect": "Allow",
            "Principal": {"AWS": "444444444444"},
            "Action": "sts:AssumeRole",
        },
        {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
        {"Sid": "dpclosed", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
    ]
)


NETWORKS = [
    (),
    ("203.0.113.0/24",),
    ("203.0.113.7/32", "198.51.100.0/28"),
    ("198.51.100.0/24", "2001:db8::/32"),
    ("2001:db8::1/128", "203.0.113.0/25", "203.0.113.128/25"),
]


DEFAULT_DENY: dict[str, object] = {
    "Sid": "dpclosed",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "sts:AssumeRole",
}


@st.composite
def grants(draw: st.DrawFn, number: int) -> GrantFacts:
    """Return one grant in any state that the database can hold."""
    principal, unique_id = draw(PRINCIPALS)
    starts_at = NOON + draw(SECONDS)
    ends_at = starts_at + draw(LENGTHS)
    revoked_at = draw(st.sampled_from([None, starts_at]))
    over = revoked_at is not None or ends_at <= NOON
    return numbered(
        number,
        principal_arn=principal,
        unique_id=unique_id,
        portal_issued=principal == ISSUER_ARN,
        starts_at=starts_at,
        ends_at=ends_at,
        external_id=draw(st.sampled_from(["", "dp-ext-1", "dp-ext-2"])),
        requires_mfa=draw(st.booleans()),
        source_cidrs=draw(st.sampled_from(NETWORKS)),
        revoked_at=revoked_at,
        removed_at=draw(st.sampled_from([None, max(NOON - timedelta(hours=20), ends_at)])) if over else None,
    )


@given(
    granted=st.integers(0, 6).flatmap(lambda count: st.tuples(*(grants(number) for number in range(count)))),
    unmanaged=st.lists(UNMANAGED, max_size=3),
    lock=st.sampled_from([[], [DEFAULT_DENY]]),
    accepts=st.booleans(),
    role=st.sampled_from([ROLE, IMPORTED]),
)
def test_a_compiled_policy_passes_the_verifier_and_compiles_again_to_the_same(
    granted: tuple[GrantFacts, ...],
    unmanaged: list[dict[str, object]],
    lock: list[dict[str, object]],
    accepts: bool,
    role: RoleFacts,
) -> None:
    before = {"Version": "2012-10-17", "Statement": [*lock, *unmanaged]}
    accepted = hashes(before) if accepts else frozenset()
    compiled = compile_trust_policy(role, granted, present=before, now=NOON, accepted=accepted)
    expiry_policy = compile_expiry_policy(role, granted, now=NOON)
    findings = check(
        role,
        granted,
        trust=compiled.document,
        expiry_policy=expiry_policy,
        left_out=frozenset(compiled.left_out),
        before=before,
        expiry_policy_before=None,
        now=NOON,
        accepted=accepted,
    )
    assert findings == []
    again = compile_trust_policy(role, granted, present=compiled.document, now=NOON, accepted=accepted)
    assert again.document == compiled.document
    assert same(again.document, compiled.document)


def test_a_forged_default_deny_statement_is_replaced_and_reported() -> None:
    forged = {"Sid": "dpclosed", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    compiled = compile_trust_policy(ROLE, [grant()], present={"Statement": [forged]}, now=NOON)
    assert compiled.orphaned == (forged,)
    assert [s["Sid"] for s in compiled.document["Statement"]] == [grant().session_name]


def imported_by(package: str) -> set[str]:
    """Return every module that the files of a package import."""
    found: set[str] = set()
    for file in Path(package).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                found.add(str(node.module))
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize(
    ("package", "other"), [(access.verify.__file__, "access.trust"), (access.trust.__file__, "access.verify")]
)
def test_compiler_and_verifier_share_no_code(package: str, other: str) -> None:
    imported = imported_by(package)
    assert imported
    assert not [module for module in imported if module.startswith(other)]


def test_the_verifier_does_not_even_use_the_parser_of_arns() -> None:
    assert not [module for module in imported_by(access.verify.__file__) if module.startswith("access.arns")]
