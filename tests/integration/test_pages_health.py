"""Is the process up, and is everything that it needs: for machines, without signing in."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from access.ledger.counters import QUEUE_DROPPED, count
from access.ledger.unmanaged import find_statement, settle_statement
from access.models import ChainWalk, Heartbeat, Role
from access.trust import Fate, Unmanaged
from access.views import health
from tests import factories
from tests.factories import HOUR, NOON, SECOND

READYZ = reverse("readyz")


@pytest.fixture(autouse=True)
def at_noon(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def all_is_well(db: None, settings: Any, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    settings.SWEEP_SECONDS = 30.0
    Heartbeat.objects.create(name="worker", at=NOON - 30 * SECOND)
    Heartbeat.objects.create(name="revocations", at=NOON)
    Heartbeat.objects.create(name="audit", at=NOON)


def readyz() -> tuple[int, dict[str, Any]]:
    answer = Client().get(READYZ)
    return answer.status_code, answer.json()


def test_a_running_process_is_alive_without_checking_anything_else(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = Client().get(reverse("healthz"))
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_portal_is_ready_when_everything_is_available(all_is_well: None) -> None:
    status, said = readyz()
    assert status == 200
    assert said["ready"] is True
    assert {said[check] for check in ("database", "redis", "worker", "waiting")} == {"ok"}


def test_unmanaged_statements_are_counted_and_do_not_affect_readiness(all_is_well: None) -> None:
    role, allow = factories.role(), {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    counts = ("unmanaged_statements", "unmanaged_statements_removed", "unmanaged_statements_urgent")
    assert [readyz()[1][name] for name in counts] == [0, 0, 0]
    for _ in range(2):
        row = find_statement(role, Unmanaged(allow, Fate.REMOVED), by="worker", now=NOON)
        assert row is not None
        settle_statement(row, row.Outcome.REMOVED, by="worker", now=NOON)
    find_statement(role, Unmanaged({**allow, "Effect": "Deny"}, Fate.DENY), by="worker", now=NOON)
    status, said = readyz()
    assert status == 200
    assert [said[name] for name in counts] == [1, 2, 1]
    assert set(said["attention"]) == {"unmanaged_statements_urgent"}


def test_everything_that_needs_attention_is_reported_by_its_code(all_is_well: None) -> None:
    assert readyz()[1]["attention"] == {}
    count(QUEUE_DROPPED, 2, now=NOON)
    ChainWalk.objects.create(day=NOON.date(), began_at=NOON - HOUR, ended_at=NOON, sequence=3, broken_at=[2, 3])
    status, said = readyz()
    assert status == 200
    assert set(said["attention"]) == {"audit_chain_broken", "queue_dropped"}
    assert "2 and 3" in said["attention"]["audit_chain_broken"]


def test_without_redis_the_portal_is_not_ready_and_says_why(all_is_well: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://:very-secret@127.0.0.1:1/0"
    status, said = readyz()
    assert (status, said["ready"]) == (503, False)
    assert said["codes"] == {"redis": "queue_silent"}
    assert "very-secret" not in str(said)
    assert "127.0.0.1" not in str(said)


def test_without_a_database_the_portal_is_not_ready_and_says_why(
    all_is_well: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @staticmethod
        def cursor() -> None:
            raise OperationalError("could not connect to db.internal as daypass")

    monkeypatch.setattr(health, "connection", Broken)
    status, said = readyz()
    assert status == 503
    assert said["codes"]["database"] == "database_silent"
    assert "db.internal" not in str(said)


def test_before_the_first_sweep_the_portal_is_not_ready(all_is_well: None) -> None:
    Heartbeat.objects.all().delete()
    assert readyz()[0] == 503
    assert readyz()[1]["codes"]["worker"] == "sweep_missing"


@pytest.mark.parametrize(("age", "status"), [(95, 200), (96, 503)])
def test_a_worker_can_miss_at_most_two_sweeps(all_is_well: None, age: int, status: int) -> None:
    Heartbeat.objects.filter(name="worker").update(at=NOON - age * SECOND)
    assert readyz()[0] == status


def test_the_age_of_the_last_sweep_is_reported(all_is_well: None) -> None:
    Heartbeat.objects.update(at=NOON - HOUR)
    assert readyz()[1]["codes"]["worker"] == "sweep_outdated"
    assert "2026-11-24 11:00:00 UTC" in readyz()[1]["worker"]


def test_a_role_that_waits_too_long_is_reported(all_is_well: None) -> None:
    factories.role(waiting_since=NOON - timedelta(minutes=10))
    status, said = readyz()
    assert status == 503
    assert said["codes"] == {"waiting": "role_waiting"}
    assert "2026-11-24 11:50:00 UTC" in said["waiting"]


def test_roles_with_a_problem_are_counted_and_do_not_affect_readiness(all_is_well: None) -> None:
    trouble = {
        "problem": "role_missing",
        "problem_code": "aws_no_role",
        "problem_facts": {"role": "x"},
        "waiting_since": NOON - HOUR,
    }
    factories.role("gone", **trouble, failures=7, reconciled_at=NOON - HOUR)
    status, said = readyz()
    assert status == 200
    assert (said["roles_with_a_problem"], said["roles_stuck"]) == (1, 1)
    assert said["role_problems"] == {"aws_no_role": 1}
    assert set(said["attention"]) == {"roles_stuck"}
    assert said["last_reconcile"] == "2026-11-24T11:00:00Z"


@pytest.mark.parametrize("name", ["healthz", "readyz"])
def test_health_pages_accept_only_get(db: None, name: str) -> None:
    assert Client().post(reverse(name)).status_code == 405
    assert Role.objects.count() == 0


def test_readyz_answers_503_when_no_process_watches_for_access_to_end(all_is_well: None) -> None:
    Heartbeat.objects.filter(name="revocations").update(at=NOON - 61 * SECOND)
    status, said = readyz()
    assert status == 503
    assert said["codes"] == {"revocations": "endings_outdated"}
    assert "2026-11-24 11:58:59 UTC" in said["revocations"]
    Heartbeat.objects.filter(name="revocations").update(at=NOON - 59 * SECOND)
    assert readyz()[0] == 200
    Heartbeat.objects.filter(name="revocations").update(at=NOON + HOUR)
    assert readyz()[0] == 503
    Heartbeat.objects.filter(name="revocations").delete()
    assert readyz()[1]["codes"] == {"revocations": "endings_missing"}
