"""What to do about text that is not JSON: from the text where the reader stopped, and from what it looks like."""

import json
import re

_YAML = re.compile(r"(?:---|%YAML|[A-Za-z]+:(?:\s|\Z)|- )", re.ASCII)
_TERRAFORM = re.compile(r"(?:jsonencode\(|data +\"|resource +\"|statement +\{|<<-?[A-Z])", re.ASCII)
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
# The first row whose pattern matches where the reader stopped gives the remedy.
_AT_THE_PLACE = (
    (re.compile(r"//|/\*|#"), "JSON has no comments. Take the comment out."),
    (re.compile(r"\u00a0"), "There is a non-breaking space. Replace it with an ordinary space."),
    (re.compile(r"'"), "JSON has double quotation marks: write \" for '."),
    (re.compile(r"\.\.\."), "The dots stand for something that was left out. Put it in."),
    (re.compile(r"\$\{|\{\{|<[A-Za-z]"), "There is a placeholder. Put in what it stands for."),
    (re.compile(r"="), "This is Terraform's language, not JSON. Paste what jsonencode makes of it."),
)


def fix(text: str, error: json.JSONDecodeError) -> str:
    """Return what to do about text in which the JSON reader stopped with this error."""
    start = text.lstrip()
    if not start.startswith(("{", "[", '"')):
        return _of_another_language(start)
    before, rest = text[: error.pos].rstrip(), text[error.pos :]
    here = rest.lstrip(" \t\r\n")
    if before.endswith(",") and here[:1] in ("}", "]"):
        return "Take out the comma before it."
    if not here:
        return "The end is missing: close every bracket and quotation mark."
    if _is_inside_number(before, here):
        return "Put quotation marks around the number: JSON takes none that begins with 0."
    advice = next((advice for pattern, advice in _AT_THE_PLACE if pattern.match(here)), "")
    if advice:
        return advice
    if error.msg == "Extra data":
        return "Take out what follows the last bracket."
    word = re.match(r"[A-Za-z_][A-Za-z0-9_:-]*", here, re.ASCII)
    if word:
        return _of_a_word(word[0])
    if "delimiter" in error.msg:
        return "Put the missing comma, colon or bracket before it."
    return "See whether a comma, a bracket or a quotation mark is missing there or just before."


def _is_inside_number(before: str, here: str) -> bool:
    """Return whether the reader stopped behind the 0 with which a number begins."""
    return re.search(r"(?:\A|[^0-9.eE])-?0\Z", before, re.ASCII) is not None and here[:1].isdigit()


def _of_a_word(word: str) -> str:
    if word in _WORDS:
        return f"JSON writes {_WORDS[word]}, not {word}."
    return f"Put quotation marks around {word}, or put the missing comma before it."


def _of_another_language(start: str) -> str:
    if _TERRAFORM.match(start):
        return "This is Terraform's language, not JSON. Paste what jsonencode makes of it."
    if start.startswith(("//", "/*", "#")):
        return "JSON has no comments. Take the comment out."
    if start.startswith(("%7B", "%7b")):
        return "The document is URL-encoded, as the IAM API returns it. Decode it, or paste what the console shows."
    if start.startswith("<"):
        return "This is a page or XML, not JSON. Paste only the policy."
    if start.startswith(("\\{", '\\"', "{\\")):
        return "The quotation marks are escaped. Paste the document without the backslashes."
    if _YAML.match(start):
        return "This is YAML, not JSON. Paste the policy as JSON; the console's editor shows it so."
    return "A policy begins with {. Paste the whole document, and nothing before it."
