"""What people paste as a policy: taken as it is, or refused with a sentence that names the line and the fix."""

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


def refusal(text: str, kind: Kind = Kind.PERMISSIONS) -> str:
    with pytest.raises(PolicyError) as refused:
        read_policy(text, kind=kind)
    return str(refused.value)


def test_a_policy_is_returned_as_it_was_typed() -> None:
    assert read_policy(GOOD) == json.loads(GOOD)
    assert read_policy("\ufeff" + GOOD) == json.loads(GOOD)
    assert read_policy(TRUST, kind=Kind.TRUST) == json.loads(TRUST)


BROKEN = [
    ('"s3:PutObject",', '"s3:PutObject"', "Line 8, column 7: This is not JSON", "missing comma"),
    (
        "*",
        "\u201d",
        "Line 8, column 56: IAM does not take the character U+201D (right double quotation mark)",
        "Type it again",
    ),
    (
        '"Sid"',
        '"Condition": {"StringEquals": {"aws:ResourceAccount": 012345678901}}, "Sid"',
        "Line 5, column 62",
        "Put quotation marks around the number",
    ),
    ('"Sid"', '// who may upload\n"Sid"', "Line 5, column 7", "JSON has no comments"),
    ('"Sid"', '# who may upload\n"Sid"', "Line 5, column 7", "JSON has no comments"),
    ('"Allow",', '"Allow", /* only */', "Line 6, column 26", "JSON has no comments"),
    ('"Sid"', '\u00a0"Sid"', "Line 5, column 7", "There is a non-breaking space"),
    ('"Sid"', '\u202f"Sid"', "U+202F (narrow no-break space)", "Type it again"),
    ('"Allow"', "True", "Line 6, column 17", "JSON writes true, not True"),
    ('"Sid"', "Sid", "Line 5, column 7", "Put quotation marks around Sid"),
    ('"Sid"', '..., "Sid"', "Line 5, column 7", "left out"),
    ('"Sid": "Upload"', 'Sid = "Upload"', "Line 5, column 7", "quotation marks"),
    ('"Allow"', "${effect}", "Line 6, column 17", "placeholder"),
    ('/*"\n', '/*",\n', "Line 9, column 5: This is not JSON", "Take out the comma"),
    ('"Allow"', "'Allow'", "Line 6, column 17: This is not JSON", "double quotation marks"),
    ("  ]\n}", "  ]\n", "Line 11, column 1: This is not JSON", "The end is missing"),
    ("  ]\n}", "  ]\n} and more", "Line 11, column 3: This is not JSON", "Take out what follows"),
    ('"Allow"', "NaN", "NaN is not JSON", "quotation marks"),
    ('"Allow"', "9" * 5000, "a number is too long", "not a policy"),
    (
        '"Allow"',
        '"Allow", "Effect": "Allow"',
        "Line 6, column 26: 'Effect' is here for the second time",
        "Keep one",
    ),
    ('      "Effect": "Allow",\n', "", "Line 4, column 5: The statement has no Effect", "Add"),
    ('"Allow"', '"allow"', "Line 6, column 7: Effect is Allow or Deny", "just so"),
    ('"Effect"', '"effect"', "Line 6, column 7: There is no element 'effect'", "Did you mean Effect?"),
    ('"Action"', '"Actions"', "Line 7, column 7: There is no element 'Actions'", "Did you mean Action?"),
    ('"s3:PutObject"', "7", "Line 7, column 7: Action is a text", "quotation marks"),
    ('"s3:PutObject"', '["s3:GetObject",\n 7]', "Line 8, column 2: Action is a text", "quotation marks"),
    ('"s3:PutObject"', "[]", "Line 7, column 7: Action is empty", "Put something"),
    ('"s3:PutObject"', '"PutObject"', "Line 7, column 7: 'PutObject' is no action", "service:Action"),
    ('"s3:PutObject"', '"s4:PutObject"', "Line 7, column 7: AWS has no service s4", "Look"),
    (
        '"s3:PutObject"',
        '"s3:PutObjects"',
        "Line 7, column 7: AWS has no action s3:PutObjects",
        "Did you mean s3:PutObject?",
    ),
    ('"s3:PutObject"', '"s3:Frob*"', "AWS has no action s3:Frob*", "Look it up"),
    ('"s3:PutObject"', '"dynamdb:GetItem"', "AWS has no service dynamdb", "Did you mean dynamodb:GetItem?"),
    ('"Effect"', '"NotAction": "s3:*",\n"Effect"', "Line 6, column 7: The statement has both Action", "Keep one"),
    ('"Effect"', '"Principal": "*", "Effect"', "Line 6, column 7: Principal does not belong here", "Remove it"),
    ('"arn:aws:s3:::importantprojectbucket/*"', '"importantprojectbucket"', "Line 8, column 7", "Write an ARN"),
    ('      "Resource": "arn', '      "NotResource": ["*"], "Resource": "arn', "Line 8, column 7", "Keep one"),
    ('"Upload"', '"Up-load"', "Line 5, column 7: A Sid has letters and digits only", "Take out"),
    ('"2012-10-17"', '"2020-01-01"', "Line 2, column 3: IAM has no such version", "2012-10-17"),
    ('"Effect"', '"Condition": [], "Effect"', "Line 6, column 7: Condition is an object", "StringEquals"),
    ('"Effect"', '"Condition": {"Bool": true}, "Effect"', "Line 6, column 21: Bool takes", "object"),
    (
        '"Effect"',
        '"Condition": {"NumericLessThan": {"aws:x": [1, -1e999]}}, "Effect"',
        "Line 6, column 41: aws:x has a number that is too large",
        "Put quotation marks around it",
    ),
    ('"Effect"', '"Condition": {"Bool": {"aws:x": {}}}, "Effect"', "Line 6, column 30: aws:x has a value", "quotation"),
    ("Upload", "\\u0000", "Line 5, column 14: IAM does not take the character U+0000", "Take it out"),
]


