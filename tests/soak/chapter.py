"""One chapter of the soak: people live, things break and are fixed, everything settles, and all of it is judged."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from tests.faults import audit
from tests.faults.environment import Environment, NotConverged
from tests.faults.tenant import Tenant
from tests.soak import trouble
from tests.soak.world import CONTRACTORS, Life

BREAK = (0.3, 4)  # seconds from one fault to its fix, and from there to the next
PAUSE = (0.02, 0.25)  # seconds between two deeds
PATIENCE = 90
LEAST = 3  # faults in a chapter: on a machine that is slow it continues until there were so many


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

    tenant: Tenant
    chance: random.Random
    done: list[str] = field(default_factory=list)
    _fix: Callable[[], None] | None = None
    _next: float = 0.0

    def fix(self) -> None:
        """Fix what is broken, if anything is."""
        if self._fix is not None:
            self._fix()
            self._fix = None

    def step(self) -> None:
        """Break or fix something when its time has come."""
        if time.monotonic() < self._next:
            return
        if self._fix is not None:
            self.fix()
        else:
            name, self._fix = trouble.one(self.tenant, self.chance)
            self.done.append(name)
        self._next = time.monotonic() + self.chance.uniform(*BREAK)


def live(env: Environment, chance: random.Random, tally: Tally, *, seconds: float) -> None:
    """Live for so many seconds and at least three faults, end every grant, let everything settle, and judge."""
    tenant = Tenant.found(env, contractors=CONTRACTORS)
    life, breaking = Life(tenant, chance), Breaking(tenant, chance)
    ends = time.monotonic() + seconds
    while time.monotonic() < (ends if len(breaking.done) >= LEAST else ends + PATIENCE):
        try:
            life.step()
            breaking.step()
        except ClientError as error:
            # The fault that is set may meet those who look or edit by hand, too.
            print(f"  refused by hand: {error}", flush=True)
        time.sleep(chance.uniform(*PAUSE))
    breaking.fix()
    env.heal()
    life.end()
    _judge(tenant, tally)
    tally.lifecycles += len(tenant.approvals)
    tally.faults += len(breaking.done)
    print(
        f"  {len(tenant.approvals)} lives, {len(breaking.done)} faults, {len(tenant.changes())} writes, "
        f"{audit.overwritten_in_flight(tenant)} edits within the flight of one call",
        flush=True,
    )


def _judge(tenant: Tenant, tally: Tally) -> None:
    try:
        tenant.settle(seconds=PATIENCE)
    except NotConverged as late:
        tally.add(f"I2 {late}")
        _tell(tenant.env)
    for violation in audit.violations(tenant):
        tally.add(violation)
    known = len(tenant.changes())
    try:
        tenant.env.await_sweeps(3)
    except NotConverged as late:
        tally.add(f"I9 {late}")
        _tell(tenant.env)
    if len(tenant.changes()) != known:
        tally.add(f"I11 {len(tenant.changes()) - known} writes although nothing changed")


def _tell(env: Environment) -> None:
    """Print what the processes said last."""
    for name, process in env.stack.processes.items():
        print(f"--- {name}, {'running' if process.is_running else process.outcome}\n{process.last_lines()}", flush=True)
