"""When two documents mean the same to IAM, and how many characters one takes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.policy_text import statement_hash, statement_text
from access.trust import Document, same, size, storable
from access.trust.documents import iam_time
from tests.unit.facts import NOON

ALLOW: Document = {
    "Sid": "TheirCi",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::333333333333:role/ci", "444444444444"]},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Condition": {"StringEquals": {"sts:ExternalId": ["a", "b"]}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
}
DENY: Document = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}


def document(*statements: Document, **rest: Any) -> Document:
    return {"Version": "2012-10-17", **rest, "Statement": list(statements)}


ORIGINAL = document(ALLOW, DENY)
SAME = {
    "itself": ORIGINAL,
    "statements in another order": document(DENY, ALLOW),
    "principals in another order": document(
        {**ALLOW, "Principal": {"AWS": ["444444444444", "arn:aws:iam::333333333333:role/ci"]}}, DENY
    ),
    "an account by its root": document(
        {**ALLOW, "Principal": {"AWS": ["arn:aws:iam::333333333333:role/ci", "arn:aws:iam::444444444444:root"]}}, DENY
    ),
    "actions in another case": document({**ALLOW, "Action": ["STS:assumerole", "sts:tagsession"]}, DENY),
    "one action as a list": document(ALLOW, {**DENY, "Action": ["sts:AssumeRole"]}),
    "everybody as an AWS principal": document(ALLOW, {**DENY, "Principal": {"AWS": "*"}}),
    "values in another order": document(
        {**ALLOW, "Condition": {**ALLOW["Condition"], "StringEquals": {"sts:ExternalId": ["b", "a"]}}}, DENY
    ),
    "condition keys in another case": document(
        {**ALLOW, "Condition": {**ALLOW["Condition"], "StringEquals": {"STS:externalid": ["a", "b"]}}}, DENY
    ),
    "a real boolean": document(
        {**ALLOW, "Condition": {**ALLOW["Condition"], "Bool": {"aws:MultiFactorAuthPresent": True}}}, DENY
    ),
    "keys in another order": dict(reversed(list(ORIGINAL.items()))),
}
DIFFERENT = {
    "nothing": None,
    "one statement less": document(ALLOW),
    "the other effect": document(ALLOW, {**DENY, "Effect": "Allow"}),
    "another principal": document({**ALLOW, "Principal": {"AWS": "444444444444"}}, DENY),
    "another account's root": document(
        {**ALLOW, "Principal": {"AWS": ["arn:aws:iam::333333333333:role/ci", "arn:aws:iam::444444444445:root"]}}, DENY
    ),
    "the principal in another case": document(
        {**ALLOW, "Principal": {"AWS": ["arn:aws:iam::333333333333:role/CI", "444444444444"]}}, DENY
    ),
    "the excepted principal": document(ALLOW, {"Effect": "Deny", "NotPrincipal": "*", "Action": "sts:AssumeRole"}),
    "one action less": document({**ALLOW, "Action": "sts:AssumeRole"}, DENY),
    "one value less": document(
        {**ALLOW, "Condition": {**ALLOW["Condition"], "StringEquals": {"sts:ExternalId": "a"}}}, DENY
    ),
    "a value in another case": document(
        {**ALLOW, "Condition": {**ALLOW["Condition"], "StringEquals": {"sts:ExternalId": ["A", "b"]}}}, DENY
    ),
    "one condition less": document({**ALLOW, "Condition": {"StringEquals": {"sts:ExternalId": ["a", "b"]}}}, DENY),
    "another Sid": document({**ALLOW, "Sid": "Mine"}, DENY),
    "another Id": document(ALLOW, DENY, Id="named"),
    "the old version": {**ORIGINAL, "Version": "2008-10-17"},
}


def asking(**condition: Any) -> Document:
    return document({**ALLOW, "Condition": condition})


@pytest.mark.parametrize(
    "two",
    [
        asking(StringEquals={"sts:ExternalId": "x", "STS:externalid": "a"}),
        asking(StringEquals={"STS:externalid": "a", "sts:ExternalId": "x"}),
        asking(StringEquals={"sts:ExternalId": "a", "STS:externalid": "x"}),
        asking(StringEquals={"sts:ExternalId": "x"}, stringequals={"sts:ExternalId": "a"}),
        asking(stringequals={"sts:ExternalId": "a"}, StringEquals={"sts:ExternalId": "x"}),
        asking(StringEquals={"sts:ExternalId": "a"}, stringequals={"aws:userid": "x"}),
        asking(StringEquals={"sts:ExternalId": "a"}, stringequals={}),
    ],
)
@pytest.mark.parametrize("value", ["a", "x"])
def test_two_spellings_of_a_key_or_operator_do_not_hide_each_other(two: Document, value: str) -> None:
    one = asking(StringEquals={"sts:ExternalId": value})
    assert not same(one, two)
    assert not same(two, one)


@pytest.mark.parametrize("other", SAME.values(), ids=SAME.keys())
def test_these_documents_mean_the_same(other: Document) -> None:
    assert same(ORIGINAL, other)
    assert same(other, ORIGINAL)


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_these_documents_do_not_mean_the_same(other: Document | None) -> None:
    assert not same(ORIGINAL, other)
    assert not same(other, ORIGINAL)


def test_a_single_statement_needs_no_list() -> None:
    assert same({"Version": "2012-10-17", "Statement": DENY}, document(DENY))


def test_a_document_without_version_has_the_old_one() -> None:
    assert same({"Statement": DENY}, {"Version": "2008-10-17", "Statement": [DENY]})


def test_two_missing_policies_are_the_same() -> None:
    assert same(None, None)


def test_size_counts_no_white_space_between_values() -> None:
    assert size(None) == 0
    assert size({"Version": "2012-10-17", "Statement": []}) == len('{"Version":"2012-10-17","Statement":[]}')


@given(st.lists(st.fixed_dictionaries({"Sid": st.text("abc", min_size=1), "Effect": st.just("Deny")})))
def test_size_is_that_of_the_sent_document_and_never_below_what_iam_counts(statements: list[Document]) -> None:
    text = json.dumps(document(*statements), indent=2)
    assert size(document(*statements)) >= len("".join(text.split()))


def test_times_are_utc_in_whole_seconds() -> None:
    assert iam_time(NOON) == "2026-11-24T12:00:00Z"


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("a\0b", "a\\u0000b"),
        ("\ud800", "\\ud800"),
        ("\udfff", "\\udfff"),
        ("\U0001f600", "\U0001f600"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (float("nan"), "nan"),
        (1e22, "1e+22"),  # jsonb returns it as a whole number
        (-0.0, "-0.0"),
        (1e-7, "1e-07"),
        (1.5, 1.5),
        (10**400, 10**400),
        (True, True),
        (None, None),
    ],
)
def test_a_value_that_the_database_cannot_hold_becomes_text(value: Any, stored: Any) -> None:
    assert storable({"key": [value]}) == {"key": [stored]}
    assert storable(storable(value)) == storable(value)


@pytest.mark.parametrize(
    ("one", "other"), [("a\0b", "a\\u0000b"), ("\ud800", "\\ud800"), (1e20, 2e20), (1.5, "1.6"), (10**400, 10**400 + 1)]
)
def test_values_that_look_alike_when_stored_are_neither_the_same_nor_accepted_together(one: Any, other: Any) -> None:
    asks = [{"Condition": {"StringEquals": {"sts:ExternalId": [value]}}} for value in (one, other)]
    assert not same(document(ALLOW | asks[0]), document(ALLOW | asks[1]))
    assert statement_hash(ALLOW | asks[0]) != statement_hash(ALLOW | asks[1])
    assert not {"\0", "\ud800"} & set(statement_text(ALLOW | asks[0]))


def test_a_key_that_the_database_cannot_hold_becomes_text() -> None:
    assert storable({"a\0": {"\ud800": 1}}) == {"a\\u0000": {"\\ud800": 1}}
