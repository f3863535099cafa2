"""Statements of other people in a role's trust policy: they survive as they are, whatever shape they have."""

from typing import Any

import pytest

from access.lifecycle import Problem, RoleFacts
from access.texts.text import Text
from access.trust import Document, Fate, NotWritable, compile_trust_policy, hashes, same, statement_hash
from access.verify import check
from access.verify.unmanaged import check_unmanaged
from tests.refusals import refusing
from tests.unit.facts import IMPORTED, NOON, ROLE, grant

CI = "arn:aws:iam::333333333333:role/ci"
ODD: dict[str, Document] = {
    "a role": {"Effect": "Allow", "Principal": {"AWS": CI}, "Action": "sts:AssumeRole"},
    "several principals": {"Effect": "Allow", "Principal": {"AWS": [CI, "444444444444"]}, "Action": "sts:AssumeRole"},
    "everybody": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
    "a service": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    "two services": {
        "Effect": "Allow",
        "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    },
    "a federation": {
        "Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::111111111111:saml-provider/Okta"},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    },
    "a mixture": {
        "Effect": "Allow",
        "Principal": {"AWS": CI, "Service": "ec2.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    },
    "an exception": {"Effect": "Deny", "NotPrincipal": {"AWS": [CI]}, "Action": "sts:AssumeRole"},
    "another action": {"Effect": "Deny", "Principal": {"AWS": "*"}, "NotAction": "sts:AssumeRole"},
    "an unknown operator": {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sts:*",
        "Condition": {
            "ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a*", "b?"]},
            "Null": {"sts:ExternalId": True},
        },
    },
    "a Sid of its own": {"Sid": "dpDeploy", "Effect": "Allow", "Principal": {"AWS": CI}, "Action": "sts:AssumeRole"},
    "a Sid nearly like ours": {
        "Sid": "dp1chardrichard1",
        "Effect": "Allow",
        "Principal": {"AWS": CI},
        "Action": "sts:A",
    },
    "an empty Sid": {"Sid": "", "Effect": "Allow", "Principal": {"AWS": CI}, "Action": "sts:AssumeRole"},
}
ORPHANED = {"Sid": "dpstraystraystra", "Effect": "Allow", "Principal": {"AWS": CI}, "Action": "sts:AssumeRole"}


def document(*statements: Document, **rest: Any) -> Document:
    return {"Version": "2012-10-17", **rest, "Statement": list(statements)}


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD.keys())
def test_an_unmanaged_statement_survives_beside_ours(statement: Document) -> None:
    found = compile_trust_policy(IMPORTED, [grant()], present=document(statement), now=NOON)
    assert statement in found.document["Statement"]
    assert len(found.document["Statement"]) == 2
    again = compile_trust_policy(IMPORTED, [grant(revoked_at=NOON)], present=found.document, now=NOON)
    assert same(again.document, document(statement))


DEFAULT_DENY = {"Sid": "dpclosed", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize("statement", [*ODD.values(), "no object", 7, {}, {"Effect": "deny"}, {"NotPrincipal": "*"}])
def test_a_managed_role_keeps_the_unmanaged_denies_and_nothing_else(statement: Any) -> None:
    is_deny = isinstance(statement, dict) and statement.get("Effect") == "Deny"
    for grants, rest in (([], 1), ([grant()], 1)):
        found = compile_trust_policy(ROLE, grants, present=document(DEFAULT_DENY, statement), now=NOON)
        assert (statement in found.document["Statement"]) is is_deny
        assert len(found.document["Statement"]) == rest + is_deny
        assert (DEFAULT_DENY in found.document["Statement"]) == (not grants)
        assert [(one.statement, one.fate) for one in found.unmanaged] == [
            (statement, Fate.DENY if is_deny else Fate.REMOVED)
        ]


@pytest.mark.parametrize(
    "spelled", [DEFAULT_DENY, {**DEFAULT_DENY, "Principal": "*"}, {**DEFAULT_DENY, "Action": ["STS:AssumeRole"]}]
)
@pytest.mark.parametrize("statement", [*ODD.values(), "no object", {}])
def test_no_grant_is_written_beside_an_allow_that_the_default_deny_statement_holds_back(
    statement: Any, spelled: Document
) -> None:
    is_deny = isinstance(statement, dict) and statement.get("Effect") == "Deny"
    present = document(spelled, statement)
    found = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON)
    if is_deny:
        assert found.left_out == {}
        return
    assert found.left_out[grant().session_name][0] == Problem.UNMANAGED_STATEMENT
    assert same(found.document, present)
    accepted = [statement_hash(statement)]
    then = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON, accepted=accepted)
    assert then.left_out == {}
    assert DEFAULT_DENY not in then.document["Statement"]


