"""The people, the role and the bucket of the demo."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

BUCKET = "importantprojectbucket"
FILE = "richardsimportantfile.txt"
ROLE = "importantproject-contractorA-bucket-put"
ROLE_PATH = "/daypass/"
PERMISSIONS_NAME = "importantproject-put-bucket"
PERMISSIONS: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}],
}


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    name: str
    part: str


RICHARD = Person("richard@contractor.example", "Richard", "contractor, has an AWS account")
RITA = Person("rita@contractor.example", "Rita", "contractor, has no AWS account")
ALICE = Person("alice@example.com", "Alice", "approver")
BOB = Person("bob@example.com", "Bob", "approver")
ADA = Person("ada@example.com", "Ada", "administrator")
PEOPLE = (RICHARD, RITA, ALICE, BOB, ADA)


def notes_file() -> Path:
    """Return where the demo keeps what it generated: passwords of the people and access keys of the contractor's
    users.
    """
    return Path(settings.VAR_DIR) / "demo.json"


def used_codes_file() -> Path:
    """Return the file that names the one-time codes that the demo's programs used."""
    return notes_file().with_name("demo-codes.json")


def read_notes() -> dict[str, Any]:
    """Return what was generated before, or an empty dictionary."""
    file = notes_file()
    return dict(json.loads(file.read_text())) if file.exists() else {}


def write_notes(notes: dict[str, Any]) -> None:
    """Keep the notes where only their owner can read them."""
    write_private(notes_file(), json.dumps(notes, indent=2) + "\n")


def write_private(file: Path, text: str) -> None:
    """Replace a file by one that only its owner can read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(file)


def secrets_of(person: Person, notes: dict[str, Any]) -> tuple[str, str]:
    """Return what the person signs in with: the password, and the seed of the one-time codes."""
    return str(notes["passwords"][person.email]), str(notes["seeds"][person.email])


def new_password() -> str:
    """Return a password that can be read out: four groups of random letters and digits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
