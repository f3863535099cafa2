"""What people paste as a policy: taken as it is, or refused with a code, the line and the column."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.explain import (
    Kind,
    PolicyError,
    check_managed_policy_arn,
    find_in_permissions,
    find_in_trust,
    read_policy,
)
from tests.refusals import refusing
from tests.unit.said import permissions_in_words, trust_in_words

GOOD = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Upload",
      "Effect": "Allow",
      "Action": "s3:PutObject",
      "Resource": "arn:aws:s3:::importantprojectbucket/*"
    }
  ]
}"""
TRUST = GOOD.replace('"Action": "s3:PutObject"', '"Action": "sts:AssumeRole"').replace(
    '"Resource": "arn:aws:s3:::importantprojectbucket/*"',
    '"Principal": {"AWS": "arn:aws:iam::222222222222:user/Richard"}',
)


def refusal(text: str, kind: Kind = Kind.PERMISSIONS) -> PolicyError:
    with pytest.raises(PolicyError) as refused:
        read_policy(text, kind=kind)
    return refused.value


def test_a_policy_is_returned_as_it_was_typed() -> None:
    assert read_policy(GOOD) == json.loads(GOOD)
    assert read_policy("\ufeff" + GOOD) == json.loads(GOOD)
    assert read_policy(TRUST, kind=Kind.TRUST) == json.loads(TRUST)


BROKEN = [
    ('"Allow"', '"Al\nlow"', "policy_json_line_break", 6, 20),
    ('"Allow"', '"Al\tlow"', "policy_json_line_break", 6, 20),
    ('"Sid"', '"\\Sid"', "policy_json_backslash", 5, 8),
    ('"Allow"', "*", "policy_json_unclear", 6, 17),
    ('"Allow",', '"Allow"]', "policy_json_delimiter", 6, 24),
    ('"s3:PutObject",', '"s3:PutObject"', "policy_json_delimiter", 8, 7),
    (
        "*",
        "\u201d",
        "policy_character_invalid",
        8,
        56,
    ),
    (
        '"Sid"',
        '"Condition": {"StringEquals": {"aws:ResourceAccount": 012345678901}}, "Sid"',
        "policy_json_number",
        5,
        62,
    ),
    ('"Sid"', '// who may upload\n"Sid"', "policy_json_comment", 5, 7),
    ('"Sid"', '# who may upload\n"Sid"', "policy_json_comment", 5, 7),
    ('"Allow",', '"Allow", /* only */', "policy_json_comment", 6, 26),
    ('"Sid"', '\u00a0"Sid"', "policy_json_no_break_space", 5, 7),
    ('"Sid"', '\u202f"Sid"', "policy_character_invalid", 5, 7),
    ('"Allow"', "True", "policy_json_word_differs", 6, 17),
    ('"Sid"', "Sid", "policy_json_word", 5, 7),
    ('"Sid"', '..., "Sid"', "policy_json_dots", 5, 7),
    ('"Sid": "Upload"', 'Sid = "Upload"', "policy_json_word", 5, 7),
    ('"Allow"', "${effect}", "policy_json_placeholder", 6, 17),
    ('/*"\n', '/*",\n', "policy_json_comma", 9, 5),
    ('"Allow"', "'Allow'", "policy_json_single_quotes", 6, 17),
    ("  ]\n}", "  ]\n", "policy_json_bracket_missing", 11, 1),
    ("  ]\n}", "  ]\n} and more", "policy_json_extra", 11, 3),
    ('"Allow"', "NaN", "policy_json_constant", 0, 0),
    ('"Allow"', "9" * 5000, "policy_number_too_long", 0, 0),
    (
        '"Allow"',
        '"Allow", "Effect": "Allow"',
        "policy_name_twice",
        6,
        26,
    ),
    ('      "Effect": "Allow",\n', "", "policy_effect_missing", 4, 5),
    ('"Allow"', '"allow"', "policy_effect_invalid", 6, 7),
    ('"Effect"', '"effect"', "policy_element_guessed", 6, 7),
    ('"Action"', '"Actions"', "policy_element_guessed", 7, 7),
    ('"s3:PutObject"', "7", "policy_element_not_text", 7, 7),
    ('"s3:PutObject"', '["s3:GetObject",\n 7]', "policy_element_not_text", 8, 2),
    ('"s3:PutObject"', "[]", "policy_element_empty", 7, 7),
    ('"s3:PutObject"', '"PutObject"', "policy_action_invalid", 7, 7),
    ('"s3:PutObject"', '"s4:PutObject"', "policy_service_unknown", 7, 7),
    (
        '"s3:PutObject"',
        '"s3:PutObjects"',
        "policy_action_guessed",
        7,
        7,
    ),
    ('"s3:PutObject"', '"s3:Frob*"', "policy_action_unknown", 7, 7),
    ('"s3:PutObject"', '"dynamdb:GetItem"', "policy_service_guessed", 7, 7),
    ('"Effect"', '"NotAction": "s3:*",\n"Effect"', "policy_element_with_opposite", 6, 7),
    ('"Effect"', '"Principal": "*", "Effect"', "policy_principal_in_permissions", 6, 7),
    ('"arn:aws:s3:::importantprojectbucket/*"', '"importantprojectbucket"', "policy_resource_invalid", 8, 7),
    ('      "Resource": "arn', '      "NotResource": ["*"], "Resource": "arn', "policy_element_with_opposite", 8, 7),
    ('"Upload"', '"Up-load"', "policy_sid_invalid", 5, 7),
    ('"2012-10-17"', '"2020-01-01"', "policy_version_unknown", 2, 3),
    ('"Effect"', '"Condition": [], "Effect"', "policy_condition_not_object", 6, 7),
    ('"Effect"', '"Condition": {"Bool": true}, "Effect"', "policy_operator_not_object", 6, 21),
    (
        '"Effect"',
        '"Condition": {"NumericLessThan": {"aws:x": [1, -1e999]}}, "Effect"',
        "policy_key_number_too_large",
        6,
        41,
    ),
    ('"Effect"', '"Condition": {"Bool": {"aws:x": {}}}, "Effect"', "policy_key_without_value", 6, 30),
    ("Upload", "\\u0000", "policy_character_escaped", 5, 14),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"), BROKEN, ids=[f"{old}>{new}"[:40] for old, new, *_ in BROKEN]
)
def test_bad_input_is_refused_with_its_line_and_column(old: str, new: str, code: str, line: int, column: int) -> None:
    assert GOOD.count(old) >= 1
    refused = refusal(GOOD.replace(old, new, 1))
    assert (refused.code, refused.line, refused.column) == (code, line, column)


