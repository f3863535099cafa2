"""Statements of other people in a role's trust policy: they survive as they are, whatever shape they have."""

from typing import Any

import pytest

from access.trust import Document, NotWritable, compile_trust_policy, same
from tests.unit.facts import ADOPTED, NOON, ROLE, grant

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
STRAY = {"Sid": "dpstraystraystra", "Effect": "Allow", "Principal": {"AWS": CI}, "Action": "sts:AssumeRole"}


def document(*statements: Document, **rest: Any) -> Document:
    return {"Version": "2012-10-17", **rest, "Statement": list(statements)}


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("role", [ROLE, ADOPTED], ids=["managed", "adopted"])
def test_a_statement_of_others_survives_beside_ours(statement: Document, role: Any) -> None:
    found = compile_trust_policy(role, [grant()], present=document(statement), now=NOON)
    assert statement in found.document["Statement"]
    assert len(found.document["Statement"]) == 2
    again = compile_trust_policy(role, [grant(revoked_at=NOON)], present=found.document, now=NOON)
    assert same(again.document, document(statement))


def test_a_single_object_survives_as_well() -> None:
    alone = {"Version": "2008-10-17", "Id": "theirs", "Statement": ODD["a role"]}
    found = compile_trust_policy(ADOPTED, [], present=alone, now=NOON)
    assert same(found.document, alone)


def test_id_and_unknown_keys_of_the_document_survive() -> None:
    present = document(ODD["a role"], Id="theirs", Comment="kept")
    found = compile_trust_policy(ADOPTED, [grant()], present=present, now=NOON).document
    assert (found["Id"], found["Comment"]) == ("theirs", "kept")


@pytest.mark.parametrize("grants", [[], [grant()]], ids=["alone", "beside ours"])
def test_a_foreign_document_keeps_its_old_version_in_which_variables_are_plain_text(grants: list[Any]) -> None:
    old = {"Version": "2008-10-17", "Statement": [ODD["a role"]]}
    assert compile_trust_policy(ADOPTED, grants, present=old, now=NOON).document["Version"] == "2008-10-17"


def test_a_stray_is_taken_out_of_a_managed_role_and_reported() -> None:
    found = compile_trust_policy(ROLE, [grant()], present=document(STRAY, ODD["a role"]), now=NOON)
    assert found.strays == (STRAY,)
    assert STRAY not in found.document["Statement"]
    assert ODD["a role"] in found.document["Statement"]


def test_a_stray_stays_in_an_adopted_role_and_is_reported() -> None:
    found = compile_trust_policy(ADOPTED, [grant()], present=document(STRAY), now=NOON)
    assert found.strays == (STRAY,)
    assert STRAY in found.document["Statement"]


def test_a_statement_that_borrows_a_grants_sid_is_replaced_by_the_grants_own() -> None:
    forged = {**STRAY, "Sid": grant().session_name}
    found = compile_trust_policy(ADOPTED, [grant()], present=document(forged), now=NOON).document
    assert [s["Principal"] for s in found["Statement"]] == [{"AWS": grant().principal_arn}]


def test_dead_ids_are_left_out_and_named() -> None:
    present = document(
        {**ODD["a role"], "Principal": {"AWS": [CI, "AIDADEADDEADDEADDEAD1"], "Service": "ec2.amazonaws.com"}}
    )
    found = compile_trust_policy(ADOPTED, [grant()], present=present, now=NOON)
    assert found.dead_ids == ("AIDADEADDEADDEADDEAD1",)
    assert found.document["Statement"][0]["Principal"] == {"AWS": [CI], "Service": "ec2.amazonaws.com"}


@pytest.mark.parametrize("dead", ["AIDADEADDEADDEADDEAD1", ["AIDADEADDEADDEADDEAD1", "AROADEADDEADDEADDEAD1"]])
def test_a_statement_for_the_dead_alone_goes(dead: Any) -> None:
    present = document({**ODD["a role"], "Principal": {"AWS": dead}}, ODD["a service"])
    found = compile_trust_policy(ADOPTED, [grant()], present=present, now=NOON)
    assert found.document["Statement"][0] == ODD["a service"]
    assert len(found.document["Statement"]) == 2


def test_nothing_is_written_when_somebody_excepts_the_dead() -> None:
    present = document({"Effect": "Deny", "NotPrincipal": {"AWS": "AIDADEADDEADDEADDEAD1"}, "Action": "sts:AssumeRole"})
    with pytest.raises(NotWritable, match="must mend it in IAM"):
        compile_trust_policy(ADOPTED, [grant()], present=present, now=NOON)
