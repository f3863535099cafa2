"""Steps beside the end of access: their failure must not keep the access from ending."""

from collections.abc import Callable

import structlog
from django.db import transaction

from access.guarding import Result, guarded

log = structlog.get_logger(__name__)


def tried(step: Callable[[], Result], *, event: str) -> Result | None:
    """Return what the step returns, or None with nothing of it stored when it failed, which is logged as `event`."""

    def inside() -> Result:
        with transaction.atomic():
            return step()

    found = guarded(inside)
    if isinstance(found, Exception):
        log.error(event, exc_info=found)
        return None
    return found
