"""Messages that nobody takes: few wait for the issuer however long it is away, and all others for their worker."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from portal import calls
from portal.celery import app
from portal.queue import LONGEST

TASKS = {"issuer": "access.tasks.observe_denial", "default": "access.tasks.reconcile_role"}


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """Yield a client of an empty Redis."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


def waiting(client: redis.Redis, redis_url: str, queue: str, *, sent: int) -> list[int]:
    """Send so many messages while nobody takes any, and return the ids in those that wait, the next one first."""
    with app.connection_for_write(redis_url) as connection:
        for number in range(sent):
            app.send_task(TASKS[queue], args=(number + 1,), queue=queue, connection=connection)
    items: Any = client.lrange(queue, 0, -1)
    found = [calls.read_call(item, queue=queue)[0][1][0] for item in items]
    return found[::-1]


def test_the_newest_messages_wait_for_the_issuer(client: redis.Redis, redis_url: str) -> None:
    most = LONGEST["issuer"]
    assert waiting(client, redis_url, "issuer", sent=most + 5) == list(range(6, most + 6))


def test_no_message_for_a_role_is_dropped(client: redis.Redis, redis_url: str) -> None:
    sent = LONGEST["issuer"] + 5
    assert waiting(client, redis_url, "default", sent=sent) == list(range(1, sent + 1))
