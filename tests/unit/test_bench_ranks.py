"""The rank-sum test behind the rows of enumeration, held against values that are known."""

import pytest

from bench.measures.enumeration import same_by_chance

FIRST = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
SECOND = [1.15, 0.88, 0.90, 0.74, 1.21]


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (FIRST, SECOND, 0.2449),  # U = 35; mean 25, deviation 8.165, corrected for continuity
        ([1, 2, 3], [1, 2, 3], 1.0),
        ([1, 1], [1, 1], 1.0),
    ],
)
def test_p_has_its_published_value(first: list[float], second: list[float], p: float) -> None:
    assert same_by_chance(first, second) == pytest.approx(p, abs=0.001)
    assert same_by_chance(second, first) == pytest.approx(p, abs=0.001)


def test_different_distributions_are_distinguished() -> None:
    assert same_by_chance([float(n) for n in range(200)], [n + 60.0 for n in range(200)]) < 1e-6
