"""W1, which runs beside every fault: grants that begin and end on five roles, and somebody who edits IAM by hand."""

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError
from django.utils import timezone

from access.ledger.conflicts import Conflict
from access.models import Role
from access.rules.facts import Refused
from tests.faults import refused_audit
from tests.faults.approvals import Approval
from tests.faults.portal import in_this_thread
from tests.faults.tenant import Tenant

ROLES = 5
OPEN = 20  # grants at the same time
WINDOW = (20, 120)  # seconds
EDIT_EVERY = 7.0  # seconds
PAUSE = 0.25  # seconds between two looks
PEOPLE = (2, 3)  # the contractors who work aside


@dataclass
class Workload:
    """What runs beside; the choices are the same in every run."""

    tenant: Tenant
    chance: random.Random = field(default_factory=lambda: random.Random(20261125))
    roles: list[Role] = field(default_factory=list)
    error: BaseException | None = None
    _given: list[Approval] = field(default_factory=list)

    def live(self, is_over: threading.Event) -> None:
        """Continue until it is over; errors are kept for the caller that waits for the end."""
        try:
            with in_this_thread(self.tenant.env):
                self._live(is_over)
        except BaseException as error:
            self.error = error

    def _live(self, is_over: threading.Event) -> None:
        roles, edit_at = itertools.cycle(self.roles), time.monotonic() + EDIT_EVERY
        while not is_over.wait(PAUSE):
            now = timezone.now()
            if sum(not approval.is_over(now) for approval in self._given) < OPEN:
                self._create_grant(next(roles))
            if time.monotonic() >= edit_at:
                edit_at += EDIT_EVERY
                # The fault that is set can also hit somebody who edits by hand.
                with contextlib.suppress(ClientError, BotoCoreError):
                    self.tenant.edit(self.chance.choice(self.roles).name, keep=self.chance.random() < 0.7)

    def _create_grant(self, role: Role) -> None:
        seconds, who = self.chance.uniform(*WINDOW), self.chance.choice(PEOPLE)
        with contextlib.suppress(Refused, Conflict), refused_audit.accepted():
            self._given.append(self.tenant.create_grant(role, seconds=seconds, who=who, is_aside=True))


@contextmanager
def workload(tenant: Tenant) -> Iterator[None]:
    """Let it run for the length of the block."""
    aside, is_over = Workload(tenant), threading.Event()
    aside.roles = [tenant.role(is_managed=number % 2 == 0) for number in range(ROLES)]
    thread = threading.Thread(target=aside.live, args=(is_over,))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    if aside.error is not None:
        raise aside.error
