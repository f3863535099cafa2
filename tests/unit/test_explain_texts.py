"""Every pattern of `explain` has one template, and every template gets just the facts that it names."""

import importlib
import pkgutil
import string
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from access import texts
from access.explain import find_in_permissions, find_in_role, find_in_trust
from access.explain import permissions as in_permissions
from access.explain import trusts as in_trusts
from access.explain.coverage import idle_because
from access.explain.permissions import Tone, tone_of
from access.explain.statements import statements_of
from access.explain.wording import _PLAIN
from access.texts import conditions, findings, permissions, trusts
from access.texts.catalogue import PHRASES, TEMPLATES
from access.texts.language import Language, Style
from access.texts.template import Plural
from access.texts.text import Text
from tests.unit.explain_table import AWS_MANAGED, MANAGED, PERMISSIONS, TRUSTS
from tests.unit.said import texts_in

ACCOUNT = "111111111111"
OF_EXPLAIN = {**conditions.TEMPLATES, **findings.TEMPLATES, **permissions.TEMPLATES, **trusts.TEMPLATES}


def said() -> Iterator[Text]:
    """Everything that is said of the policies of the table: sentences, findings, fixes, places."""
    for row in (*PERMISSIONS, *MANAGED):
        arn = f"arn:aws:iam::aws:policy/{row.name}"
        yield from in_permissions.permissions_in_words(row.policy)
        yield from in_permissions.permissions_in_words({}, attached=[arn], documents={arn: row.policy})
        for finding in (*find_in_permissions(row.policy), *find_in_role({}, managed={arn: row.policy})):
            yield from (text for text in (finding.sentence, finding.fix, finding.where) if isinstance(text, Text))
    for row in TRUSTS:
        yield from in_trusts.trust_in_words(row.policy, account_id=ACCOUNT)
        for finding in find_in_trust(row.policy, account_id=ACCOUNT):
            yield from (text for text in (finding.sentence, finding.fix, finding.where) if isinstance(text, Text))


def named(code: str) -> set[str]:
    """The facts that a template names; the number that chooses the plural belongs to them."""
    template = OF_EXPLAIN.get(code) or PHRASES[code]
    message = template.message.many if isinstance(template.message, Plural) else template.message
    facts = {name for _, name, _, _ in string.Formatter().parse(message) if name}
    return facts | ({template.count} if template.count else set())


def test_every_text_gives_just_the_facts_of_its_template() -> None:
    texts = {one for text in said() for one in texts_in(text)}
    assert len(texts) > 500
    assert [(one.code, set(one.facts), named(one.code)) for one in texts if set(one.facts) != named(one.code)] == []


def tables() -> Iterator[dict[str, Any]]:
    """Yield every table of templates in `access.texts`; the catalogue joins them."""
    names = {module.name for module in pkgutil.iter_modules(texts.__path__)} - {"catalogue", "text"}  # which join them
    for module in (importlib.import_module(f"access.texts.{name}") for name in sorted(names)):
        yield from (table for name in ("TEMPLATES", "RESULTS", "PHRASES") if (table := getattr(module, name, None)))


def test_no_code_has_two_templates() -> None:
    codes = [code for table in tables() for code in table]
    assert len(codes) == len(set(codes)) == len(PHRASES) + len(TEMPLATES)


def test_every_plain_action_has_its_words() -> None:
    for verb, thing, preposition in _PLAIN.values():
        assert {f"verb_{verb}", f"do_{thing}", f"can_{preposition}", f"never_{preposition}_if"} <= set(PHRASES)
    assert set(permissions.VERBS) >= {verb for verb, _, _ in _PLAIN.values()}
    assert set(permissions.THINGS) == {thing for _, thing, _ in _PLAIN.values()}


@pytest.mark.parametrize("name", ["s3:NoSuch", "s3:PutObject", "s3:ListAllMyBuckets"])
def test_every_reason_for_having_no_effect_has_its_sentences(name: str) -> None:
    (statement,) = statements_of({"Statement": {"Effect": "Allow", "Action": name, "Resource": "arn:aws:s3:::b"}})
    assert f"allows_nothing_{idle_because(name, statement)}_if" in PHRASES


class Shouting(Language):
    """A language that is English in capitals, but for what it quotes."""

    def one(self, english: str) -> str:
        return "".join(
            part if part.startswith("{") else part.upper()
            for part in english.replace("{", "\0{").replace("}", "}\0").split("\0")
        )

    def many(self, one: str, many: str, count: int) -> str:
        return self.one(one if count == 1 else many)

    def joined(self, words: Sequence[str], style: Style) -> str:
        return f" {style.upper()} ".join(words)


@pytest.mark.parametrize("policy", [AWS_MANAGED["AdministratorAccess"], PERMISSIONS[0].policy])
def test_a_sentence_is_shown_in_another_language_whole(policy: dict[str, Any]) -> None:
    for text in in_permissions.permissions_in_words(policy):
        assert text.render(Shouting()).split(" (")[0].isupper()


@pytest.mark.parametrize(
    ("statement", "tone"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, Tone.LOUD),
        ({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}, Tone.LOUD),
        ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, Tone.LOUD),
        ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}, Tone.USUAL),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, Tone.DENIES),
        ({"Effect": "Allow", "Action": "s3:NoSuch", "Resource": "*"}, Tone.DENIES),
    ],
)
def test_wide_permissions_are_shown_loudly_and_denied_ones_as_denied(statement: dict[str, str], tone: Tone) -> None:
    first, *_, last = in_permissions.permissions_in_words({"Statement": statement})
    assert (tone_of(first), tone_of(last)) == (tone, Tone.DENIES)
