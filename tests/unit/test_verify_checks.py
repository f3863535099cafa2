"""The judge finds every way in which a compiled document could be wrong: one mutation of a good one after the other."""

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from access.lifecycle import GrantFacts, Problem, RoleFacts
from access.texts.text import Text
from access.trust import Document, compile_expiry_policy, compile_trust_policy
from access.verify import check
from tests.unit.facts import EVE_ARN, HOUR, IMPORTED, ISSUER_ARN, NOON, RICHARD_ARN, ROLE, grant

RICHARD = grant(
    "dprichardrichard",
    unique_id="AIDARICHARDRICHARD01",
    external_id="dp-ext-1",
    requires_mfa=True,
    source_cidrs=("203.0.113.0/24",),
)
PLAIN = grant("dpplainplainplai", principal_arn="arn:aws:iam::222222222222:user/Paul", ends_at=NOON + 2 * HOUR)
DEPLOY = grant(
    "dpdeploydeployde", principal_arn="arn:aws:iam::333333333333:role/Deploy", unique_id="AROADEPLOYDEPLOYDEP01"
)
RITA = grant(
    "dpritaritaritari", principal_arn=ISSUER_ARN, portal_issued=True, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR
)
EXPIRED = grant("dpexpiredexpired", starts_at=NOON - HOUR, ends_at=NOON, applied_at=NOON - HOUR)
REVOKED = grant("dprevokedrevoked", revoked_at=NOON, applied_at=NOON)
BLOCKED = grant("dpblockedblocked", problem=Problem.PRINCIPAL_DELETED)
GRANTS = (RICHARD, PLAIN, DEPLOY, RITA, EXPIRED, REVOKED, BLOCKED)

CI = {
    "Sid": "Ci",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::444444444444:role/ci"},
    "Action": "sts:AssumeRole",
}
GUARD = {
    "Sid": "Guard",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:AssumeRole",
    "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
}
ORPHANED = {**CI, "Sid": "dpstraystraystra"}
BEFORE: Document = {"Version": "2012-10-17", "Statement": [CI, GUARD, ORPHANED]}
AT = NOON + HOUR / 2


def compiled(role: RoleFacts) -> tuple[Document, Document]:
    trust = compile_trust_policy(role, GRANTS, present=BEFORE, now=AT).document
    expiry_policy = compile_expiry_policy(role, GRANTS, now=AT)
    assert expiry_policy is not None
    return copy.deepcopy(trust), copy.deepcopy(expiry_policy)


def judged(trust: Document, expiry_policy: Document | None, *, role: RoleFacts = ROLE) -> list[Text]:
    left_out = frozenset({BLOCKED.session_name})
    was = compile_expiry_policy(role, GRANTS, now=AT)
    return check(
        role,
        GRANTS,
        trust=trust,
        expiry_policy=expiry_policy,
        left_out=left_out,
        before=BEFORE,
        expiry_policy_before=was,
        now=AT,
    )


@pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
def test_a_compiled_policy_passes(role: RoleFacts) -> None:
    assert judged(*compiled(role), role=role) == []


Mutation = Callable[[Document], Any]


def of(document: Document, facts: GrantFacts) -> Document:
    """Return the statement of a grant, to be corrupted."""
    found: Document = next(s for s in document["Statement"] if s.get("Sid") == facts.session_name)
    return found


def condition(facts: GrantFacts, operator: str, key: str, value: Any) -> Mutation:
    return lambda trust: of(trust, facts)["Condition"].setdefault(operator, {}).update({key: value})


def without(facts: GrantFacts, operator: str, key: str | None = None) -> Mutation:
    def mutate(trust: Document) -> None:
        tests = of(trust, facts)["Condition"]
        if key is None:
            del tests[operator]
        else:
            del tests[operator][key]

    return mutate


def named(facts: GrantFacts, principal: Any) -> Mutation:
    return lambda trust: of(trust, facts).update(Principal=principal)


