"""The catalogue of sentences: every code that is raised is there, with the facts that its sentence names."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access.aws import errors
from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.language import Language
from access.texts.template import Phrase, Sentence
from access.texts.text import CodedError, Listed, Text
from dev.options import ROOT

AWS = {one for one in vars(errors) if one[0].isupper()} | {"NotAnswered", "NotBelieved", "RateLimited"}
KINDS = {
    "Refused",
    "Conflict",
    "Text",
    "NotWritable",
    "VerifierRefused",
    "Undecided",
    "Missing",
    "SettingError",
    "RefusedCommand",
    "ChoiceError",
    "ArnError",
    "ProofError",
    "RecipeError",
    "_fault",
    "_at",
    "NotReady",
    "UnexpectedPage",
    "coded_pattern",
    "invalid",
    "__init__",
    *AWS,
}


def made() -> Iterator[tuple[str, str, set[str]]]:
    """Yield every code that is made in the product: where, the code, and the names of its facts."""
    for file in sorted(
        file for folder in ("access", "portal", "demo", "dev") for file in (ROOT / folder).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            if _name(node.func) == "partial" and _name(node.args[0]) in KINDS and len(node.args) > 1:
                yield from _later(file, node)
            if _name(node.func) not in KINDS:
                continue
            code = node.args[1:] if _name(node.func) in {"_fault", "_at", "coded_pattern"} else node.args
            if code and isinstance(code[0], ast.Constant):
                facts = {word.arg for word in node.keywords if word.arg and word.arg not in {"field", "returncode"}}
                facts |= {"event"} if _name(node.func) == "_at" else set()
                if len(code) > 1 and isinstance(code[1], ast.Dict):
                    facts |= {str(key.value) for key in code[1].keys if isinstance(key, ast.Constant)}
                yield f"{file.relative_to(ROOT)}:{node.lineno}", str(code[0].value), facts
    yield from _in_templates()


def _in_templates() -> Iterator[tuple[str, str, set[str]]]:
    for file in sorted((ROOT / "templates").rglob("*.html")):
        for code, facts in re.findall(r'{% error_text "([a-z_]+)"((?: [a-z_]+=[\w.]+)*) %}', file.read_text()):
            yield str(file.relative_to(ROOT)), code, {fact.partition("=")[0] for fact in facts.split()}


def _later(file: Path, node: ast.Call) -> Iterator[tuple[str, str, set[str]]]:
    """Yield the code of an error whose facts are given later: by `access.aws`, where AWS answers."""
    assert isinstance(node.args[1], ast.Constant)
    code = str(node.args[1].value)
    yield f"{file.relative_to(ROOT)}:{node.lineno}", code, named(TEMPLATES[code].english)


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def named(english: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(english) if name}


def facts_of(template: Sentence | Phrase) -> set[str]:
    """Return the facts that a template names, in each of its numbers the same."""
    message = template.message
    if isinstance(message, str):
        return named(message)
    assert named(message.one) <= named(message.many)
    return named(message.many) | {template.count}


def test_every_code_has_a_sentence_with_exactly_its_facts() -> None:
    known: dict[str, Sentence | Phrase] = {**TEMPLATES, **PHRASES}
    assert [(place, code) for place, code, _ in made() if code not in known] == []
    wrong = [(place, code) for place, code, facts in made() if facts_of(known[code]) != facts]
    assert wrong == []


def test_every_sentence_is_used() -> None:
    assert set(TEMPLATES) - {code for _, code, _ in made()} == set()


def test_every_code_can_be_typed() -> None:
    assert [code for code in TEMPLATES if not re.fullmatch(r"[a-z0-9_]+", code, re.ASCII)] == []


def test_every_sentence_is_complete() -> None:
    whole = re.compile(r"[A-Z{].*[.?}”]", re.DOTALL)
    assert [code for code, one in TEMPLATES.items() if not whole.fullmatch(one.english)] == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes"),
        (datetime(2026, 5, 4, 12, tzinfo=UTC), "4 May 2026, 12:00 UTC"),
        (("a", "b"), "a, b"),
        (Listed(("a", "b", "c")), "a, b and c"),
        (Listed(("a", "b"), "or"), "a or b"),
        (Text("sources_of_yours"), "Enter the public addresses that you work from."),
        (7, "7"),
        ("{code}", "{code}"),
    ],
)
def test_facts_are_formatted_for_people(value: object, shown: str) -> None:
    assert str(Text("invalid_values", {"problems": value})) == shown


def test_an_error_has_a_code_a_field_and_a_sentence() -> None:
    error = CodedError("window_too_long", field="ends_at", longest=timedelta(hours=8))
    assert (error.code, error.field) == ("window_too_long", "ends_at")
    assert str(error) == "This role can be granted for at most 8 hours. Choose a shorter length or an earlier end."


def test_a_sentence_is_translated_when_it_is_shown() -> None:
    german = {"The text is longer than {most} characters. Shorten the text.": "Der Text hat mehr als {most} Zeichen."}
    text = Text("reason_too_long", {"most": 500})

    class German(Language):
        def many(self, one: str, many: str, count: int) -> str:
            return german.get(many, many)

    assert text.render(German()) == "Der Text hat mehr als 500 Zeichen."


@pytest.mark.parametrize(("count", "shown"), [(1, "a and 1 more action"), (2, "a and 2 more actions")])
def test_a_number_chooses_its_template(count: int, shown: str) -> None:
    assert str(Text("and_more_actions", {"names": "a", "count": count})) == shown


def test_ids_of_system_checks_belong_to_one_code_each() -> None:
    ids = [sentence.check for sentence in TEMPLATES.values() if sentence.check]
    assert len(ids) > 50
    assert all(re.fullmatch(r"daypass\.E[0-9]{3}", one, re.ASCII) for one in ids)
    assert len(set(ids)) == len(ids)


# Facts that are numbers, by their names. A noun after one of them has to agree with it, in any language.
NUMBERS = "count|days|distinct|excess|length|most|quota|roles|seconds|size"


def test_a_noun_after_a_number_has_its_plurals() -> None:
    plural = re.compile(rf"{{(?:{NUMBERS})}} (?:[a-z]+ )?[a-z]+s\b")
    messages = {code: one.message for code, one in TEMPLATES.items()}
    assert [code for code, said in messages.items() if isinstance(said, str) and plural.search(said)] == []
    counted = [(one.count, one.message.many) for one in TEMPLATES.values() if not isinstance(one.message, str)]
    assert [many for count, many in counted if f"{{{count}}}" not in many] == []
