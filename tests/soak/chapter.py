"""One chapter of the soak: people live, things break and are mended, everything settles, and all of it is judged."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from tests.faults import audit
from tests.faults.company import Company
from tests.faults.house import House, NotConverged
from tests.soak import trouble
from tests.soak.world import OUTSIDERS, Life

BREAK = (0.3, 4)  # seconds from one fault to its mending, and from there to the next
PAUSE = (0.02, 0.25)  # seconds between two deeds
PATIENCE = 90
LEAST = 3  # faults in a chapter: on a machine that is slow it goes on until there were so many


@dataclass
class Tally:
    """What was counted so far."""

    lifecycles: int = 0
    faults: int = 0
    violations: list[str] = field(default_factory=list)

    def add(self, violation: str) -> None:
        self.violations.append(violation)
        print(f"VIOLATION {violation}", flush=True)


@dataclass
class Breaking:
    """At most one thing is broken at a time; what, when and for how long is up to chance."""

    company: Company
    chance: random.Random
    done: list[str] = field(default_factory=list)
    _mend: Callable[[], None] | None = None
    _next: float = 0.0

    def mend(self) -> None:
        """Mend what is broken, if anything is."""
        if self._mend is not None:
            self._mend()
            self._mend = None

    def step(self) -> None:
        """Break or mend something when its time has come."""
        if time.monotonic() < self._next:
            return
        if self._mend is not None:
            self.mend()
        else:
            name, self._mend = trouble.one(self.company, self.chance)
            self.done.append(name)
        self._next = time.monotonic() + self.chance.uniform(*BREAK)


def live(house: House, chance: random.Random, tally: Tally, *, seconds: float) -> None:
    """Live for so many seconds and at least three faults, end every grant, let everything settle, and judge."""
    company = Company.found(house, outsiders=OUTSIDERS)
    life, breaking = Life(company, chance), Breaking(company, chance)
    ends = time.monotonic() + seconds
    while time.monotonic() < (ends if len(breaking.done) >= LEAST else ends + PATIENCE):
        try:
            life.step()
            breaking.step()
        except ClientError as error:
            # The fault that is set may meet those who look or edit by hand, too.
            print(f"  refused by hand: {error}", flush=True)
        time.sleep(chance.uniform(*PAUSE))
    breaking.mend()
    house.heal()
    life.end()
    _judge(company, tally)
    tally.lifecycles += len(company.approvals)
    tally.faults += len(breaking.done)
    print(
        f"  {len(company.approvals)} lives, {len(breaking.done)} faults, {len(company.changes())} writes, "
        f"{audit.overwritten_in_flight(company)} edits within the flight of one call",
        flush=True,
    )


def _judge(company: Company, tally: Tally) -> None:
    try:
        company.settle(seconds=PATIENCE)
    except NotConverged as late:
        tally.add(f"I2 {late}")
        _tell(company.house)
    for violation in audit.violations(company):
        tally.add(violation)
    known = len(company.changes())
    try:
        company.house.await_sweeps(3)
    except NotConverged as late:
        tally.add(f"I9 {late}")
        _tell(company.house)
    if len(company.changes()) != known:
        tally.add(f"I11 {len(company.changes()) - known} writes although nothing changed")


def _tell(house: House) -> None:
    """Print what the processes said last."""
    for name, process in house.stack.processes.items():
        print(f"--- {name}, {'running' if process.is_running else process.outcome}\n{process.last_lines()}", flush=True)
