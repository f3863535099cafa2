"""The words that Daypass does not use are found, and their innocent neighbours are not."""

from pathlib import Path

import pytest

from dev.check import language
from dev.language import ALLOWED, AREAS, Passage, allowances, findings, found_in
from dev.options import ROOT
from dev.vocabulary import BANNED, IN_PAGES

# What is used instead, a text that must be found, and a neighbour that must not be.
TABLE = (
    ("people are they", "The requester sees his grant or her access.", "They see the history of theirs."),
    ("metaphor", "AWS opens the door.", "Outdoor storage, indoors. Run make story."),
    ("use email", "A letter is sent.", "Only letters and digits; capital letters count."),
    ("use grant, or access without an article", "Ask for an access.", "An access key, an access review, accessed."),
    ("use approval or denial", "Your yes opens it.", "Yes: the no longer used role."),
    ("use approve, deny, or what happens", "An approver said no.", "It says nobody."),
    ("use only", "for administrators alone", "It leaves newer sessions alone; a stand-alone server."),
    ("use again", "It is made anew.", "A new one is made."),
    ("use fix", "Mend the policy.", "Recommended, amended."),
    ("use immediately, or together", "It ends at once.", "All at once; at one time."),
    ("use first, or in advance", "approved beforehand", "before the hand-over"),
    ("use expire", "The request lapses.", "The request collapses."),
    ("use enable or disable", "Switch the role off.", "Switch to another one; the switch is on the page."),
    ("use return access", "Give it back early.", "Give the background. A backup gives nothing."),
    ("name the actor", "Whoever asks is refused.", "The person who asked. Who can see it?"),
    ("name the actor", "It ends. Who asks again waits.", "It ends. People who ask again wait."),
    (
        "name the subject of a test",
        "test what is revoked is denied",
        "test a revoked grant is denied. Test Who Can Ask",
    ),
    ("use can, or is allowed to", "Who may what.", "It may be what they want."),
    ("use delegate", "A deputy decides.", "They deputed nobody."),
    ("use overflow role", "It spills into twins.", "Between two spillways, entwined."),
    ("use orphaned statement", "A stray statement.", "An astray one."),
    ("use unmanaged statement", "Statements of others stay.", "Statements of other roles; a foreign key."),
    ("use expiry policy", "The closing policy.", "The policy closing the list."),
    ("use break-glass policy or grant", "A standing rule.", "Emergency access, an understanding."),
    ("use internal user", "For people inside.", "For people outside your company, inside a window."),
    (
        "use admit, or gets access",
        "AWS lets nobody in. It lets somebody in.",
        "It lets AWS in turn decide, gets in time.",
    ),
    ("use is not a valid", "This is no ARN.", "This is no longer true."),
    ("use extend", "Ask for a later end.", "A later ending; as long as."),
    ("use in sync", "The role is in line.", "An error in line 3, in linear time."),
    ("use recreated", "It was remade.", "It was made."),
    ("use expired, or ended", "It is shut.", "The server shuts down by shutdown."),
    ("use is, or appears", "A statement stands there.", "The star stands for an account; a stand-alone server."),
    (
        "use review, read or check",
        "Administrators look at it, and through it.",
        "It looks like a role; an outlook at hand.",
    ),
    ("use issue", "The portal hands them out.", "By hand, out of order."),
    ("use continue", "The sweep goes on.", "The text goes on record; it goes into it."),
    ("use delay", "It holds the others up. Nothing is held up.", "It is up; it holds two."),
    ("use forever, or permanently", "It waits for ever.", "It waits forever, for every role."),
    ("use return", "Write it, and give the path.", "Write it, and return the path. They give access."),
    ("use cannot, must not, or might not", "It may not be written.", "It may be written, maybe not."),
    ("use can, for people", "An approver may deny it.", "Nobody may assume it; an approver may be away."),
    ("use flagged", "It stays red.", "It is redundant."),
    ("use the web process", "The web is killed.", "The web process is killed; a web portal."),
    ("put own before the noun", "A key of its own.", "Its own key; the evidence of their own access."),
    ("use idle, or stored", "Connections at rest.", "Encryption at rest; at restart."),
    ("use earlier, or previous", "The former key.", "The earlier key, performers."),
    ("use scheduler", "Web, worker and beat.", "The scheduler (Celery beat)."),
    ("write ID", "An external id.", "An external ID, an account idea."),
    ("use permanently", "It is gone for good.", "For goods, forever."),
    ("use still, or anyway", "It is written all the same.", "All the samples."),
    ("use created again", "A user that is made again.", "A user that is created again."),
    ("use remove", "A write takes away a statement.", "It takes the way through the proxy."),
    ("use isolated network", "A network that leads nowhere else.", "An isolated network."),
    ("use at most", "12 hours at the most.", "At most 12 hours, at the moment."),
    ("use back and forth", "Clocks jump to and fro.", "From here to and from there."),
    ("use check whether", "It tries whether it works.", "It tries again, whether or not."),
    ("use assessment", "Our judgement.", "Our judge."),
    ("use passes no data, or is empty", "They carry nothing.", "They carry no data."),
    ("say what it is due for", "It finds every role that is due.", "Every role that is due for a check."),
)


