"""The documentation: links lead somewhere, commands exist, and every setting is described."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from dev.options import ROOT
from tests.browser.screenshots import FOLDER, pictures

PAGES = sorted(
    page for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md", ".github/**/*.md") for page in ROOT.glob(pattern)
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

LINK = re.compile(r'(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|\bsrc(?:set)?="([^"]+)"')
FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
SETTING = re.compile(r"""\b(?:env|secret)(?:\.\w+)?\(\s*(?:env,\s*)?["']([A-Z][A-Z_]+)["']""")
# Commands of Daypass as a page shows them: `make NAME`, `manage.py NAME`.
MAKE = re.compile(r"\bmake ([a-z][a-z-]+)\b")
MANAGE = re.compile(r"\bmanage\.py ([a-z_]+)\b")
DJANGO = "django."
# A table's headings are above its line of dashes.
HEADINGS = re.compile(r"^\|(.*)\|\n\|[-:| ]+\|$", re.MULTILINE)
MOST_WORDS = 40  # of a sentence
# Code in fences or indented after an empty line, comments, and headings.
NO_PROSE = re.compile(r"^```.*?^```|<!--.*?-->|^#.*?$|(?<=\n\n)(?:    [^\n]*\n)+", re.DOTALL | re.MULTILINE)
# Paragraphs, items of lists, and cells of tables.
BLOCKS = re.compile(r"\n\s*\n|\n(?=\s*(?:[*-]|\d+\.) )|^\| | \| | \|$", re.MULTILINE)
SENTENCES = re.compile(r"(?<=[.!?:;])[*_]*\s+")
# Read by libraries or by what starts Daypass, not by its settings.
ELSEWHERE = frozenset(
    {
        "AWS_SHARED_CREDENTIALS_FILE", "CHROMIUM", "DAYPASS_CHECKPOINT_KEY_PATH", "DAYPASS_DEMO_CONTRACTOR_ADMIN",
        "DAYPASS_DEMO_HOST_ADMIN", "DAYPASS_HOST", "DAYPASS_WEB_CREDENTIALS", "DAYPASS_WORKER_CREDENTIALS", "PGHOST",
        "PGHOSTADDR", "PG_BINDIR", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "TF_PLUGIN_DIR", "PGSERVICE",
    }
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_page_and_a_heading(name: str) -> None:
    assert [link for link in links_of(ROOT / name) if not resolves(ROOT / name, link)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {command for command, app in get_commands().items() if not str(app).startswith(DJANGO)}
    commands |= {"check", "migrate", "shell", "createsuperuser", "makemigrations", "dbshell", "test", "collectstatic"}
    shown = "\n".join(without_comments(found.group()) for found in CODE.finditer(text))
    assert set(MAKE.findall(shown)) - targets == set()
    assert set(MANAGE.findall(shown)) - commands == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_code_has_a_language(name: str) -> None:
    assert [body[:60] for language, body in FENCE.findall((ROOT / name).read_text()) if not language] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_column_of_a_table_has_a_heading(name: str) -> None:
    rows = [row.split("|") for row in HEADINGS.findall((ROOT / name).read_text())]
    assert [row for row in rows if not all(cell.strip() for cell in row)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_sentence_is_too_long_to_read_once(name: str) -> None:
    assert [words for words in map(str.split, sentences_of(ROOT / name)) if len(words) > MOST_WORDS] == []


def test_sentences_are_found_in_paragraphs_lists_and_tables(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Title\n\nOne. Two\nlines; three.\n* four\n    more\n* five `a b c`\n\n    code\n\n"
        "| six | seven |\n\n```text\ncode\n```\n"
    )
    found = ["One.", "Two lines;", "three.", "four more", "five `code`", "six", "seven"]
    assert [text.strip("* ") for text in sentences_of(tmp_path / "a.md")] == found


def test_every_setting_is_described_and_every_described_one_exists() -> None:
    read = {name for file in (ROOT / "portal").glob("*.py") for name in SETTING.findall(file.read_text())}
    pages = "\n".join((ROOT / name).read_text() for name in NAMES if name.startswith("docs/"))
    described = set(re.findall(r"`(DAYPASS_[A-Z_]+)`", pages))
    assert {name for name in read if f"`{name}`" not in pages} == set()
    assert {name for name in described if not {name, name.removesuffix("_FILE")} & (read | ELSEWHERE)} == set()


def test_the_index_links_every_page_of_the_four_kinds() -> None:
    kinds = ("tutorial", "how-to", "reference", "explanation")
    pages = {page for kind in kinds for page in (ROOT / "docs" / kind).glob("*.md")}
    linked = {(ROOT / "docs" / link).resolve() for link in links_of(ROOT / "docs" / "index.md")}
    assert pages - linked == set()
    assert {page.name for page in (ROOT / "docs").glob("*.md")} <= {"errors.md", "glossary.md", "index.md", "style.md"}


def test_every_picture_is_taken_in_both_themes_and_is_shown() -> None:
    """`make screenshots` takes the pictures."""
    shown = {(page.parent / link).resolve() for page in PAGES for link in links_of(page)}
    assert set(FOLDER.iterdir()) == pictures()
    assert {path for path in pictures() if path.stem.endswith("-light")} <= shown


def test_every_decision_has_a_date_and_a_status_and_is_in_the_index() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    index = (ROOT / "docs" / "adr" / "README.md").read_text().splitlines()
    assert [row_of(record) for record in records] == [line for line in index if line.startswith("| [")]


def test_numbers_of_decisions_are_used_once_and_gaps_are_explained() -> None:
    numbers = [int(record.name[:4]) for record in (ROOT / "docs" / "adr").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))
    assert set(range(1, max(numbers))) - set(numbers) == {13, 14}  # docs/adr/README.md says why


def row_of(record: Path) -> str:
    """Return the row of the index for this record; without number, date and status there is none."""
    found = re.match(r"# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\. Status: ([a-z0-9 ]+)\.\n", record.read_text())
    return f"| [{found[1]}]({record.name}) | {found[2]} | {found[3]} | {found[4]} |" if found else record.name


def without_comments(code: str) -> str:
    return re.sub(r"  # .*", "", code)


def sentences_of(page: Path) -> Iterator[str]:
    """Yield the sentences of a page; an address or a span of code counts as one word."""
    text = NO_PROSE.sub("", page.read_text())
    text = re.sub(r"`[^`\n]*`", "`code`", re.sub(r"\]\([^)\s]*\)", "]", text))
    for block in BLOCKS.split(text):
        yield from (" ".join(sentence.split()) for sentence in SENTENCES.split(block) if sentence.strip(" |*-\n"))


def links_of(page: Path) -> Iterator[str]:
    for found in LINK.finditer(CODE.sub("", page.read_text())):
        link = found[1] or found[2] or found[3]
        if not link.startswith(("http://", "https://", "mailto:")):
            yield link


def resolves(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors_of(target)


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of the headings as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(text)}
