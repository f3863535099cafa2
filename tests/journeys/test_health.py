"""What `/readyz` says when a part of Daypass is gone."""

import json
from typing import Any

from dev.ports import get
from dev.stack import Stack
from tests.faults.environment import wait_until


def test_readyz_reports_that_redis_is_gone_and_that_it_is_back(stack: Stack) -> None:
    stack["redis"].kill()
    try:
        wait_until(lambda: readyz(stack)["codes"].get("redis") == "queue_silent", "it says that Redis is gone")
        assert readyz(stack)["ready"] is False
        assert get(f"{stack.options.url}/healthz")[0] == 200
    finally:
        stack.start_service("redis")
    wait_until(lambda: readyz(stack)["ready"], "it is ready again, and nothing was started but Redis")


def test_readyz_reports_that_no_worker_sweeps_and_that_one_does_again(stack: Stack) -> None:
    for name in ("worker", "urgent"):
        stack[name].kill()
    try:
        wait_until(lambda: readyz(stack)["codes"].get("worker") == "sweep_outdated", "it says that nobody sweeps")
        assert readyz(stack)["ready"] is False
    finally:
        stack.start_daypass(["worker", "urgent"])
    wait_until(lambda: readyz(stack)["ready"], "it is ready again")


def readyz(stack: Stack) -> dict[str, Any]:
    """Read the answer, whatever its status."""
    answer: dict[str, Any] = json.loads(get(f"{stack.options.url}/readyz")[1])
    return answer
