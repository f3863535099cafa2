"""Every kind of audit event that Daypass writes has a sentence, a group and a place in the reference."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from access.lifecycle import RequestState
from access.models import HardeningChange, Issuance, RoleChange
from access.texts.event_kinds import GROUPS, SENTENCES

ROOT = Path(__file__).parents[2]
VERB = re.compile(r"([a-z_]+)\.[a-z_]*[a-z]\Z", re.ASCII)
PLACES = ("actions", "auth", "catalogue", "evidence", "ledger", "models", "reconcile")
# Names of files, and an event that is taken back immediately.
NOT_WRITTEN = {"audit.jsonl", "audit.tried", "evidence.css", "evidence.html", "evidence.json"}


def written() -> set[str]:
    """Return the verbs that are in the source, and those that it composes of the values of enumerations."""
    found = {verb for place in PLACES for path in (ROOT / "access" / place).rglob("*.py") for verb in verbs_in(path)}
    found |= {f"request.{state}" for state in RequestState if state is not RequestState.PENDING}
    outcomes = [outcome for outcome in Issuance.Outcome.values if outcome != Issuance.Outcome.OPEN]
    found |= {f"{kind}.{word}" for kind in Issuance.Kind.values for word in ("asked", *outcomes)}
    found |= {f"role.change_{outcome}" for outcome in RoleChange.Outcome.values}
    found |= {f"role.hardening_{outcome}" for outcome in HardeningChange.Outcome.values}
    found |= {f"{kind}.{way}abled" for kind in ("company", "contractor", "person") for way in ("dis", "en")}
    found |= {f"invitation.{verb}" for verb in ("accepted", "sent", "sent_again", "withdrawn")}
    return found - NOT_WRITTEN


def verbs_in(path: Path) -> Iterator[str]:
    """Yield what looks like a verb and is not the name of a line in the application log."""
    tree = ast.parse(path.read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    logged = {id(word) for call in calls if ast.unparse(call.func).startswith("log.") for word in call.args}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in logged:
            match = VERB.match(node.value)
            if match and match[1] in GROUPS:
                yield node.value


def test_every_kind_has_a_sentence_and_every_sentence_a_kind() -> None:
    assert set(SENTENCES) == written()


def test_every_kind_is_in_a_group_and_no_group_is_empty() -> None:
    assert {verb.partition(".")[0] for verb in SENTENCES} == set(GROUPS)


def test_every_group_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/audit.md").read_text()
    assert [group for group in GROUPS if f"`{group}." not in page] == []