CHANGED_LOCKS = {
    "all of STS": {**DEFAULT_DENY, "Action": "sts:*"},
    "more actions": {**DEFAULT_DENY, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]},
    "every action but one": {**{k: v for k, v in DEFAULT_DENY.items() if k != "Action"}, "NotAction": "sts:TagSession"},
    "a condition": {**DEFAULT_DENY, "Condition": {"StringNotEquals": {"aws:PrincipalArn": CI}}},
    "one principal": {**DEFAULT_DENY, "Principal": {"AWS": CI}},
    "an exception": {"Sid": "dpclosed", "Effect": "Deny", "NotPrincipal": {"AWS": CI}, "Action": "sts:AssumeRole"},
}


MORE = {
    "all of STS": {**DEFAULT_DENY, "Action": "sts:*"},
    "more actions": {**DEFAULT_DENY, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]},
    "every action but one": {**DEFAULT_DENY, "Action": "sts:*"},
}


@pytest.mark.parametrize("name", CHANGED_LOCKS)
@pytest.mark.parametrize("grants", [[], [grant()]], ids=["alone", "with a grant"])
def test_a_changed_default_deny_statement_of_an_imported_role_is_replaced_by_ours_and_never_removed(
    name: str, grants: list[Any]
) -> None:
    present = document(CHANGED_LOCKS[name], ODD["a role"])
    found = compile_trust_policy(IMPORTED, grants, present=present, now=NOON)
    assert found.document["Statement"] == [ODD["a role"], MORE.get(name, DEFAULT_DENY)]
    assert [one.fate for one in found.unmanaged] == [Fate.HELD]
    assert all(problem == Problem.UNMANAGED_STATEMENT for problem, _ in found.left_out.values())
    assert len(found.left_out) == len(grants)
    accepted = [statement_hash(ODD["a role"])]
    then = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON, accepted=accepted)
    assert then.left_out == {}


BROADER = {
    "all of STS": {**DEFAULT_DENY, "Action": "sts:*"},
    "everything": {**DEFAULT_DENY, "Action": "*"},
    "all that assumes": {**DEFAULT_DENY, "Action": ["sts:AssumeRole*"]},
    "the federated ones": {
        **DEFAULT_DENY,
        "Action": ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"],
    },
    "everybody federated too": {**DEFAULT_DENY, "Principal": {"AWS": "*", "Federated": "*"}, "Action": "sts:*"},
}
FEDERATED = {
    "Effect": "Allow",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
}


@pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
@pytest.mark.parametrize("lock", BROADER.values(), ids=BROADER.keys())
def test_a_broader_default_deny_statement_stays(lock: Document, role: RoleFacts) -> None:
    present = document(lock, FEDERATED)
    found = compile_trust_policy(role, [], present=present, now=NOON).document
    assert any(same(document(lock), document(one)) for one in found["Statement"])
    facts: Any = {
        "expiry_policy": None,
        "left_out": frozenset(),
        "before": present,
        "expiry_policy_before": None,
        "now": NOON,
    }
    assert check(role, [], trust=found, **facts) == []
    standard = document(*(DEFAULT_DENY if one.get("Sid") == "dpclosed" else one for one in found["Statement"]))
    assert check(role, [], trust=standard, **facts) != []


@pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
@pytest.mark.parametrize(
    "more", [{"Principal": {"AWS": CI}}, {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}]
)
def test_a_reduced_default_deny_statement_of_more_actions_becomes_one_of_both(more: Document, role: RoleFacts) -> None:
    lock = {**DEFAULT_DENY, "Action": ["sts:AssumeRoleWithSAML"], **more}
    found = compile_trust_policy(role, [], present=document(lock, FEDERATED), now=NOON).document
    assert {**DEFAULT_DENY, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithSAML"]} in found["Statement"]


def test_accepting_one_statement_does_not_accept_another() -> None:
    present, other = document(DEFAULT_DENY, ODD["a role"], ODD["a service"]), [statement_hash(ODD["a service"])]
    found = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON, accepted=other)
    assert [one.fate for one in found.unmanaged] == [Fate.HELD, Fate.ACCEPTED]
    assert found.left_out[grant().session_name][0] == Problem.UNMANAGED_STATEMENT


VERSIONS: dict[str, Document] = {
    "present": {"Version": "2012-10-17"},
    "old": {"Version": "2008-10-17"},
    "none": {},
    "odd": {"Version": 1e3},
}


@pytest.mark.parametrize("shown", VERSIONS)
@pytest.mark.parametrize("now", VERSIONS)
def test_an_acceptance_holds_for_the_version_of_the_statement_that_was_shown(shown: str, now: str) -> None:
    """The old version reads `${aws:username}` as plain text, the present one as a variable: another statement."""
    accepted = hashes({**VERSIONS[shown], "Statement": [DEFAULT_DENY, ODD["a role"]]})
    present = {**VERSIONS[now], "Statement": [DEFAULT_DENY, ODD["a role"]]}
    compiled = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON, accepted=accepted)
    is_same = shown == now or {shown, now} == {"old", "none"}
    assert (compiled.left_out == {}) is is_same
    lock_goes = {**compiled.document, "Statement": [ODD["a role"], {"Sid": grant().session_name, "Effect": "Allow"}]}
    found = check_unmanaged(lock_goes, present, known=[grant().session_name], role=IMPORTED, accepted=accepted)
    assert (Text("finding_allow_not_accepted") in list(found)) is not is_same


