"""The policies that AWS manages, as its API returned them on 2026-05-01.

Run `python -m tests.unit.aws_managed` with moto beside Daypass to read them again: moto keeps a copy of what
iam:ListPolicies and iam:GetPolicyVersion answer. Then judge the rows of the two tables of verdicts again.
"""

import functools
import importlib
import json
import lzma
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "aws_managed_policies.json.xz"


@functools.cache
def aws_managed() -> dict[str, dict[str, Any]]:
    """Return the documents by the names of the policies."""
    policies: dict[str, dict[str, Any]] = json.loads(lzma.decompress(FILE.read_bytes()))
    return policies


def read_from_moto() -> None:
    """Write the file from the copy that the installed moto has."""
    kept = json.loads(importlib.import_module("moto.iam.aws_managed_policies").aws_managed_policies_data)
    documents = {name: policy["Document"] for name, policy in sorted(kept.items())}
    FILE.write_bytes(
        lzma.compress(json.dumps(documents, separators=(",", ":")).encode(), preset=9 | lzma.PRESET_EXTREME)
    )


if __name__ == "__main__":
    read_from_moto()
