"""Write docs/reference/errors.md, every code with its sentence, from access/texts/; with `--check` compare only."""

import sys

from access.texts.catalogue import TEMPLATES
from dev.generated import update
from dev.options import ROOT

HEAD = """# Error codes

This page is for users who look up an error code, and for programs that react to error codes. The command
`python -m dev.errors` generates this page from `access/texts/`. Do not edit the page. The meaning of a code never
changes, but its sentence can change. A code with an ID (`daypass.E…`) is a Django system check: Daypass does not start
while this check fails. The page also contains the reasons that Daypass records in the audit log, such as
`revoked_returned`.

| code | what is wrong | what to do | who sees it |
|---|---|---|---|
"""


def page() -> str:
    """Return the page: a line per code, in alphabetical order."""
    return HEAD + "".join(_line(code) for code in sorted(TEMPLATES))


def _line(code: str) -> str:
    template = TEMPLATES[code]
    fact, _, remedy = template.english.replace("{{", "{").replace("}}", "}").replace("|", "\\|").partition(". ")
    whole = f"{fact}." if remedy or not fact.endswith((".", "}")) else fact
    name = f"`{code}`, `{template.check}`" if template.check else f"`{code}`"
    return f"| {name} | {whole} | {remedy} | {template.reader} |\n"


if __name__ == "__main__":
    sys.exit(update(ROOT / "docs" / "reference" / "errors.md", page(), command="python -m dev.errors"))
