"""What is measured: the rows, which module measures which, and how a row is judged and printed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Bound(StrEnum):
    """On which side of its target the judged figure has to be."""

    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Row:
    """One measured row. `judged` is the figure that is held against `target`; figures and ratio are for the reader.

    `ours` and `raw` carry their unit in `unit`; `note` says how the figure came about.
    """

    name: str
    ours: float
    raw: float
    unit: str
    judged: float
    bound: Bound
    target: float
    note: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """Return the row again that another process wrote down as JSON."""
        return cls(**{**fields, "bound": Bound(fields["bound"])})

    @property
    def ratio(self) -> float:
        return self.ours / self.raw if self.raw else 0.0

    @property
    def is_ok(self) -> bool:
        return self.judged <= self.target if self.bound is Bound.AT_MOST else self.judged >= self.target

    def line(self) -> str:
        """Return the row as `make bench` prints it."""
        columns = (
            f"{self.name:<24}",
            f"ours {_figure(self.ours):>8} {self.unit:<7}",
            f"raw {_figure(self.raw):>8}",
            f"ratio {self.ratio:6.2f}",
            f"target {self.bound} {_figure(self.target)}",
            "ok" if self.is_ok else "short",
        )
        return "  ".join(columns) + (f"  ({self.note})" if self.note else "")

    def as_dict(self) -> dict[str, object]:
        """Return the row as `bench.json` keeps it."""
        return {**asdict(self), "ratio": self.ratio, "ok": self.is_ok}


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that one module measures together. `needs_stack` starts a database, a Redis server and a local AWS for it,
    `workers` a Celery worker with these words, `has_web` the portal's web processes.
    """

    module: str
    rows: tuple[str, ...]
    needs_stack: bool = True
    workers: tuple[str, ...] = ()
    has_web: bool = False


GROUPS = (
    Group(
        "bench.measures.fit", ("fit-2048", "fit-4096", "expiry-policy-live", "expiry-policy-past"), needs_stack=False
    ),
    Group("bench.measures.writes", ("writes-per-changed-role",)),
    Group("bench.measures.idle", ("idle-sweep-1000-roles",)),
    Group(
        "bench.measures.approve",
        ("approve-to-applied-p50", "approve-to-applied-p95"),
        workers=("--concurrency", "2"),
    ),
    Group(
        "bench.measures.issue", ("issue-p50", "issue-distant-p50", "issue-throughput", "issue-aws-calls"), has_web=True
    ),
    Group("bench.measures.enumeration", ("enumeration-login", "enumeration-reset", "enumeration-invitation")),
    Group(
        "bench.measures.pages",
        ("overview-administrator", "overview-approver", "overview-waiting", "overview-search"),
    ),
    Group("bench.measures.stop", ("stop-order", "stop-roles"), workers=("--concurrency", "2")),
    Group("bench.measures.bulk", ("reconcile-10000", "reconcile-distant"), workers=("--concurrency", "1")),
)


def chosen(name: str, groups: Sequence[Group] = GROUPS) -> dict[Group, tuple[str, ...]]:
    """Return the rows called `name`, or called `name` and something after a hyphen, by group; all when it is empty."""
    found = {group: tuple(row for row in group.rows if _is_called(row, name)) for group in groups}
    return {group: rows for group, rows in found.items() if rows}


def _is_called(row: str, name: str) -> bool:
    return not name or row == name or row.startswith(f"{name}-")


def _figure(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or value >= 1000 else f"{value:.2f}"
