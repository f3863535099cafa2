"""People who are signed in at a running portal: once each, as a code is good for once and nobody waits for the next."""

import functools
import json
from pathlib import Path

from demo import cast
from demo.browser import Visitor
from dev.stack import Stack


def signed_in(stack: Stack, person: cast.Person) -> Visitor:
    """Return the person at the portal of this stack."""
    return _signed_in(stack.options.url, stack.options.var, person)


@functools.cache
def _signed_in(url: str, var: Path, person: cast.Person) -> Visitor:
    visitor = Visitor(url)
    secrets = cast.secrets_of(person, json.loads((var / "demo.json").read_text()))
    visitor.sign_in(person.email, *secrets, notebook=var / "demo-codes.json")
    return visitor