@pytest.mark.parametrize(("old", "new", "line", "fix"), BROKEN, ids=[f"{old}>{new}"[:40] for old, new, *_ in BROKEN])
def test_bad_input_is_refused_with_line_and_fix(old: str, new: str, line: str, fix: str) -> None:
    assert GOOD.count(old) >= 1
    said = refusal(GOOD.replace(old, new, 1))
    assert line in said
    assert fix in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no policy"),
        (" \n ", "There is no policy"),
        ("[]", "Line 1, column 1: A policy is a JSON object"),
        ('"s3"', "Line 1, column 1: A policy is a JSON object"),
        ("{}", "Line 1, column 1: A policy has a Statement"),
        ('{"Statement": []}', "Line 1, column 2: Statement is empty"),
        ('{"Statement": "Allow"}', "A statement is a JSON object"),
        ('{"Statement": [\n1]}', "Line 2, column 1: A statement is a JSON object"),
        ('{"name": "daypass"}', "Line 1, column 2: There is no element 'name'"),
        ("[" * 100_000, "nested too deep"),
        ("{" + " " * 131_072, "131,073 characters"),
        ("---\nVersion: 2012-10-17\nStatement: []", "This is YAML"),
        ("Version: '2012-10-17'\nStatement:\n- Effect: Allow", "This is YAML"),
        ("- Effect: Allow\n  Action: '*'", "This is YAML"),
        ('jsonencode({\n  Version = "2012-10-17"\n})', "This is Terraform"),
        ("# the policy\n{}", "JSON has no comments"),
        ("%7B%22Version%22%3A%222012-10-17%22%7D", "URL-encoded"),
        ("<html></html>", "not JSON. Paste only the policy"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "A policy begins with {"),
    ],
)
def test_json_that_is_not_a_policy_is_refused(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


def test_a_policy_has_at_most_6144_characters() -> None:
    room = 6144 - len("".join(GOOD.split()))
    filled = GOOD.replace("importantprojectbucket", "importantprojectbucket" + "x" * room)
    assert read_policy(filled)
    said = refusal(filled.replace("xx", "xxx", 1))
    assert said == "The policy has 6,145 characters without white space, and IAM takes 6,144. Take 1 out, or divide it."


def test_white_space_does_not_count() -> None:
    assert read_policy(GOOD.replace("\n", "\n" + " " * 5000))


def test_two_statements_with_one_sid_are_refused() -> None:
    statement = json.loads(GOOD)["Statement"][0]
    said = refusal(json.dumps({"Statement": [statement, statement]}, indent=1))
    assert said.startswith("Line 10, column 4: The Sid Upload is there twice")


def test_a_trust_policy_needs_a_principal_and_accepts_no_resource() -> None:
    assert "The statement has no Principal" in refusal(
        TRUST.replace('"Principal": {"AWS": "arn:aws:iam::222222222222:user/Richard"}', '"Condition": {}'), Kind.TRUST
    )
    with_resource = TRUST.replace('"Effect"', '"Resource": "*", "Effect"')
    assert "Line 6, column 7: Resource does not belong" in refusal(with_resource, Kind.TRUST)
    star = TRUST.replace('{"AWS": "arn:aws:iam::222222222222:user/Richard"}', '"*"')
    assert 'Line 8, column 7: A trust policy does not accept a bare "*"' in refusal(star, Kind.TRUST)


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
    ("arn", "sentence"),
    [
        ("arn:aws:iam::222222222222:policy/upload", "belongs to account 222222222222"),
        ("arn:aws-cn:iam::aws:policy/ReadOnlyAccess", "another partition"),
        ("ReadOnlyAccess", "is not the ARN of a managed policy"),
        ("arn:aws:iam::111111111111:role/upload", "is not the ARN of a managed policy"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess\n", "is not the ARN of a managed policy"),
        ("", "is not the ARN of a managed policy"),
    ],
)
def test_other_policies_cannot_be_attached(arn: str, sentence: str) -> None:
    with pytest.raises(PolicyError, match=sentence):
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


def taken(text: str, kind: Kind = Kind.PERMISSIONS) -> dict[str, Any] | str:
    """Return the policy, or the sentence with which it was refused."""
    try:
        return read_policy(text, kind=kind)
    except PolicyError as refused:
        return str(refused)


@given(anything, st.sampled_from(Kind))
def test_any_json_is_accepted_or_refused_with_a_sentence(document: Any, kind: Kind) -> None:
    assert taken(json.dumps(document), kind)


@given(st.text())
def test_any_text_is_accepted_or_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(PolicyError):
        read_policy(text)


@given(policies(), st.sampled_from([None, 1, 4]))
def test_every_accepted_policy_can_be_explained(document: dict[str, Any], indent: int | None) -> None:
    policy = taken(json.dumps(document, indent=indent))
    if isinstance(policy, str):
        assert "twice" in policy or "character" in policy or "no action" in policy
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
