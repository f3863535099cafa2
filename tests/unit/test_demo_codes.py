"""One-time codes of the demo's people: none is used twice, and no sign-in waits longer than it must."""

import time
from itertools import islice
from pathlib import Path

import pytest

from demo import codes

SEED = codes.new_seed()
NOON = 1_800_000_000.0  # the first second of a step


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = NOON

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    return clock


def test_three_programs_sign_in_immediately_and_the_fourth_waits_for_the_next_code(
    clock: Clock, tmp_path: Path
) -> None:
    taken = [next(codes.unused(SEED, notebook=tmp_path / "codes.json")) for _ in range(3)]
    assert taken == [codes.code_at(SEED, NOON + shift) for shift in (-30, 0, 30)]
    assert clock.now == NOON
    assert next(codes.unused(SEED, notebook=tmp_path / "codes.json")) == codes.code_at(SEED, NOON + 60)
    assert clock.now == NOON + 30


def test_each_person_has_different_codes(clock: Clock, tmp_path: Path) -> None:
    other = codes.new_seed()
    list(islice(codes.unused(SEED, notebook=tmp_path / "codes.json"), 3))
    assert next(codes.unused(other, notebook=tmp_path / "codes.json")) == codes.code_at(other, NOON - 30)
    assert clock.now == NOON


def test_a_sign_in_stops_before_the_account_is_locked(clock: Clock, tmp_path: Path) -> None:
    assert len(list(codes.unused(SEED, notebook=tmp_path / "codes.json"))) == 3
    assert SEED not in (tmp_path / "codes.json").read_text()
