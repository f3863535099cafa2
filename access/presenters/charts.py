"""Small charts, drawn on the server as SVG. Each says its figures as text too: nothing is only in the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from access.wording import Words

WIDTH, HEIGHT = 300.0, 72.0  # units of the drawing
GAP = 0.2  # of the space of one column


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of figure in a column chart: its title, the tone of its colour, and a value for each column."""

    title: Words
    tone: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle of a column chart, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Values over time, stacked by series. `says` describes it to people who do not see it."""

    name: str
    title: Words
    says: Words
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    url: str = ""

    @property
    def most(self) -> int:
        """Return the highest column."""
        return max((sum(column) for column in self._columns()), default=0)

    @property
    def rows(self) -> list[tuple[str, tuple[int, ...]]]:
        """Return each label with its values, as the table beside the drawing has them."""
        return list(zip(self.labels, self._columns(), strict=True))

    @property
    def parts(self) -> list[Part]:
        """Return the rectangles of the drawing, column by column and each from the bottom up."""
        found, step = [], WIDTH / max(len(self.labels), 1)
        for index, (label, column) in enumerate(self.rows):
            top = HEIGHT
            for series, value in zip(self.series, column, strict=True):
                height = HEIGHT * value / max(self.most, 1)
                top -= height
                if value:
                    text = f"{label}: {value} {series.title}" if len(self.series) > 1 else f"{label}: {value}"
                    x = step * (index + GAP / 2)
                    found.append(Part(*_rounded(x, top, step * (1 - GAP), height), series.tone, text))
        return found

    def _columns(self) -> Sequence[tuple[int, ...]]:
        return list(zip(*(series.values for series in self.series), strict=True))


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart; `url` is the list behind its value."""

    title: Words
    value: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    """Values side by side, each on a line with its name and its number."""

    name: str
    title: Words
    says: Words
    bars: tuple[Bar, ...]
    head: Words
    empty: Words
    url: str = ""

    @property
    def lines(self) -> list[tuple[Bar, float]]:
        """Return each bar with its width in the drawing."""
        most = max((bar.value for bar in self.bars), default=0) or 1
        return [(bar, round(WIDTH * bar.value / most, 1)) for bar in self.bars]

    @property
    def is_empty(self) -> bool:
        return not any(bar.value for bar in self.bars)


def _rounded(*numbers: float) -> tuple[float, float, float, float]:
    x, y, width, height = (round(number, 1) for number in numbers)
    return x, y, width, height