def added(statement: Document) -> Mutation:
    return lambda trust: trust["Statement"].append(statement)


def dropped(sid: str) -> Mutation:
    return lambda trust: trust.update(Statement=[s for s in trust["Statement"] if s.get("Sid") != sid])


def changed(sid: str, **elements: Any) -> Mutation:
    return lambda trust: next(s for s in trust["Statement"] if s.get("Sid") == sid).update(elements)


def swap(element: str, one: GrantFacts, other: GrantFacts) -> Mutation:
    def mutate(trust: Document) -> None:
        first, second = of(trust, one), of(trust, other)
        first[element], second[element] = second[element], first[element]

    return mutate


OPEN = {"Effect": "Allow", "Principal": {"AWS": EVE_ARN}, "Action": "sts:AssumeRole"}
NOW, START, END = "aws:CurrentTime", "DateGreaterThanEquals", "DateLessThan"
NAME = "sts:RoleSessionName"
TRUST_MUTATIONS: dict[str, Mutation] = {
    "the end is forgotten": without(RICHARD, END),
    "the start is forgotten": without(RICHARD, START),
    "both dates are forgotten": lambda trust: [without(PLAIN, END)(trust), without(PLAIN, START)(trust)],
    "all conditions are forgotten": lambda trust: of(trust, PLAIN).pop("Condition"),
    "the end is a second late": condition(RICHARD, END, NOW, "2026-11-24T13:00:01Z"),
    "the end is a second early": condition(RICHARD, END, NOW, "2026-11-24T12:59:59Z"),
    "the end is a year late": condition(RICHARD, END, NOW, "2027-11-24T13:00:00Z"),
    "the end is inside the window": lambda trust: of(trust, RICHARD)["Condition"].update(
        {"DateLessThanEquals": of(trust, RICHARD)["Condition"].pop(END)}
    ),
    "the start is a second early": condition(RICHARD, START, NOW, "2026-11-24T11:59:59Z"),
    "the start is a second late": condition(RICHARD, START, NOW, "2026-11-24T12:00:01Z"),
    "the start is outside the window": lambda trust: of(trust, RICHARD)["Condition"].update(
        {"DateGreaterThan": of(trust, RICHARD)["Condition"].pop(START)}
    ),
    "start and end have changed places": lambda trust: of(trust, RICHARD)["Condition"].update(
        {START: {NOW: "2026-11-24T13:00:00Z"}, END: {NOW: "2026-11-24T12:00:00Z"}}
    ),
    "the end may be one of two": condition(RICHARD, END, NOW, ["2026-11-24T13:00:00Z", "2027-01-01T00:00:00Z"]),
    "everybody is named": named(RICHARD, "*"),
    "every AWS principal is named": named(RICHARD, {"AWS": "*"}),
    "the whole account is named": named(RICHARD, {"AWS": "222222222222"}),
    "the root of the account is named": named(RICHARD, {"AWS": "arn:aws:iam::222222222222:root"}),
    "eve is named beside richard": named(RICHARD, {"AWS": [RICHARD_ARN, EVE_ARN]}),
    "eve is named instead of richard": named(RICHARD, {"AWS": EVE_ARN}),
    "a service is named beside richard": named(RICHARD, {"AWS": RICHARD_ARN, "Service": "ec2.amazonaws.com"}),
    "a federation is named beside richard": named(RICHARD, {"AWS": RICHARD_ARN, "Federated": "accounts.google.com"}),
    "everybody but eve is named": lambda trust: of(trust, PLAIN).update(
        NotPrincipal={"AWS": EVE_ARN}, Principal=of(trust, PLAIN).pop("Principal") and {}
    ),
    "two principals have changed places": swap("Principal", PLAIN, DEPLOY),
    "two conditions have changed places": swap("Condition", PLAIN, DEPLOY),
    "two session names have changed places": lambda trust: [
        condition(PLAIN, "StringEquals", NAME, DEPLOY.session_name)(trust),
        condition(DEPLOY, "StringEquals", NAME, PLAIN.session_name)(trust),
    ],
    "the session name is forgotten": without(PLAIN, "StringEquals", NAME),
    "the session name is any": lambda trust: [
        without(PLAIN, "StringEquals", NAME)(trust),
        condition(PLAIN, "StringLike", NAME, "*")(trust),
    ],
    "the session name is any of ours": lambda trust: [
        without(PLAIN, "StringEquals", NAME)(trust),
        condition(PLAIN, "StringLike", NAME, "dp*")(trust),
    ],
    "the session name is another grant's too": condition(
        PLAIN, "StringEquals", NAME, [PLAIN.session_name, DEPLOY.session_name]
    ),
    "the session name is a past grant's too": condition(
        PLAIN, "StringEquals", NAME, [PLAIN.session_name, EXPIRED.session_name]
    ),
    "the session name is one of two": condition(PLAIN, "StringEquals", NAME, [PLAIN.session_name, "spare"]),
    "the session name counts only when there is one": lambda trust: of(trust, PLAIN)["Condition"].update(
        {"StringEqualsIfExists": of(trust, PLAIN)["Condition"].pop("StringEquals")}
    ),
    "the unique id is forgotten": without(RICHARD, "StringEquals", "aws:userid"),
    "the unique id is another's": condition(RICHARD, "StringEquals", "aws:userid", "AIDAOTHEROTHEROTHER01"),
    "the unique id is any user's": lambda trust: [
        without(RICHARD, "StringEquals", "aws:userid")(trust),
        condition(RICHARD, "StringLike", "aws:userid", "AIDA*")(trust),
    ],
    "the role's unique id is forgotten": without(DEPLOY, "StringLike"),
    "the role's unique id is any": condition(DEPLOY, "StringLike", "aws:userid", "AROA*"),
    "the external id is forgotten": without(RICHARD, "StringEquals", "sts:ExternalId"),
    "the external id is another": condition(RICHARD, "StringEquals", "sts:ExternalId", "dp-ext-2"),
    "the external id is any": lambda trust: [
        without(RICHARD, "StringEquals", "sts:ExternalId")(trust),
        condition(RICHARD, "StringLike", "sts:ExternalId", "*")(trust),
    ],
    "the second factor is forgotten": without(RICHARD, "Bool"),
    "the second factor counts only when it is known": lambda trust: of(trust, RICHARD)["Condition"].update(
        {"BoolIfExists": of(trust, RICHARD)["Condition"].pop("Bool")}
    ),
    "the second factor must be absent": condition(RICHARD, "Bool", "aws:MultiFactorAuthPresent", "false"),
    "the address is forgotten": without(RICHARD, "IpAddress"),
    "the address is any": condition(RICHARD, "IpAddress", "aws:SourceIp", "0.0.0.0/0"),
    "the address is a smaller one": condition(RICHARD, "IpAddress", "aws:SourceIp", "203.0.113.0/25"),
    "there is an address more": condition(RICHARD, "IpAddress", "aws:SourceIp", ["203.0.113.0/24", "203.0.114.0/32"]),
    "every address of the other kind too": condition(RICHARD, "IpAddress", "aws:SourceIp", ["203.0.113.0/24", "::/0"]),
    "the address is a wider one": condition(RICHARD, "IpAddress", "aws:SourceIp", "203.0.0.0/16"),
    "any STS action is allowed": lambda trust: of(trust, PLAIN).update(Action="sts:*"),
    "sessions may be tagged": lambda trust: of(trust, PLAIN).update(Action=["sts:AssumeRole", "sts:TagSession"]),
    "everything but one action is allowed": lambda trust: of(trust, PLAIN).update(
        NotAction="sts:TagSession", Action=of(trust, PLAIN).pop("Action") and []
    ),
    "a grant denies instead": lambda trust: of(trust, PLAIN).update(Effect="Deny"),
    "a grant is missing": dropped(PLAIN.session_name),
    "a grant that starts later is missing": dropped(RITA.session_name),
    "an expired grant is still there": added({**OPEN, "Principal": {"AWS": RICHARD_ARN}, "Sid": EXPIRED.session_name}),
    "a revoked grant is still there": added({**OPEN, "Principal": {"AWS": RICHARD_ARN}, "Sid": REVOKED.session_name}),
    "a grant left out is there all the same": added(
        {**OPEN, "Principal": {"AWS": RICHARD_ARN}, "Sid": BLOCKED.session_name}
    ),
    "eve is admitted under an expired grant's name": added({**OPEN, "Sid": EXPIRED.session_name}),
    "eve is admitted under a live grant's name": added({**OPEN, "Sid": PLAIN.session_name}),
    "eve is admitted next year": added(
        {**OPEN, "Sid": PLAIN.session_name, "Condition": {START: {NOW: "2027-06-01T00:00:00Z"}}}
    ),
    "eve is admitted under the default-deny statement's name": added({**OPEN, "Sid": "dpclosed"}),
    "eve is admitted without a name": added(OPEN),
    "eve is admitted under a name like ours": added({**OPEN, "Sid": "dpevilevilevilev"}),
    "an unmanaged statement is lost": dropped("Ci"),
    "a guard of others is lost": dropped("Guard"),
    "a guard of others guards less": changed("Guard", Condition={"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
    "a guard of others guards nothing": changed("Guard", Action="sts:TagSession"),
    "a guard of others allows": changed("Guard", Effect="Allow"),
    "an unmanaged statement names somebody more": changed(
        "Ci", Principal={"AWS": ["arn:aws:iam::444444444444:role/ci", EVE_ARN]}
    ),
    "an unmanaged statement names somebody else": changed("Ci", Principal={"AWS": EVE_ARN}),
    "an unmanaged statement has lost its name": changed("Ci", Sid="Cd"),
    "all unmanaged statements are lost": lambda trust: [dropped("Ci")(trust), dropped("Guard")(trust)],
    "the document is empty": lambda trust: trust.update(Statement=[]),
    "everybody is denied": added(
        {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    ),
}


OF_OTHERS = {name for name in TRUST_MUTATIONS if name.startswith("an unmanaged statement")}  # a managed role has none


@pytest.mark.parametrize(
    ("role", "mutate"),
    [
        pytest.param(role, mutate, id=f"{kind}-{name}")
        for kind, role in (("managed", ROLE), ("imported", IMPORTED))
        for name, mutate in TRUST_MUTATIONS.items()
        if role is IMPORTED or name not in OF_OTHERS
    ],
)
def test_a_corrupted_trust_policy_is_found(mutate: Mutation, role: RoleFacts) -> None:
    trust, expiry_policy = compiled(role)
    mutate(trust)
    assert judged(trust, expiry_policy, role=role)


def test_an_allow_that_no_grant_explains_must_not_stay_on_a_managed_role() -> None:
    trust, expiry_policy = compiled(ROLE)
    added(CI)(trust)
    assert judged(trust, expiry_policy) == [Text("finding_allow_stays")]


DEFAULT_DENY = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def checked_beside(
    trust: Document, *before: Document, role: RoleFacts, left_out: bool = True, accepted: tuple[str, ...] = ()
) -> list[Text]:
    """Return what the judge finds of a trust policy that replaces `before`, for a role with one new grant."""
    expiry_policy = None if left_out else compile_expiry_policy(role, [PLAIN], now=AT)
    return check(
        role,
        [PLAIN],
        trust=trust,
        expiry_policy=expiry_policy,
        left_out=frozenset({PLAIN.session_name} if left_out else ()),
        before={"Version": "2012-10-17", "Statement": list(before)},
        expiry_policy_before=None,
        now=AT,
        accepted=accepted,
    )


@pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
def test_the_default_deny_statement_must_stay_while_nothing_is_granted(role: RoleFacts) -> None:
    kept: Document = {"Version": "2012-10-17", "Statement": [GUARD]}
    assert Text("finding_default_deny_missing") in checked_beside(kept, DEFAULT_DENY, GUARD, role=role)
    assert checked_beside({**kept, "Statement": [GUARD, DEFAULT_DENY]}, DEFAULT_DENY, GUARD, role=role) == []


def test_no_grant_is_written_beside_an_allow_that_nobody_accepted() -> None:
    before: Document = {"Version": "2012-10-17", "Statement": [DEFAULT_DENY, CI]}
    sha256 = hashlib.sha256(json.dumps(CI, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    written = compile_trust_policy(IMPORTED, [PLAIN], present=before, now=AT, accepted=[sha256]).document
    assert PLAIN.session_name in str(written)
    assert checked_beside(written, DEFAULT_DENY, CI, role=IMPORTED, left_out=False, accepted=(sha256,)) == []
    assert checked_beside(written, DEFAULT_DENY, CI, role=IMPORTED, left_out=False) == [
        Text("finding_allow_not_accepted"),
        Text("finding_default_deny_missing"),
    ]
    assert checked_beside(before, DEFAULT_DENY, CI, role=IMPORTED) == []


@pytest.mark.parametrize(
    "lock",
    [
        DEFAULT_DENY | {"Action": "sts:*"},
        DEFAULT_DENY | {"Action": ["sts:AssumeRole", "sts:TagSession"]},
        DEFAULT_DENY | {"Condition": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/admin"}}},
        {"Sid": "dpclosed", "Effect": "Deny", "NotPrincipal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"},
    ],
)
def test_a_changed_default_deny_statement_is_replaced_by_one_that_denies_no_less(lock: Document) -> None:
    alone: Document = {"Version": "2012-10-17", "Statement": [CI]}
    missing = Text("finding_default_deny_missing")
    assert checked_beside(alone, lock, CI, role=IMPORTED) == [missing]
    is_broader = "Condition" not in lock and "Action" in lock and "Principal" in lock
    less = Text("finding_default_deny_weaker")
    kept = checked_beside({**alone, "Statement": [lock, CI]}, lock, CI, role=IMPORTED)
    assert kept == [] if is_broader else missing in kept
    assert checked_beside({**alone, "Statement": [DEFAULT_DENY, CI]}, lock, CI, role=IMPORTED) == (
        [less] if is_broader else []
    )
    sha256 = hashlib.sha256(json.dumps(CI, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    written = compile_trust_policy(IMPORTED, [PLAIN], present=alone, now=AT, accepted=[sha256]).document
    assert checked_beside(written, lock, CI, role=IMPORTED, left_out=False) == [
        Text("finding_allow_not_accepted"),
        missing,
    ]


def test_an_orphaned_statement_missing_from_an_imported_role_is_found() -> None:
    trust, expiry_policy = compiled(IMPORTED)
    dropped("dpstraystraystra")(trust)
    assert judged(trust, expiry_policy, role=IMPORTED) == [Text("finding_unmanaged_lost")]


def test_the_principal_of_an_unproven_grant_can_be_any_user_of_that_name() -> None:
    loose = tuple(replace(facts, unique_id="") for facts in GRANTS)
    trust = compile_trust_policy(ROLE, loose, present=None, now=AT).document
    expiry_policy = compile_expiry_policy(ROLE, loose, now=AT)
    found = check(
        ROLE,
        loose,
        trust=trust,
        expiry_policy=expiry_policy,
        left_out=frozenset({BLOCKED.session_name}),
        before=None,
        expiry_policy_before=None,
        now=AT,
    )
    assert found == []
