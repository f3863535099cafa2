"""Redis's mutex for restoring messages: one that somebody left there keeps no message from its queue for long."""

import json
from collections.abc import Iterator

import pytest
import redis

from portal.celery import app
from tests.faults.forgery import message

MINUTE, YEARS = 60, 10 * 365 * 86_400
TAG = "a call of ours"


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """Yield a client of an empty Redis."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


def restored(client: redis.Redis, redis_url: str) -> int:
    """Have a worker look for unacknowledged messages, and return how many messages are in the queue then."""
    kept = json.dumps([message(body="[[999999999], {}, {}]"), "", "default"])
    client.hset("unacked", TAG, kept)
    client.zadd("unacked_index", {TAG: 0})
    with app.connection_for_write(redis_url) as connection:
        connection.channel().qos.restore_visible()  # type: ignore[attr-defined]
    return int(client.llen("default"))


@pytest.mark.parametrize("seconds", [None, YEARS, 301], ids=["never expires", "expires in years", "is a little late"])
def test_a_mutex_that_is_not_from_kombu_is_deleted(client: redis.Redis, redis_url: str, seconds: int | None) -> None:
    client.set("unacked_mutex", "somebody", ex=seconds)
    assert restored(client, redis_url) == 1


def test_the_mutex_of_another_worker_is_respected(client: redis.Redis, redis_url: str) -> None:
    client.set("unacked_mutex", "another worker", ex=MINUTE)
    assert restored(client, redis_url) == 0
    assert client.get("unacked_mutex") == b"another worker"
