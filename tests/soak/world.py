"""The soak's random life: many short grants over several roles, by several contractors."""

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.utils import timezone

from access.ledger.conflicts import Conflict
from access.models import Role
from access.rules.facts import Refused
from tests.faults import refused_audit
from tests.faults.approvals import Approval
from tests.faults.tenant import Tenant

ROLES = 4
CONTRACTORS = 3
OPEN_PER_ROLE = 3
WINDOW = (2, 12)  # seconds
DEEDS = {"try": 5, "upload": 3, "revoke": 2, "return": 2, "extend": 2}


@dataclass
class Life:
    """What people do in one company, chosen by `chance`."""

    tenant: Tenant
    chance: random.Random
    roles: list[Role] = field(default_factory=list)

    def __post_init__(self) -> None:
        # The last one is somebody else's: what others write there is kept.
        self.roles = [self.tenant.role(is_managed=number < ROLES - 1) for number in range(ROLES)]

    def step(self) -> None:
        """Let somebody do something."""
        role = self.chance.choice(self.roles)
        alive = [approval for approval in self.alive() if approval.role == role.name]
        if len(alive) < OPEN_PER_ROLE and self.chance.random() < 0.5:
            self._create_grant(role)
        elif alive:
            self._change(self.chance.choice(alive))

    def alive(self) -> list[Approval]:
        now = timezone.now()
        return [approval for approval in self.tenant.approvals.values() if not approval.is_over(now)]

    def end(self) -> None:
        """Revoke what is still alive."""
        for approval in self.alive():
            self._end(partial(self.tenant.revoke, approval))

    def _create_grant(self, role: Role) -> None:
        seconds, who = self.chance.uniform(*WINDOW), self.chance.randrange(CONTRACTORS)
        self._try(partial(self.tenant.create_grant, role, seconds=seconds, who=who))

    def _change(self, approval: Approval) -> None:
        (deed,) = self.chance.choices(list(DEEDS), weights=list(DEEDS.values()))
        seconds = self.chance.uniform(2, 6)
        if deed == "revoke":
            self._end(partial(self.tenant.revoke, approval))
        elif deed == "return":
            self._end(partial(self.tenant.return_access, approval))
        elif deed == "extend":
            self._try(partial(self.tenant.extend, approval, seconds=seconds))
        elif deed == "upload" and approval.session is not None:
            self.tenant.can_upload(approval)
        else:
            self.tenant.is_admitted(approval)

    @staticmethod
    def _try(deed: Callable[[], object]) -> None:
        """Do it, unless the rules refuse it, or the audit log accepts no entries.

        The grant might have ended in this very moment, or the role might be full; and nothing is granted without its
        event.
        """
        with contextlib.suppress(Refused, Conflict), refused_audit.accepted():
            deed()

    @staticmethod
    def _end(deed: Callable[[], object]) -> None:
        """End access, unless it has ended in this very moment: a broken audit log is no excuse."""
        with contextlib.suppress(Refused, Conflict):
            deed()
