"""Build CSV files in which no spreadsheet program treats a typed text as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins like this is a formula to Excel, LibreOffice or Google Sheets; the full-width signs are too in some
# locales. [OWASP CSV Injection]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  # meant
_BLANKS = " \u00a0\u200b\ufeff"  # left out by some programs before they read the first sign


def csv_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV: every cell in quotes, and what would be taken for a formula led by an apostrophe."""
    return csv_rows([head, *rows])


def csv_rows(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV, as `csv_text` does, for a file that is written in parts."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def harmless(cell: str) -> str:
    """Return the cell as text that no spreadsheet computes, without the one sign that ends a text early."""
    text = cell.replace("\0", "")
    return f"'{text}" if text.lstrip(_BLANKS).startswith(_FORMULA) else text
