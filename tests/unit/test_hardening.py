"""One unmanaged statement is hardened, everything else stays; and the judge finds whatever else would change."""

import copy
from typing import Any

import pytest

from access import trust, verify
from access.texts.text import Text
from access.trust import Hardening
from tests.refusals import refusing

ROOT = {"Sid": "Hand", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}
ASKS = {**ROOT, "Condition": {"Null": {"aws:multifactorauthpresent": "false"}}}
OURS = {"Sid": "dpaaaaaaaaaaaaaa", "Effect": "Allow", "Principal": {"AWS": "arn:x"}, "Action": "sts:AssumeRole"}
HELD = {**ROOT, "Sid": "Held", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}
DOCUMENT = {"Version": "2008-10-17", "Id": "theirs", "Statement": [ROOT, OURS, HELD]}


def hardened(statement: dict[str, Any], how: Hardening, value: str = "") -> dict[str, Any]:
    before = copy.deepcopy(DOCUMENT)
    after = trust.harden(DOCUMENT, statement, how, value=value)
    assert before == DOCUMENT
    return after


def findings(after: dict[str, Any], how: str, value: str = "") -> list[Text]:
    return verify.check_hardened(DOCUMENT, after, how=how, value=value, ours=frozenset({str(OURS["Sid"])}))


def test_a_statement_is_removed() -> None:
    after = hardened(ROOT, Hardening.REMOVE)
    assert after == {**DOCUMENT, "Statement": [OURS, HELD]}
    assert findings(after, "remove") == []


def test_a_statement_requires_an_external_id_beside_its_other_conditions() -> None:
    after = hardened(HELD, Hardening.EXTERNAL_ID, "abc")
    asked = {"StringEquals": {"aws:PrincipalOrgID": "o-1", "sts:ExternalId": "abc"}}
    assert after["Statement"] == [ROOT, OURS, {**HELD, "Condition": asked}]
    assert findings(after, "external_id", "abc") == []
    assert findings(after, "external_id", "abd") != []


def test_a_statement_requires_a_second_factor() -> None:
    after = hardened(ROOT, Hardening.MFA)
    assert after["Statement"][0]["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert findings(after, "mfa") == []


def test_without_its_last_statement_the_role_admits_nobody() -> None:
    alone = {"Version": "2012-10-17", "Statement": ROOT}
    after = trust.harden(alone, ROOT, Hardening.REMOVE)
    assert [statement["Effect"] for statement in after["Statement"]] == ["Deny"]
    assert verify.check_hardened(alone, after, how="remove", value="", ours=frozenset()) == []


def test_another_spelling_is_the_same_statement_and_the_same_document() -> None:
    spelled = {**ROOT, "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]}, "Action": ["sts:assumerole"]}
    assert hardened(spelled, Hardening.REMOVE)["Statement"] == [OURS, HELD]
    other = {**DOCUMENT, "Statement": [HELD, spelled, OURS]}
    assert trust.fingerprint(other) == trust.fingerprint(DOCUMENT)
    assert trust.fingerprint({**DOCUMENT, "Id": "ours"}) != trust.fingerprint(DOCUMENT)


def test_a_missing_statement_or_existing_condition_is_not_written() -> None:
    with refusing("hardening_statement_gone", trust.NotWritable):
        trust.harden(DOCUMENT, {**ROOT, "Sid": "Gone"}, Hardening.REMOVE)
    with refusing("hardening_condition_exists", trust.NotWritable):
        trust.harden({"Statement": [ASKS]}, ASKS, Hardening.MFA)


GUARD: dict[str, Any] = {
    "Sid": "Guard",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:AssumeRole",
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
}


@pytest.mark.parametrize(("how", "value"), [("remove", ""), ("external_id", "abc"), ("mfa", "")])
def test_a_deny_is_neither_removed_nor_reduced(how: str, value: str) -> None:
    guarded = {**DOCUMENT, "Statement": [ROOT, GUARD]}
    with refusing("hardening_needs_allow", trust.NotWritable):
        trust.harden(guarded, GUARD, Hardening(how), value=value)
    held = {
        "external_id": [{**GUARD, "Condition": {**GUARD["Condition"], "StringEquals": {"sts:ExternalId": "abc"}}}],
        "mfa": [{**GUARD, "Condition": {**GUARD["Condition"], "Bool": {"aws:MultiFactorAuthPresent": "true"}}}],
        "remove": [],
    }
    after = {**guarded, "Statement": [ROOT, *held[how]]}
    assert verify.check_hardened(guarded, after, how=how, value=value, ours=frozenset()) != []


ODD: list[Any] = [None, [], "x", {"StringEquals": None}, {"StringEquals": ["sts:ExternalId"]}, {"Bool": 1}]


@pytest.mark.parametrize("condition", ODD)
def test_an_unreadable_condition_is_kept_unchanged(condition: Any) -> None:
    odd = {**ROOT, "Condition": condition}
    document = {**DOCUMENT, "Statement": [odd, OURS]}
    assert trust.harden(document, odd, Hardening.REMOVE)["Statement"] == [OURS]
    with refusing("hardening_condition_unreadable", trust.NotWritable):
        trust.harden(document, odd, Hardening.MFA)
    assert trust.same(document, copy.deepcopy(document))
    assert not trust.same(document, {**DOCUMENT, "Statement": [ROOT, OURS]})


WRONG: dict[str, tuple[str, Any]] = {
    "two statements are gone": ("remove", [OURS]),
    "one of ours is gone": ("remove", [ROOT, HELD]),
    "nothing has changed": ("remove", [ROOT, OURS, HELD]),
    "another one is added": ("remove", [OURS, HELD, {**ROOT, "Principal": {"AWS": "*"}}]),
    "it is gone where it was to be held": ("mfa", [OURS, HELD]),
    "it asks for nothing more": ("mfa", [{**ROOT, "Sid": "Other"}, OURS, HELD]),
    "it admits somebody else too": (
        "mfa",
        [{**ROOT, "Principal": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, OURS, HELD],
    ),
    "it asks for no second factor": (
        "mfa", [{**ROOT, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}, OURS, HELD],
    ),
    "what it asked for before is gone": (
        "external_id", [ROOT, OURS, {**HELD, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_the_verifier_finds_every_other_change(what: str) -> None:
    how, statements = WRONG[what]
    assert findings({**DOCUMENT, "Statement": statements}, how, "x") != []


def test_the_verifier_finds_another_version_or_name_of_the_document() -> None:
    for change in ({"Version": "2012-10-17"}, {"Id": "ours"}):
        assert findings({**DOCUMENT, "Statement": [OURS, HELD], **change}, "remove") != []