def test_the_sentence_names_the_line_and_what_to_do() -> None:
    assert str(refusal(GOOD.replace('"Effect"', '"effect"'))) == (
        "Line 6, column 7: The element effect is not valid here. Did you mean Effect?"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "policy_missing"),
        (" \n ", "policy_missing"),
        ("[]", "policy_not_object"),
        ('"s3"', "policy_not_object"),
        ("{}", "policy_statement_missing"),
        ('{"Statement": []}', "policy_statements_empty"),
        ('{"Statement": "Allow"}', "policy_statement_not_object"),
        ('{"Statement": [\n1]}', "policy_statement_not_object"),
        ('{"name": "daypass"}', "policy_element_unknown"),
        ("[" * 100_000, "policy_number_too_long"),
        ("{" + " " * 131_072, "policy_text_too_long"),
        ("---\nVersion: 2012-10-17\nStatement: []", "policy_json_yaml"),
        ("Version: '2012-10-17'\nStatement:\n- Effect: Allow", "policy_json_yaml"),
        ("- Effect: Allow\n  Action: '*'", "policy_json_yaml"),
        ('jsonencode({\n  Version = "2012-10-17"\n})', "policy_json_terraform"),
        ("# the policy\n{}", "policy_json_comment"),
        ("%7B%22Version%22%3A%222012-10-17%22%7D", "policy_json_url_encoded"),
        ('{\\"Statement\\": []}', "policy_json_escaped"),
        ("<html></html>", "policy_json_html"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "policy_json_other"),
    ],
)
def test_json_that_is_not_a_policy_is_refused(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_a_policy_has_at_most_6144_characters() -> None:
    room = 6144 - len("".join(GOOD.split()))
    filled = GOOD.replace("importantprojectbucket", "importantprojectbucket" + "x" * room)
    assert read_policy(filled)
    refused = refusal(filled.replace("xx", "xxx", 1))
    assert (refused.code, refused.text.facts) == ("policy_too_large", {"size": 6145, "most": 6144, "excess": 1})
    assert "Remove 1 character, or" in str(refused)
    assert "Remove 2 characters, or" in str(refusal(filled.replace("xx", "xxxx", 1)))


def test_white_space_does_not_count() -> None:
    assert read_policy(GOOD.replace("\n", "\n" + " " * 5000))


def test_two_statements_with_one_sid_are_refused() -> None:
    statement = json.loads(GOOD)["Statement"][0]
    refused = refusal(json.dumps({"Statement": [statement, statement]}, indent=1))
    assert (refused.code, refused.line, refused.column) == ("policy_sid_twice", 10, 4)


def test_a_trust_policy_needs_a_principal_and_accepts_no_resource() -> None:
    without = TRUST.replace('"Principal": {"AWS": "arn:aws:iam::222222222222:user/Richard"}', '"Condition": {}')
    assert refusal(without, Kind.TRUST).code == "policy_element_missing"
    with_resource = TRUST.replace('"Effect"', '"Resource": "*", "Effect"')
    refused = refusal(with_resource, Kind.TRUST)
    assert (refused.code, refused.line, refused.column) == ("policy_resource_in_trust", 6, 7)
    star = TRUST.replace('{"AWS": "arn:aws:iam::222222222222:user/Richard"}', '"*"')
    refused = refusal(star, Kind.TRUST)
    assert (refused.code, refused.line, refused.column) == ("policy_principal_bare", 8, 7)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
        "arn:aws:iam::111111111111:policy/daypass/upload",
    ],
)
def test_policies_of_aws_and_of_the_account_can_be_attached(arn: str) -> None:
    check_managed_policy_arn(arn, account_id="111111111111")


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws:iam::222222222222:policy/upload", "managed_policy_other_account"),
        ("arn:aws-cn:iam::aws:policy/ReadOnlyAccess", "managed_policy_other_partition"),
        ("ReadOnlyAccess", "managed_policy_not_arn"),
        ("arn:aws:iam::111111111111:role/upload", "managed_policy_not_arn"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess\n", "managed_policy_not_arn"),
        ("", "managed_policy_not_arn"),
    ],
)
def test_other_policies_cannot_be_attached(arn: str, code: str) -> None:
    with refusing(code, PolicyError):
        check_managed_policy_arn(arn, account_id="111111111111")


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
words = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), min_size=1, max_size=12)
actions = st.sampled_from(["*", "s3:*", "s3:Get*", "s3:PutObject", "s3:Nothing", "iam:PassRole", "ec2:?un*", "sts:*"])
resources = st.sampled_from(["*", "arn:*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::*/*", "arn:aws:x:::"])
keys = st.sampled_from(["aws:SourceIp", "aws:CurrentTime", "s3:prefix", "aws:Nothing", "iam:PassedToService"]) | words
operators = st.sampled_from(
    ["StringEquals", "ForAllValues:StringLike", "Bool", "Null", "DateLessThan", "IpAddress", "NumericLessThanIfExists"]
)
conditions = st.dictionaries(
    operators | words, st.dictionaries(keys, words | st.booleans() | st.integers() | st.lists(words, min_size=1))
)


