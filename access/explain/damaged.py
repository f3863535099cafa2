"""Say how to correct text that is not JSON, from where the parser stopped and what the text looks like."""

import json
import re

from access.texts.text import Text

_YAML = re.compile(r"(?:---|%YAML|[A-Za-z]+:(?:\s|\Z)|- )", re.ASCII)
_TERRAFORM = re.compile(r"(?:jsonencode\(|data +\"|resource +\"|statement +\{|<<-?[A-Z])", re.ASCII)
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
# The first row whose pattern matches where the reader stopped is what is wrong.
_AT_THE_PLACE = (
    (re.compile(r"//|/\*|#"), Text("policy_json_comment")),
    (re.compile(r"\u00a0"), Text("policy_json_no_break_space")),
    (re.compile(r"'"), Text("policy_json_single_quotes")),
    (re.compile(r"\.\.\."), Text("policy_json_dots")),
    (re.compile(r"\$\{|\{\{|<[A-Za-z]"), Text("policy_json_placeholder")),
    (re.compile(r"="), Text("policy_json_terraform")),
)
_OPENS_A_VALUE = ("", "{", "[", ",", ":")  # what is before a value or a name


def fix(text: str, at: int) -> Text:
    """Return what is wrong with text in which the JSON reader stopped at this place, and what to do about it."""
    start = text.lstrip()
    if not start.startswith(("{", "[", '"')):
        return _of_another_language(start)
    before, rest = text[:at].rstrip(), text[at:]
    here = rest.lstrip(" \t\r\n")
    if before.endswith(",") and here[:1] in ("}", "]"):
        return Text("policy_json_comma")
    if not here:
        return Text("policy_json_bracket_missing")
    if _is_inside_number(before, here):
        return Text("policy_json_number")
    found = next((found for pattern, found in _AT_THE_PLACE if pattern.match(here)), None)
    return found or _of_the_place(before, rest, here)


def _of_the_place(before: str, rest: str, here: str) -> Text:
    if _is_whole(before):
        return Text("policy_json_extra")
    if rest[:1] in ("\t", "\r", "\n"):  # between values the reader skips them
        return Text("policy_json_line_break")
    if rest[:1] == "\\":
        is_escaped = before[-1:] in _OPENS_A_VALUE and rest[1:2] == '"'
        return Text("policy_json_escaped") if is_escaped else Text("policy_json_backslash")
    word = re.match(r"[A-Za-z_][A-Za-z0-9_:-]*", here, re.ASCII)
    if word:
        return _of_a_word(word[0])
    return Text("policy_json_unclear") if before[-1:] in _OPENS_A_VALUE else Text("policy_json_delimiter")


def _is_whole(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _is_inside_number(before: str, here: str) -> bool:
    """Return whether the reader stopped behind the 0 with which a number begins."""
    return re.search(r"(?:\A|[^0-9.eE])-?0\Z", before, re.ASCII) is not None and here[:1].isdigit()


def _of_a_word(word: str) -> Text:
    if word in _WORDS:
        return Text("policy_json_word_differs", {"word": _WORDS[word], "typed": word})
    return Text("policy_json_word", {"word": word})


def _of_another_language(start: str) -> Text:
    if _TERRAFORM.match(start):
        return Text("policy_json_terraform")
    if start.startswith(("//", "/*", "#")):
        return Text("policy_json_comment")
    if start.startswith(("%7B", "%7b")):
        return Text("policy_json_url_encoded")
    if start.startswith("<"):
        return Text("policy_json_html")
    if start.startswith(("\\{", '\\"')):
        return Text("policy_json_escaped")
    return Text("policy_json_yaml") if _YAML.match(start) else Text("policy_json_other")
