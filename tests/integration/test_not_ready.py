"""A grant that is not in AWS yet: the requester is told whether the worker runs."""

from datetime import timedelta

import pytest

from access import credentials
from access.ledger.chaining import WORKER
from access.ledger.heartbeats import beat
from tests import factories
from tests.factories import NOON, Cast
from tests.refusals import refusing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (timedelta(seconds=20), "grant_not_ready"),
        (timedelta(minutes=10), "grant_not_ready_worker_down"),
        (None, "grant_not_ready_worker_never_ran"),
    ],
    ids=["runs", "stopped", "never ran"],
)
def test_a_grant_that_is_not_ready_says_when_the_worker_last_ran(cast: Cast, last: timedelta | None, code: str) -> None:
    grant = factories.create_grant(cast, by=cast.rita, principal_arn="")
    if last is not None:
        beat(WORKER, now=NOON - last)
    with refusing(code):
        credentials.issue(by=cast.rita, grant=grant, now=lambda: NOON)