@pytest.mark.parametrize(("use", "bad", "good"), TABLE)
def test_a_rule_finds_its_words_and_not_their_neighbours(use: str, bad: str, good: str) -> None:
    assert use in [found for _line, _words, found in found_in(Passage("a.md", 1, bad))]
    assert list(found_in(Passage("a.md", 1, good))) == []


def test_every_rule_is_in_the_table() -> None:
    assert [rule.use for rule in (*BANNED, *IN_PAGES) if rule.use not in {use for use, _bad, _good in TABLE}] == []


def found(tmp_path: Path, name: str, text: str, allowed: str = "") -> list[str]:
    (tmp_path / ALLOWED).parent.mkdir(exist_ok=True)
    (tmp_path / ALLOWED).write_text(allowed)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    return list(findings(tmp_path, [name]))


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.md", "Fine.\n\nMade\nanew. `anew`\n\n```text\nanew\n```\n", [4]),
        ("a.md", "They say\nyes. [x](anew/anew.md)\n", [1]),
        ("a.html", "<p class='anew'>{% if anew %}{{ anew }}\n{# anew #}anew</p>\n", [2]),
        ("a.py", 'x = 1  # anew\ny = "made anew"\nanew = "anew"\n', [1, 2]),
        ("a.py", 'x = "a # anew"\n', [1]),
        ("a.py", 'def f():\n    """Give it."""\n\n\ndef g():\n    """Return it."""\n    return "Give it."\n', [2]),
        ("a.py", 'class C:\n    """Whether it is."""\n', []),
        ("a.yml", "# anew\na: b\n", [1]),
        ("access/migrations/0001.py", "# anew\n", []),
        ("tests/dev/test_language.py", "# his\n", []),
        ("tests/unit/test_a.py", "def test_he_asks(name):\n    pass\n", [1]),
        ("tests/unit/test_a.py", "def test_what_is_over_ends():\n    pass\n", [1]),
        ("tests/unit/test_a.py", "class TestWhoeverAsks:\n    pass\n", [1]),
        ("tests/unit/test_a.py", "async def asks_at_once():\n    he = at_once\n", [1]),
        ("tests/unit/test_a.py", 'def test_a():\n    """The door shuts."""\n', [2, 2]),
        ("tests/unit/test_a.py", "def a():\n    # made anew\n    assert shut, 'it is shut'\n", [2, 3]),
    ],
)
def test_only_texts_for_people_are_searched(tmp_path: Path, name: str, text: str, lines: list[int]) -> None:
    (tmp_path / "access" / "migrations").mkdir(parents=True)
    assert [int(line.split(":")[1]) for line in found(tmp_path, name, text)] == lines


def test_an_exception_is_for_one_word_in_one_file(tmp_path: Path) -> None:
    allowed = "a.md | anew | a quotation\n"
    assert found(tmp_path, "a.md", "Anew.\n", allowed) == []
    assert len(found(tmp_path, "a.md", "Anew, alone.\n", allowed)) == 1
    assert len(found(tmp_path, "b.md", "Anew.\n", allowed)) == 1


def test_an_exception_that_is_not_needed_is_reported(tmp_path: Path) -> None:
    assert found(tmp_path, "a.md", "Again.\n", "a.md | anew | a quotation\n") == [
        f"{ALLOWED}: “anew” is not in a.md any more: remove the line"
    ]


def test_every_exception_has_a_reason() -> None:
    assert [words for _file, words, reason in allowances(ROOT) if len(reason.split()) < 2] == []


def test_every_area_exists_and_make_check_finds_nothing_in_it() -> None:
    assert [area for area in AREAS if not (ROOT / area).exists()] == []
    assert language() == ""


def test_some_words_are_only_searched_for_in_pages() -> None:
    assert [use for _line, _words, use in found_in(Passage("a.html", 1, "The web."))] == ["use the web process"]
    assert list(found_in(Passage("a.py", 1, "The web."))) == []
