"""Policies, the sentences that they make, and what is found in them, as `weight rule`. N stands for a count of actions.

The rows are in explain_table.json; of AWS's own policies, which are in managed_policies.json, the first sentences.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

_HERE = Path(__file__).parent
_TABLE = json.loads((_HERE / "explain_table.json").read_text())
AWS_MANAGED: dict[str, dict[str, Any]] = json.loads((_HERE / "managed_policies.json").read_text())


class Row(NamedTuple):
    name: str
    policy: dict[str, Any]
    sentences: list[str]
    findings: list[str]


PERMISSIONS = [Row(**row) for row in _TABLE["permissions"]]
TRUSTS = [Row(**row) for row in _TABLE["trusts"]]
MANAGED = [Row(policy=AWS_MANAGED[row["name"]], **row) for row in _TABLE["managed"]]
