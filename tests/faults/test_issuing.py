"""R01, the steps of the web: it dies once AWS gave a session and before that is recorded, or before Rita has it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import requests
from django.db import connections, transaction
from django.utils import timezone

from access.ledger.issuances import ABANDONED_AFTER
from access.models import AuditEvent, Issuance
from demo import cast
from tests.faults.counts import times
from tests.faults.environment import Environment, wait_until
from tests.faults.tenant import Tenant
from tests.journeys.rita import Rita

# Seconds that AWS keeps the call. Both are less than the web's own patience, and long enough to kill the web meanwhile.
LOST, SLOW = 8, 4
AT_THE_PAGE = "access_role_approvers"  # a table that the page with the session needs, and its record does not


@pytest.fixture
def rita(tenant: Tenant, tmp_path: Path) -> Iterator[Rita]:
    """Yield Rita with a grant of an hour, who has just confirmed the sign-in."""
    rita = Rita(tenant.env.stack, tmp_path)
    rita.has_access()
    rita.confirms()
    yield rita
    tenant.env.heal()
    rita.returns_access()


@pytest.mark.parametrize("round_", range(times(1, 100)))
def test_a_session_issued_to_a_killed_web_is_recorded_and_costs_one_more_click(
    tenant: Tenant, rita: Rita, round_: int
) -> None:
    unrecorded = killed_before_the_record(tenant.env, rita)
    assert verbs(unrecorded) == ["credentials.asked", "credentials.failed"]
    lost = killed_before_the_answer(tenant.env, rita)
    assert verbs(lost) == ["credentials.asked", "credentials.issued"]
    assert rita.presses("credentials").status_code == requests.codes.ok
    assert_every_session_is_recorded(tenant.env, rita, clicks=3)


def killed_before_the_record(env: Environment, rita: Rita) -> Issuance:
    """Kill the web once AWS gave Rita a session, and return its record when it is closed; nobody has the session."""
    held = env.aws.fault("AssumeRole", "lost", seconds=LOST, times=1, role=cast.ROLE)
    with Click(rita) as click:
        env.await_met(held)
        env.kill("web")
    assert click.answer is None
    env.start("web")
    (opened,) = issuances(rita)
    assert opened.outcome == Issuance.Outcome.OPEN
    # As if two minutes had gone by; then the worker's next sweep closes it.
    Issuance.objects.filter(pk=opened.pk).update(started_at=timezone.now() - ABANDONED_AFTER)
    wait_until(lambda: issuances(rita)[0].outcome == Issuance.Outcome.FAILED, "the record is closed")
    return opened


def killed_before_the_answer(env: Environment, rita: Rita) -> Issuance:
    """Kill the web once Rita's session is recorded and before Rita has it, and return the record."""
    held = env.aws.fault("AssumeRole", "slow", seconds=SLOW, times=1, role=cast.ROLE)
    with Click(rita) as click:
        env.await_met(held)
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(f"LOCK TABLE {AT_THE_PAGE} IN ACCESS EXCLUSIVE MODE")
            wait_until(lambda: issuances(rita)[-1].outcome == Issuance.Outcome.ISSUED, "it is recorded")
            env.kill("web")
    assert click.answer is None
    env.start("web")
    return issuances(rita)[-1]


class Click:
    """Rita's click on the button, while the test looks; `answer` is what came, None when the connection broke."""

    def __init__(self, rita: Rita) -> None:
        self.answer: requests.Response | None = None
        self._thread = threading.Thread(target=self._press, args=(rita,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._thread.join()

    def _press(self, rita: Rita) -> None:
        try:
            self.answer = rita.presses("credentials")
        except requests.ConnectionError:
            self.answer = None


def issuances(rita: Rita) -> list[Issuance]:
    """Return the records of this access, as they are now."""
    public_id = rita.path.strip("/").split("/")[-1]
    return list(Issuance.objects.filter(grant__request__public_id=public_id).order_by("pk"))


def verbs(issuance: Issuance) -> list[str]:
    """Return what the audit chain says of one of them, in order."""
    events = AuditEvent.objects.filter(details__issuance=str(issuance.public_id)).order_by("sequence")
    return list(events.values_list("verb", flat=True))


def assert_every_session_is_recorded(env: Environment, rita: Rita, *, clicks: int) -> None:
    """I4: each session that AWS gave has its intent and its outcome in the audit chain."""
    name = issuances(rita)[0].grant.session_name
    given = [call for call in env.aws.calls() if _is_session(call, name)]
    recorded = [verbs(issuance) for issuance in issuances(rita)]
    assert len(given) == len(recorded) == clicks
    assert all(len(pair) == 2 and pair[0] == "credentials.asked" for pair in recorded)


def _is_session(call: dict[str, Any], name: str) -> bool:
    gets_grant = call["action"] == "AssumeRole" and call["outcome"] == "ok"
    return bool(gets_grant and call["params"]["RoleSessionName"] == name)
