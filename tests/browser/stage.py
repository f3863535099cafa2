"""What the scenes rest on: requests and grants of Richard's as the worker would have left them."""

from datetime import datetime, timedelta
from typing import Any

from access.models import Grant, Role
from tests import factories
from tests.factories import HOUR, Cast

MINUTE = timedelta(minutes=1)


def active(cast: Cast, now: datetime) -> Grant:
    """Richard's access, ten minutes old and known to AWS."""
    grant = factories.give(cast, now=now - 10 * MINUTE, ends_at=now + 50 * MINUTE)
    return with_facts(grant, applied_at=now - 9 * MINUTE)


def ritas(cast: Cast, now: datetime) -> Grant:
    """Rita's access, whose sessions the portal hands out."""
    Role.objects.update(allows_console=True)
    wishes: dict[str, Any] = {"by": cast.rita, "principal_arn": "", "ends_at": now + 50 * MINUTE}
    return with_facts(factories.give(cast, now=now - 10 * MINUTE, **wishes), applied_at=now - 9 * MINUTE)


def ended(cast: Cast, now: datetime) -> Grant:
    """Access of Richard's that is over and gone from AWS."""
    grant = factories.give(cast, now=now - 30 * HOUR, ends_at=now - 29 * HOUR)
    return with_facts(grant, applied_at=now - 30 * HOUR, removed_at=now - 29 * HOUR)


def with_facts(grant: Grant, **facts: object) -> Grant:
    """Give the grant with what the worker would have recorded."""
    Grant.objects.filter(pk=grant.pk).update(**facts)
    return Grant.objects.select_related("role__account", "request").get(pk=grant.pk)
