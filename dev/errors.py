"""Write docs/reference/errors.md, every code with its sentence, from `access.texts` and the forms.

With `--check` compare only.
"""

import re
import sys

from access.texts.catalogue import PHRASES, TEMPLATES
from dev import form_errors
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
# Where a sentence ends: the next one begins with a capital, or with a fact.
END = re.compile(r"(?<=\.) |(?<=\}) (?=[A-Z])")
# What to do about a sentence that says only what is wrong, by the beginning of its code.
NOTES = {
    "approved_by_policy": "You do not need to do anything. The reason is recorded in the audit log.",
    "break_glass_": "You do not need to do anything. The reason is recorded in the audit log.",
    "chain_intact": "You do not need to do anything. This is a result of `manage.py audit_verify`.",
    "chain_more_findings": "Correct the cause of the findings that are shown, then run `manage.py audit_verify` again.",
    "chain_": "Find out who changed the database or the files. See [the audit log](audit.md).",
    "demo_": "Restart the demo and try again. See `demo_story_stopped`.",
    "finding_": "Daypass leaves the policies in AWS unchanged and tries again automatically. See `verifier_refused`.",
    "hardening_": "Daypass did not apply the hardening change. In IAM, edit the statement that you chose on the page. "
    "See `hardening_not_as_proposed`.",
    "invalid_values": "Correct each of these values.",
    "own_role_": "Deploy the account's template again. See `own_roles_differ`.",
    "policy_at": "Correct the policy at this position.",
    "principal_invalid": "Correct the ARN.",
    "revoked_": "You do not need to do anything. The reason is recorded in the audit log.",
    "trust_policy_": "You do not need to do anything. The reason is recorded in the audit log.",
}

FORMS = """
## Errors of form fields

Django and django-allauth find these errors. Their sentences belong to those libraries, so a code can have several of
them. Words in braces are facts, such as a number.

| code | what is wrong | what to do | who sees it |
|---|---|---|---|
"""


def page() -> str:
    """Return the page: a line per code, in alphabetical order, and one per sentence of the libraries."""
    rows = "".join(f"| `{code}` | {wrong} | {fix} | {reader} |\n" for code, wrong, fix, reader in form_errors.table())
    return HEAD + "".join(_line(code) for code in sorted(TEMPLATES)) + FORMS + rows


def _line(code: str) -> str:
    template = TEMPLATES[code]
    fact, *rest = END.split(template.english, maxsplit=1)
    remedy = rest[0] if rest else _note(code)
    name = f"`{code}`, `{template.check}`" if template.check else f"`{code}`"
    return f"| {name} | {_shown(fact, code)} | {_shown(remedy, code)} | {template.reader} |\n"


def _note(code: str) -> str:
    return next((note for begins, note in NOTES.items() if code.startswith(begins)), "")


def _shown(english: str, code: str) -> str:
    """Return a part of a sentence for the table, with the sentences that are always inserted into it."""
    inserted = {
        "{remedy}": "encryption_key_remedy" if code.startswith("encryption_") else "key_remedy",
        "{which}": "sources_of_role",
    }
    for fact, phrase in inserted.items():
        english = english.replace(fact, str(PHRASES[phrase].message))
    return english.replace("{{", "{").replace("}}", "}").replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(update(ROOT / "docs" / "reference" / "errors.md", page(), command="python -m dev.errors"))
