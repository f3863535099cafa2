"""What a search text can be: words, or the id of something."""

import pytest

from access.reviews.search_text import SearchText, TooLong

NAME = "dp" + "a2" * 7
ID = "12345678-1234-4123-8123-123456789abc"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("  Richard   Roe\t\n", "Richard Roe"),
        ("a\x00b", "a b"),
        ("a\u202eb\u200bc", "a b c"),
        ("\ud800", ""),
        ("Zoë", "Zoë"),
    ],
)
def test_a_text_is_one_line_that_people_see(typed: str, text: str) -> None:
    assert SearchText.read(typed).text == text


def test_a_text_of_200_characters_is_the_longest() -> None:
    assert len(SearchText.read("x" * 200).text) == 200
    with pytest.raises(TooLong):
        SearchText.read("x" * 201)


@pytest.mark.parametrize("typed", [ID, ID.upper(), ID.replace("-", ""), f" {ID} "])
def test_a_public_id_is_read(typed: str) -> None:
    assert str(SearchText.read(typed).public_id) == ID


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (NAME, NAME),
        (NAME.upper(), NAME),
        (f"AROAEXAMPLEEXAMPLE123:{NAME}", NAME),
        (f"arn:aws:sts::111111111111:assumed-role/uploads/{NAME}", NAME),
        ("arn:aws:sts::111111111111:assumed-role/uploads/somebody", ""),
        (NAME + "a", ""),
        (NAME[:-1] + "1", ""),
        (NAME[:-1] + "\u0662", ""),
        (f"x{NAME}", ""),
    ],
)
def test_a_session_name_is_read_also_in_ids(typed: str, name: str) -> None:
    assert SearchText.read(typed).session_name == name


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("arn:aws:iam::111111111111:role/daypass/uploads", ("111111111111", "uploads")),
        ("arn:aws-cn:iam::111111111111:role/uploads", ("111111111111", "uploads")),
        ("arn:aws:sts::111111111111:assumed-role/uploads/somebody", ("111111111111", "uploads")),
        ("arn:aws:iam::111111111111:user/uploads", None),
        ("arn:aws:iam::111111111111:root", None),
        ("uploads", None),
    ],
)
def test_the_role_of_an_arn_is_read(typed: str, role: tuple[str, str] | None) -> None:
    assert SearchText.read(typed).role == role
