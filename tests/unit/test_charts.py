"""Charts: what is drawn is what the table beside it says."""

from itertools import pairwise

import pytest

from access.presenters.charts import HEIGHT, WIDTH, Bar, BarChart, ColumnChart, Series


def chart(*series: tuple[int, ...]) -> ColumnChart:
    named = tuple(Series(f"series {index}", "info", values) for index, values in enumerate(series))
    labels = tuple(f"day {index}" for index in range(len(series[0])))
    return ColumnChart("name", "Title", "Says.", labels, named)


def test_columns_are_stacked_to_the_height_of_their_sum() -> None:
    drawn = chart((2, 0, 1), (2, 1, 0))
    assert drawn.most == 4
    assert [(part.y, part.height, part.text) for part in drawn.parts] == [
        (HEIGHT / 2, HEIGHT / 2, "day 0: 2 series 0"),
        (0.0, HEIGHT / 2, "day 0: 2 series 1"),
        (HEIGHT * 3 / 4, HEIGHT / 4, "day 1: 1 series 1"),
        (HEIGHT * 3 / 4, HEIGHT / 4, "day 2: 1 series 0"),
    ]
    assert drawn.rows == [("day 0", (2, 2)), ("day 1", (0, 1)), ("day 2", (1, 0))]


def test_columns_share_the_width_and_do_not_touch() -> None:
    parts = chart((1, 1, 1, 1)).parts
    ends = [(part.x, part.x + part.width) for part in parts]
    assert ends[0][0] > 0
    assert ends[-1][1] < WIDTH
    assert all(end < start for (_, end), (start, _) in pairwise(ends))


@pytest.mark.parametrize("values", [(0, 0), (0,)])
def test_nothing_to_draw_is_drawn_as_nothing(values: tuple[int, ...]) -> None:
    assert chart(values).parts == []
    assert chart(values).most == 0


def test_bars_are_as_wide_as_their_share_of_the_largest() -> None:
    drawn = BarChart("name", "Title", "Says.", (Bar("a", 4), Bar("b", 1), Bar("c", 0)), "Head", "Empty.")
    assert [width for _bar, width in drawn.lines] == [WIDTH, WIDTH / 4, 0]
    assert not drawn.is_empty
    assert BarChart("name", "Title", "Says.", (Bar("a", 0),), "Head", "Empty.").is_empty
