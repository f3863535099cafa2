"""Scripts show no English of their own: what they show is in the page, where it is translated."""

import re

import pytest

from dev.options import ROOT

# What browsers, htmx and allauth call their things.
WORDS = {
    "AbortError",
    "Content-Type",
    "DOMContentLoaded",
    "Form",
    "POST",
    "X-Background",
    "X-CSRFToken",
    "a",
    "allauth.error",
    "aria-labelledby",
    "aria-live",
    "button",
    "button button-plain",
    "click",
    "close",
    "d",
    "details",
    "dialog",
    "error",
    "form",
    "g",
    "h1",
    "h2",
    "input",
    "js",
    "js_data",
    "key-",
    "keydown",
    "keys",
    "keys-dialog",
    "keys-title",
    "off",
    "open",
    "passkey",
    "polite",
    "radio",
    "session-end",
    "string",
    "submit",
    "textarea",
    "time_zone",
    "visibilitychange",
}
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERAL = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")
# A selector, an address, a cookie or an event: not something that people read. `{…}` is a name that is filled in.
_MACHINE = re.compile(r"[.#\[\]:=/;]|^passkey-said$|^said$|^text/html$|^\{\w+\}$")


def shown_by(source: str) -> list[str]:
    """Return the words in the literals of a script that no machine asks for."""
    literals = (next(filter(None, found), "") for found in _LITERAL.findall(_COMMENT.sub("", source)))
    plain = (re.sub(r"\$\{[^}]*\}", "", literal).strip() for literal in literals)
    return [text for text in plain if re.search(r"[A-Za-z]", text) and text not in WORDS and not _MACHINE.search(text)]


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "static").glob("*.js")))
def test_a_script_shows_no_words_of_its_own(name: str) -> None:
    assert shown_by((ROOT / "static" / name).read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('const UNITS = [["days", 86400], ["min", 60]];', ["days", "min"]),
        ("said.textContent = `${count} left`; // Says so.", ["left"]),
        ("said.textContent = 'Copied';", ["Copied"]),
        ('document.querySelector("[data-said]").addEventListener("click", go);', []),
    ],
)
def test_words_in_a_script_are_found(source: str, found: list[str]) -> None:
    assert shown_by(source) == found
