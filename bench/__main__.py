"""`python -m bench`: print a line for each row, keep them as JSON, and say by the exit code whether one is short."""

import json
import os
import sys
from collections.abc import Iterator

from bench.rows import GROUPS, Row, chosen
from bench.stack import MeasureFailed, measured
from dev.options import ROOT

RESULT = ROOT / "var" / "bench.json"


def main() -> int:
    """Measure what ROW names, or everything; 1 when a row is short, 2 when there is no such row or it broke off."""
    wanted = os.environ.get("ROW", "")
    if not chosen(wanted):
        names = ", ".join(row for group in GROUPS for row in group.rows)
        print(f"There is no row {wanted}. There are: {names}.", file=sys.stderr)
        return 2
    rows: list[Row] = []
    try:
        for row in _rows(wanted):
            print(row.line(), flush=True)
            rows.append(row)
    except MeasureFailed as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        RESULT.write_text(json.dumps([row.as_dict() for row in rows], indent=2) + "\n")
    return 0 if all(row.is_ok for row in rows) else 1


def _rows(wanted: str) -> Iterator[Row]:
    for group, names in chosen(wanted).items():
        for fields in measured(group):
            row = Row.of(fields)
            if row.name in names:
                yield row


if __name__ == "__main__":
    sys.exit(main())
