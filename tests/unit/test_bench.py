"""How a row is judged, printed and chosen; and the rows that need nothing but the compiler."""

import json
from pathlib import Path
from typing import Any

import pytest

import bench.__main__ as command
from bench import raw
from bench.measures import fit
from bench.rows import GROUPS, Bound, Group, Row, chosen
from bench.stack import MeasureFailed

SLOW = Row("approve", ours=30.0, raw=10.0, unit="ms", judged=3.0, bound=Bound.AT_MOST, target=1.5, note="three times")
FAST = Row("approve", ours=12.0, raw=10.0, unit="ms", judged=1.2, bound=Bound.AT_MOST, target=1.5)
LARGE_QUOTA = Row("fit", ours=11, raw=13, unit="grants", judged=11, bound=Bound.AT_LEAST, target=11)


def test_a_row_above_its_ceiling_misses_the_target() -> None:
    assert (SLOW.is_ok, FAST.is_ok) == (False, True)


def test_a_row_below_its_floor_misses_the_target() -> None:
    assert LARGE_QUOTA.is_ok
    assert not Row("fit", 10, 13, "grants", judged=10, bound=Bound.AT_LEAST, target=11).is_ok


def test_a_line_shows_name_ours_raw_ratio_target_and_verdict() -> None:
    assert " ".join(SLOW.line().split()) == "approve ours 30 ms raw 10 ratio 3.00 target <= 1.50 short (three times)"
    assert FAST.line().split()[-1] == "ok"


def test_a_row_comes_back_from_json_with_the_same_verdict() -> None:
    for row in (SLOW, FAST, LARGE_QUOTA):
        fields = {name: value for name, value in row.as_dict().items() if name not in {"ratio", "ok"}}
        again = Row.of(json.loads(json.dumps(fields)))
        assert (again, again.is_ok) == (row, row.is_ok)


def test_without_a_name_everything_is_measured() -> None:
    assert [row for rows in chosen("").values() for row in rows] == [row for group in GROUPS for row in group.rows]


def test_a_name_chooses_its_row_or_the_rows_that_begin_with_it() -> None:
    groups = (Group("one", ("fit-2048", "fit-4096", "fitting")), Group("two", ("idle",)))
    assert chosen("fit-4096", groups) == {groups[0]: ("fit-4096",)}
    assert chosen("fit", groups) == {groups[0]: ("fit-2048", "fit-4096")}
    assert chosen("idle", groups) == {groups[1]: ("idle",)}
    assert chosen("idl", groups) == {}


def test_no_two_rows_have_the_same_name() -> None:
    names = [row for group in GROUPS for row in group.rows]
    assert len(names) == len(set(names))


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file for the figures, apart from a real one."""
    monkeypatch.setattr(command, "RESULT", tmp_path / "bench.json")
    return tmp_path / "bench.json"


def measuring(monkeypatch: pytest.MonkeyPatch, *rows: Row) -> None:
    """Let these rows be what is measured."""

    def measured(group: Group) -> list[dict[str, Any]]:
        return [{name: value for name, value in row.as_dict().items() if name not in {"ratio", "ok"}} for row in rows]

    monkeypatch.setattr(command, "measured", measured)


def test_one_missed_target_fails_the_command(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = Row("fit-2048", 4, 6, "grants", judged=4, bound=Bound.AT_LEAST, target=5)
    measuring(monkeypatch, short, Row("fit-4096", 11, 13, "grants", judged=11, bound=Bound.AT_LEAST, target=11))
    monkeypatch.setenv("ROW", "fit")
    assert command.main() == 1
    assert [(row["name"], row["ok"]) for row in json.loads(result.read_text())] == [
        ("fit-2048", False),
        ("fit-4096", True),
    ]


def test_only_the_requested_row_is_shown_and_counts(
    result: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    short = Row("fit-2048", 4, 6, "grants", judged=4, bound=Bound.AT_LEAST, target=5)
    measuring(monkeypatch, short, Row("fit-4096", 11, 13, "grants", judged=11, bound=Bound.AT_LEAST, target=11))
    monkeypatch.setenv("ROW", "fit-4096")
    assert command.main() == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["fit-4096"]


def test_an_interrupted_measurement_is_not_a_success(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(group: Group) -> list[dict[str, Any]]:
        raise MeasureFailed("the database went away")

    monkeypatch.setattr(command, "measured", measured)
    monkeypatch.setenv("ROW", "fit")
    assert command.main() == 2


def test_an_unknown_row_is_named_with_the_existing_ones(
    result: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROW", "speed")
    assert command.main() == 2
    assert "no row speed" in (said := capsys.readouterr().err)
    assert "fit-2048" in said


def test_as_many_grants_fit_as_are_needed() -> None:
    found = {row.name: row for row in fit.measure()}
    assert {name: row.is_ok for name, row in found.items()} == dict.fromkeys(found, True)
    assert (found["fit-2048"].raw, found["fit-4096"].raw) == (6, 13)


class Recorder:
    """A client that notes what it was asked, and lacks every policy."""

    class exceptions:  # noqa: N801 - botocore's name
        class NoSuchEntityException(Exception):
            pass

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get_role(self, **words: str) -> None:
        self.asked.append(("get_role", words))

    def get_role_policy(self, **words: str) -> None:
        self.asked.append(("get_role_policy", words))
        raise self.exceptions.NoSuchEntityException


def test_raw_makes_the_same_calls_in_the_same_order_for_the_other_role() -> None:
    iam = Recorder()
    made = [
        raw.Call("GetRolePolicy", {"RoleName": "ours-1", "PolicyName": "daypass-closing"}),
        raw.Call("GetRole", {"RoleName": "ours-1"}),
    ]
    raw.replay(iam, made, role="raw-1")
    assert iam.asked == [
        ("get_role_policy", {"RoleName": "raw-1", "PolicyName": "daypass-closing"}),
        ("get_role", {"RoleName": "raw-1"}),
    ]
