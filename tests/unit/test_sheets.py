"""What people typed is text in every spreadsheet, never a formula."""

import csv
import io

import pytest

from access.sheets import csv_text, harmless


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\u00a0=1",
        "\ufeff=1",
        "\uff1d1+1",
        "\uff20SUM(1)",
        '=HYPERLINK("https://example.com","x")',
    ],
)
def test_a_formula_is_prefixed_with_an_apostrophe(typed: str) -> None:
    assert harmless(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["", "Richard", "a=b", "1-2", "Upload; then stop", 'say "no"', "a,b"])
def test_other_text_is_unchanged(typed: str) -> None:
    assert harmless(typed) == typed


def test_a_table_is_read_back_as_it_was_written() -> None:
    rows = [["a,b", 'say "no"'], ["two\nlines", "x\0y"], ["=cmd|' /C calc'!A0", ""]]
    read = list(csv.reader(io.StringIO(csv_text(["One", "=Two"], rows))))
    assert read == [["One", "'=Two"], ["a,b", 'say "no"'], ["two\nlines", "xy"], ["'=cmd|' /C calc'!A0", ""]]
