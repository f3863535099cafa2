"""Commands that the documentation shows are run, or marked with the reason why not."""

import re
import shlex

import pytest

from dev.options import ROOT
from dev.stack import Stack
from tests.dev.test_docs import NAMES

MARK = "<!-- The documentation tests do not run (.+?) -->"
BLOCK = re.compile(rf"^(?:{MARK}\n)?```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
MANAGE = ".venv/bin/python manage.py "
# What `make NAME` runs, where that is one command of `manage.py`.
TARGET = re.compile(r"^([a-z-]+):\n(?:\t.*\n)*\t\$\(RUN\) manage\.py (.+)$", re.MULTILINE)
OF_TARGETS = {f"make {name}": MANAGE + command for name, command in TARGET.findall((ROOT / "Makefile").read_text())}


def commands_of(name: str) -> list[str]:
    """Return the commands of a page that are not marked, each without the comment behind it."""
    blocks = [body for reason, body in BLOCK.findall((ROOT / name).read_text()) if not reason]
    lines = [re.sub(r"\s+# .*", "", line) for body in blocks for line in body.splitlines() if line.strip()]
    return [OF_TARGETS.get(line, line) for line in lines]


COMMANDS = sorted({command for name in NAMES for command in commands_of(name)})


def test_there_are_commands_to_run() -> None:
    assert MANAGE + "story" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_unmarked_command_runs(command: str, stack: Stack) -> None:
    assert command.startswith(MANAGE), "only commands of manage.py are run: mark the block with a reason"
    assert stack.manage(*shlex.split(command.removeprefix(MANAGE))).strip()