def one_or_more(of: st.SearchStrategy[str]) -> st.SearchStrategy[str | list[str]]:
    return of | st.lists(of, min_size=1, max_size=3)


statements = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={"Condition": conditions, "Sid": st.text("abc1", max_size=3)},
)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    body = draw(st.lists(statements, min_size=1, max_size=3))
    for statement in body:
        statement[draw(st.sampled_from(["Action", "NotAction"]))] = draw(one_or_more(actions))
        statement[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(one_or_more(resources))
    return {"Statement": body}


# What a policy that AWS holds can contain, and IAM or Daypass does not accept when somebody types it.
NOT_POSSIBLE = {
    "policy_action_unknown", "policy_character_escaped", "policy_character_invalid", "policy_sid_twice",
    "policy_too_large",
}  # fmt: skip


def taken(text: str, kind: Kind = Kind.PERMISSIONS) -> dict[str, Any] | str:
    """Return the policy, or the code with which it was refused."""
    try:
        return read_policy(text, kind=kind)
    except PolicyError as refused:
        return refused.code


@given(anything, st.sampled_from(Kind))
def test_any_json_is_accepted_or_refused_with_a_code(document: Any, kind: Kind) -> None:
    assert taken(json.dumps(document), kind)


@given(st.text())
def test_any_text_is_accepted_or_refused_with_a_code(text: str) -> None:
    with pytest.raises(PolicyError):
        read_policy(text)


@given(policies(), st.sampled_from([None, 1, 4]))
def test_every_accepted_policy_can_be_explained(document: dict[str, Any], indent: int | None) -> None:
    policy = taken(json.dumps(document, indent=indent))
    if isinstance(policy, str):
        assert policy in NOT_POSSIBLE
        policy = document  # a policy that AWS holds must not be refused, no matter who wrote it
    assert permissions_in_words(policy)[-1] in {"Nothing else.", "Can do nothing."}
    assert all(str(finding.sentence) and str(finding.fix) for finding in find_in_permissions(policy))


principals = st.sampled_from(
    ["*", "222222222222", "arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:user/a/b", "AIDA222222222222X"]
)


@given(policies(), st.sampled_from(["Principal", "NotPrincipal"]), st.dictionaries(words, one_or_more(principals)))
def test_any_trust_policy_can_be_explained(document: dict[str, Any], element: str, whom: dict[str, Any]) -> None:
    for statement in document["Statement"]:
        statement[element] = whom
    assert trust_in_words(document)[-1].endswith(".")
    assert all(str(finding.sentence) for finding in find_in_trust(document, account_id="111111111111"))
