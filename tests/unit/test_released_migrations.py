"""A migration that is part of a release never changes: databases in use have applied it."""

from hashlib import sha256
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).resolve().parents[2] / "access" / "migrations"
RELEASED = {
    # 0.2.0
    "0001_initial.py": "8897417ab73990fbf35ee3b6279f287da6ffc51aeeb044abb09ba3f20d6aec38",
    "0002_guards.py": "ff7d2e5d09786f93f051ceac41c67a147481352057a11f033925c6b1a0135a76",
}


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_migration_is_unchanged(name: str) -> None:
    assert sha256((MIGRATIONS / name).read_bytes()).hexdigest() == RELEASED[name]
