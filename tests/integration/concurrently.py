"""Threads that start together, for tests of simultaneous calls."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connections


def run_together(*attempts: Callable[[], Any]) -> list[Any]:
    """Start all attempts together, each in a thread of its own, and return what each returned or raised."""
    barrier = threading.Barrier(len(attempts))
    answers: list[Any] = [None] * len(attempts)

    def run(number: int, attempt: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            answers[number] = attempt()
        except Exception as error:
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(attempts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not [thread for thread in threads if thread.is_alive()]
    return answers


def kinds(answers: list[Any]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)
