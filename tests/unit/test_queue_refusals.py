"""Redis refuses an operation of the queue: it is repeated where a key was repaired, else Celery connects again."""

from collections.abc import Callable, Iterator

import pytest
import redis

from portal.queue import Channel

WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"


class Unconnected(Channel):
    """A channel that has no connection and finds some keys of a wrong type."""

    deleted = 0
    closed = True  # there is nothing to close

    def __init__(self) -> None:
        pass

    def _delete_wrong_types(self) -> int:
        return self.deleted


def channel(*, deleted: int) -> Channel:
    made = Unconnected()
    made.deleted = deleted
    return made


def work(*answers: str | int) -> Callable[[], int]:
    """Return a function that gives the answers in turn, and raises those that are text."""
    left: Iterator[str | int] = iter(answers)

    def call() -> int:
        answer = next(left)
        if isinstance(answer, str):
            raise redis.ResponseError(answer)
        return answer

    return call


@pytest.mark.parametrize("deleted", [1, 0], ids=["by this process", "by another one"])
def test_an_operation_is_repeated_once_the_key_of_a_wrong_type_is_gone(deleted: int) -> None:
    assert channel(deleted=deleted).retried(work(WRONG_TYPE, 7)) == 7


@pytest.mark.parametrize(
    ("answers", "deleted"), [(("OOM",), 0), ((WRONG_TYPE, WRONG_TYPE), 1), ((WRONG_TYPE, "NOPERM"), 1)]
)
def test_celery_connects_again_after_any_other_refusal(answers: tuple[str, ...], deleted: int) -> None:
    with pytest.raises(redis.ConnectionError, match="Redis refuses"):
        channel(deleted=deleted).retried(work(*answers))
