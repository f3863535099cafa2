"""What counts as the ARN of one IAM user or role, and the code with which anything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import arns

REFUSED = {
    "nothing": ("", "arn_not_iam"),
    "a line break at the end": ("arn:aws:iam::222222222222:user/Richard\n", "arn_with_spaces"),
    "a carriage return at the end": ("arn:aws:iam::222222222222:user/Richard\r", "arn_with_spaces"),
    "a tab at the end": ("arn:aws:iam::222222222222:user/Richard\t", "arn_with_spaces"),
    "a blank in front": (" arn:aws:iam::222222222222:user/Richard", "arn_with_spaces"),
    "a no-break space at the end": ("arn:aws:iam::222222222222:user/Richard\u00a0", "arn_with_spaces"),
    "a line break inside": ("arn:aws:iam::222222222222:user/Ri\nchard", "arn_not_iam"),
    "a null byte": ("arn:aws:iam::222222222222:user/Richard\x00", "arn_not_iam"),
    "a zero-width space": ("arn:aws:iam::222222222222:user/Richard\u200b", "arn_not_ascii"),
    "a right-to-left override": ("arn:aws:iam::222222222222:user/\u202eRichard", "arn_not_ascii"),
    "a Cyrillic a": ("arn:aws:iam::222222222222:user/Rich\u0430rd", "arn_not_ascii"),
    "full-width digits": (
        "arn:aws:iam::\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12:user/Richard",
        "arn_not_ascii",
    ),
    "superscript digits": (
        "arn:aws:iam::\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2:user/Richard",
        "arn_not_ascii",
    ),
    "Arabic digits": (
        "arn:aws:iam::\u0662\u0662\u0662\u0662\u0662\u0662\u0662\u0662\u0662\u0662\u0662\u0662:user/Richard",
        "arn_not_ascii",
    ),
    "a ligature that NFKC would open": ("arn:aws:iam::222222222222:user/\ufb01le", "arn_not_ascii"),
    "everybody": ("*", "arn_with_wildcard"),
    "any account": ("arn:aws:iam::*:role/x", "arn_with_wildcard"),
    "any user": ("arn:aws:iam::222222222222:user/*", "arn_with_wildcard"),
    "any role below a path": ("arn:aws:iam::222222222222:role/x/*", "arn_with_wildcard"),
    "a question mark": ("arn:aws:iam::222222222222:user/Richar?", "arn_with_wildcard"),
    "a wildcard in the path": ("arn:aws:iam::222222222222:user/*/Richard", "arn_path_invalid"),
    "the root of an account": ("arn:aws:iam::222222222222:root", "arn_of_account"),
    "a bare account": ("222222222222", "arn_of_account"),
    "a session": ("arn:aws:sts::222222222222:assumed-role/Deploy/me", "arn_of_session"),
    "a federated user": ("arn:aws:sts::222222222222:federated-user/me", "arn_not_iam"),
    "a SAML provider": ("arn:aws:iam::222222222222:saml-provider/Okta", "arn_not_iam"),
    "a service": ("lambda.amazonaws.com", "arn_not_iam"),
    "a group": ("arn:aws:iam::222222222222:group/all", "arn_not_iam"),
    "an instance profile": ("arn:aws:iam::222222222222:instance-profile/x", "arn_not_iam"),
    "an unknown partition": ("arn:aws-moon:iam::222222222222:user/Richard", "arn_not_iam"),
    "upper-case letters in front": ("ARN:aws:iam::222222222222:user/Richard", "arn_not_iam"),
    "eleven digits": ("arn:aws:iam::22222222222:user/Richard", "arn_not_iam"),
    "thirteen digits": ("arn:aws:iam::2222222222222:user/Richard", "arn_not_iam"),
    "a region": ("arn:aws:iam:us-east-1:222222222222:user/Richard", "arn_not_iam"),
    "no name": ("arn:aws:iam::222222222222:role/", "arn_not_iam"),
    "an empty part of the path": ("arn:aws:iam::222222222222:role//x", "arn_not_iam"),
    "a way up": ("arn:aws:iam::222222222222:role/../x", "arn_path_invalid"),
    "a way nowhere": ("arn:aws:iam::222222222222:role/./x", "arn_path_invalid"),
    "a policy variable": ("arn:aws:iam::222222222222:user/${aws:username}/x", "arn_path_invalid"),
    "a quotation mark": ('arn:aws:iam::222222222222:user/a"b/x', "arn_path_invalid"),
    "a backslash": ("arn:aws:iam::222222222222:user/a\\b/x", "arn_path_invalid"),
    "a list": ('["arn:aws:iam::222222222222:user/Richard"]', "arn_not_iam"),
    "two of them": ("arn:aws:iam::222222222222:user/a,arn:aws:iam::222222222222:user/b", "arn_path_invalid"),
    "the unique id of a user": ("AIDAQ3EGRICHARDRICHA1", "arn_is_unique_id"),
    "the unique id of a role": ("AROAQ3EGRICHARDRICHA1", "arn_is_unique_id"),
    "a name of 129 characters": ("arn:aws:iam::222222222222:user/" + "x" * 129, "arn_not_iam"),
    "2,049 characters": ("arn:aws:iam::222222222222:user/" + "x/" * 1009, "arn_too_long"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_an_arn_of_anything_but_one_user_or_role_is_refused_with_a_code(text: str, code: str) -> None:
    with pytest.raises(arns.ArnError) as refusal:
        arns.parse(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("arn:aws:iam::222222222222:user/Richard", ("aws", "222222222222", "user", "/", "Richard")),
        ("arn:aws:iam::222222222222:role/Deploy", ("aws", "222222222222", "role", "/", "Deploy")),
        ("arn:aws:iam::222222222222:role/a/b/Deploy", ("aws", "222222222222", "role", "/a/b/", "Deploy")),
        ("arn:aws:iam::000000000001:user/a_b+c=d,e.f@g-h", ("aws", "000000000001", "user", "/", "a_b+c=d,e.f@g-h")),
        ("arn:aws-cn:iam::222222222222:user/Richard", ("aws-cn", "222222222222", "user", "/", "Richard")),
        ("arn:aws-us-gov:iam::222222222222:user/R", ("aws-us-gov", "222222222222", "user", "/", "R")),
    ],
)
def test_an_arn_of_a_user_or_role_is_parsed(text: str, fields: tuple[str, ...]) -> None:
    found = arns.parse(text)
    assert (found.partition, found.account_id, found.kind, found.path, found.name) == fields
    assert str(found) == text


@given(st.from_regex(r"arn:aws:iam::[0-9]{12}:(user|role)/([!-~]{1,8}/){0,3}[A-Za-z0-9_+=,.@-]{1,64}", fullmatch=True))
def test_an_accepted_arn_is_returned_unchanged(text: str) -> None:
    try:
        found = arns.parse(text)
    except arns.ArnError:
        return
    assert str(found) == text
    assert arns.parse(str(found)) == found


@given(st.text())
def test_no_text_breaks_the_parser_or_is_accepted_by_luck(text: str) -> None:
    with pytest.raises(arns.ArnError):
        arns.parse(text)


@given(st.text(min_size=1, max_size=3))
def test_nothing_can_be_added_in_front(text: str) -> None:
    with pytest.raises(arns.ArnError):
        arns.parse(text + "arn:aws:iam::222222222222:user/Richard")


@pytest.mark.parametrize("text", ["111111111111", "000000000000"])
def test_twelve_digits_are_an_account(text: str) -> None:
    assert arns.is_account_id(text)


@pytest.mark.parametrize("text", ["", "11111111111", "1111111111111", "111111111111\n", "\uff11" * 12, "\u00b2" * 12])
def test_anything_else_is_not_an_account(text: str) -> None:
    assert not arns.is_account_id(text)


@pytest.mark.parametrize("text", ["AIDAQ3EGRICHARDRICHA1", "AROAQ3EGRICHARDRICHA1"])
def test_ids_of_users_and_roles_are_known(text: str) -> None:
    assert arns.is_unique_id(text)


@pytest.mark.parametrize(
    "text", ["AIDA", "AKIAQ3EGRICHARDRICHA1", "AIDAQ3EGRICHARDRICHA1\n", "aidaq3egrichardricha1", "*"]
)
def test_anything_else_is_not_an_id(text: str) -> None:
    assert not arns.is_unique_id(text)