def test_a_single_statement_object_survives_too() -> None:
    alone = {"Version": "2008-10-17", "Id": "theirs", "Statement": ODD["a role"]}
    found = compile_trust_policy(IMPORTED, [], present=alone, now=NOON)
    assert same(found.document, alone)


def test_id_and_unknown_keys_of_the_document_survive() -> None:
    present = document(ODD["a role"], Id="theirs", Comment="kept")
    found = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON).document
    assert (found["Id"], found["Comment"]) == ("theirs", "kept")


@pytest.mark.parametrize("grants", [[], [grant()]], ids=["alone", "beside ours"])
def test_an_unmanaged_document_keeps_its_old_version_where_variables_are_plain_text(grants: list[Any]) -> None:
    old = {"Version": "2008-10-17", "Statement": [ODD["a role"]]}
    assert compile_trust_policy(IMPORTED, grants, present=old, now=NOON).document["Version"] == "2008-10-17"


def test_an_orphaned_statement_is_removed_from_a_managed_role_and_reported() -> None:
    found = compile_trust_policy(ROLE, [grant()], present=document(ORPHANED, ODD["a role"]), now=NOON)
    assert found.orphaned == (ORPHANED,)
    assert [one.statement for one in found.unmanaged] == [ORPHANED, ODD["a role"]]
    assert [one["Sid"] for one in found.document["Statement"]] == [grant().session_name]


def test_an_orphaned_statement_stays_in_an_imported_role_and_is_reported() -> None:
    found = compile_trust_policy(IMPORTED, [grant()], present=document(ORPHANED), now=NOON)
    assert found.orphaned == (ORPHANED,)
    assert ORPHANED in found.document["Statement"]


def test_a_statement_with_the_sid_of_a_grant_is_replaced_by_the_grants_own() -> None:
    forged = {**ORPHANED, "Sid": grant().session_name}
    found = compile_trust_policy(IMPORTED, [grant()], present=document(forged), now=NOON).document
    assert [s["Principal"] for s in found["Statement"]] == [{"AWS": grant().principal_arn}]


def test_ids_of_deleted_principals_are_left_out_and_named() -> None:
    present = document(
        {**ODD["a role"], "Principal": {"AWS": [CI, "AIDADEADDEADDEADDEAD1"], "Service": "ec2.amazonaws.com"}}
    )
    found = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON)
    assert found.deleted_principal_ids == ("AIDADEADDEADDEADDEAD1",)
    assert found.document["Statement"][0]["Principal"] == {"AWS": [CI], "Service": "ec2.amazonaws.com"}


@pytest.mark.parametrize("dead", ["AIDADEADDEADDEADDEAD1", ["AIDADEADDEADDEADDEAD1", "AROADEADDEADDEADDEAD1"]])
def test_a_statement_for_deleted_principals_only_is_removed(dead: Any) -> None:
    present = document({**ODD["a role"], "Principal": {"AWS": dead}}, ODD["a service"])
    found = compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON)
    assert found.document["Statement"][0] == ODD["a service"]
    assert len(found.document["Statement"]) == 2


def test_nothing_is_written_when_somebody_excepts_deleted_principals() -> None:
    present = document({"Effect": "Deny", "NotPrincipal": {"AWS": "AIDADEADDEADDEADDEAD1"}, "Action": "sts:AssumeRole"})
    with refusing("unmanaged_excepts_deleted_principal", NotWritable):
        compile_trust_policy(IMPORTED, [grant()], present=present, now=NOON)


class TestNamesOfEndedGrants:
    """A grant whose statement was removed explains none: one under its Sid was added again by somebody."""

    LIVE = grant()
    ENDED = grant(revoked_at=NOON, removed_at=NOON)
    WAITING = grant(revoked_at=NOON)

    def present(self) -> Document:
        return compile_trust_policy(ROLE, [self.LIVE], present=None, now=NOON).document

    @pytest.mark.parametrize("role", [ROLE, IMPORTED], ids=["managed", "imported"])
    def test_a_former_statement_of_its_own_is_removed_and_reported(self, role: RoleFacts) -> None:
        made = compile_trust_policy(role, [self.ENDED], present=self.present(), now=NOON)
        assert [(one.sid, one.fate) for one in made.unmanaged] == [(self.ENDED.session_name, Fate.REMOVED)]
        assert [one["Sid"] for one in made.document["Statement"]] == ["dpclosed"]

    @pytest.mark.parametrize("explained", [LIVE, WAITING], ids=["live", "not removed yet"])
    def test_the_statement_of_any_other_grant_counts_as_its_own(self, explained: Any) -> None:
        assert compile_trust_policy(ROLE, [explained], present=self.present(), now=NOON).unmanaged == ()
