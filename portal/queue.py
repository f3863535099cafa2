"""kombu's queue in Redis, protected against everything that other programs put there.

Kombu and Celery trust what they find in Redis: one odd message, entry or key ends the worker, and the next one. Here
each message is read by `portal.calls` first, and a key of another type is deleted. Nothing is lost that the next sweep
does not ask for again. See docs/adr/0038.
"""

from collections import Counter
from collections.abc import Callable
from queue import Empty
from typing import Any, TypeVar

import redis
import structlog
from kombu.transport import redis as kombu_redis

from portal import calls

log = structlog.get_logger(__name__)

BATCH = 200  # messages that are taken from a queue in one call; each can be large
BATCHES = 25  # between two checks of anything else
LONG = 500  # messages; a longer queue is shortened
# The maximum number of messages in a queue; the newest stay. Redis keeps expired messages until a worker takes them. A
# later sweep sends dropped messages again. Messages about roles are never dropped here.
LONGEST = {"issuer": 1000}
LOGGED = 20  # drops that are logged one by one between two records of the counter
WRONG_TYPE = "a key of another type"
NO_EXPIRY = "a mutex that expires never or too late"
NEVER_EXPIRES = -1  # what TTL answers then
T = TypeVar("T")
dropped: Counter[str] = Counter()  # by reason, in this process and since the last record


def drop(reason: str, *, queue: str, size: int) -> None:
    """Count something that was dropped, and log it as long as there are few; the content is logged never."""
    dropped[reason] += 1
    if dropped.total() <= LOGGED:
        log.warning("queue.dropped", reason=reason, queue=queue, size=size)


def _sift(item: bytes, queue: str, kept: dict[calls.Call, bytes]) -> None:
    """Add a message to those that are kept, or drop it."""
    try:
        call, message = calls.read_call(item, queue=queue)
    except calls.NotACall as refused:
        drop(refused.reason, queue=queue, size=refused.size)
    else:
        kept.setdefault(call, message)


def _connection_error(refusal: redis.ResponseError) -> redis.ConnectionError:
    """Return the error after which Celery connects again; it ends when Redis refuses something (memory, disk, rights).

    The answer is logged, as Celery's own line leaves it out.
    """
    log.warning("queue.refused", answer=str(refusal))
    return redis.ConnectionError(f"Redis refuses: {refusal}")


class Client(redis.Redis):
    """A client that takes nothing from a queue but calls of ours."""

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """Return Redis's answer; NotACall when what it took from a queue is not a call of ours."""
        answer = super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        if command_name != "BRPOP" or not answer:
            return answer
        key, item = answer
        return key, calls.read(item, queue=key.decode(errors="replace"))


class QoS(kombu_redis.QoS):
    """Keeps what was taken and not acknowledged yet, in two keys that can be broken at any moment."""

    channel: Any  # the Channel below
    _remove_from_indices: Any  # kombu's, which its stubs leave out

    def append(self, message: Any, delivery_tag: str) -> None:
        """Keep a message until it is acknowledged."""
        self.channel.retried(lambda: super(QoS, self).append(message, delivery_tag))

    def ack(self, delivery_tag: str) -> None:
        """Forget a message, which is done."""
        self.channel.retried(lambda: super(QoS, self).ack(delivery_tag))

    def restore_visible(self, *args: Any, **options: Any) -> None:
        """Put back into their queues what a worker took long ago and never acknowledged."""
        self.channel.retried(self._free_mutex)
        self.channel.retried(lambda: super(QoS, self).restore_visible(*args, **options))

    def _free_mutex(self) -> None:
        """Delete a mutex that kombu did not set: its own expires within minutes, and until then nobody restores."""
        with self.channel.conn_or_acquire() as client:
            seconds = client.ttl(self.unacked_mutex_key)
            if seconds == NEVER_EXPIRES or seconds > self.unacked_mutex_expire:
                client.delete(self.unacked_mutex_key)
                dropped[NO_EXPIRY] += 1
                log.error("queue.key_deleted", reason=NO_EXPIRY, key=self.unacked_mutex_key)

    def restore_by_tag(self, tag: str | bytes, client: Any = None, leftmost: bool = False) -> None:
        """Put one kept message back into its queue, or drop it when it is not a call of ours."""

        def put_back(pipe: Any) -> None:
            kept = pipe.hget(self.unacked_key, tag)
            pipe.multi()
            self._remove_from_indices(tag, pipe)
            try:
                queue, message = calls.read_kept(kept or b"")
            except calls.NotACall as refused:
                if kept:
                    drop(refused.reason, queue=refused.queue, size=refused.size)
            else:
                (pipe.lpush if leftmost else pipe.rpush)(queue, message)

        with self.channel.conn_or_acquire(client) as connected:
            self.channel.retried(lambda: connected.transaction(put_back, self.unacked_key))


class Channel(kombu_redis.Channel):
    """Reads and writes the lists of our queues, and nothing else that somebody might have left in Redis."""

    QoS = QoS
    conn_or_acquire: Any  # kombu's, which its stubs leave out
    _queue_cycle: Any

    def retried(self, work: Callable[[], T]) -> T:
        """Return what `work` returns; when Redis refuses it, fix what can be fixed and try once more."""
        try:
            return work()
        except redis.ResponseError as error:
            self.repair(error)
        try:
            return work()
        except redis.ResponseError as error:
            raise _connection_error(error) from error

    def repair(self, refusal: redis.ResponseError) -> None:
        """Delete keys of a wrong type; redis.ConnectionError when the type is not why Redis refuses.

        Another process can have deleted the key that this one met.
        """
        try:
            deleted = self._delete_wrong_types()
        except redis.ResponseError:
            deleted = 0
        if not deleted and "WRONGTYPE" not in str(refusal):
            raise _connection_error(refusal) from refusal

    def _delete_wrong_types(self) -> int:
        """Delete the keys of ours that have another type than kombu needs, and return how many there were."""
        kinds = dict.fromkeys(calls.QUEUES, b"list") | {self.unacked_key: b"hash", self.unacked_index_key: b"zset"}
        with self.conn_or_acquire() as client:
            wrong = [key for key, kind in kinds.items() if client.type(key) not in {kind, b"none"}]
            for key in wrong:
                client.delete(key)
                dropped[WRONG_TYPE] += 1
                log.error("queue.key_deleted", reason=WRONG_TYPE, key=key)
        return len(wrong)

    def _get_client(self) -> type[redis.Redis]:
        return Client

    def _brpop_read(self, **options: Any) -> Any:
        """Take the next message and have it delivered; Empty when there is none, or when it is dropped."""
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # not in the stubs
        except redis.ResponseError as error:
            self.repair(error)
            raise Empty from None
        except calls.NotACall as refused:
            drop(refused.reason, queue=refused.queue, size=refused.size)
            self._queue_cycle.rotate(refused.queue)
            if refused.queue in calls.QUEUES:
                self.shorten(refused.queue)
            raise Empty from None

    def count(self, queue: str) -> int:
        """Return how many messages wait in a queue."""
        with self.conn_or_acquire() as client:
            return int(self.retried(lambda: client.llen(queue)))

    def shorten(self, queue: str) -> None:
        """Drop what is no call of ours from the next messages of a queue, and all but one of equal calls.

        Many are taken in one call, as one after the other takes a flood too long. Those that stay are put back: what a
        worker that dies meanwhile had taken is asked for by the next sweep.
        """
        kept: dict[calls.Call, bytes] = {}
        with self.conn_or_acquire() as client:
            for _ in range(BATCHES):
                taken = self.retried(lambda: client.rpop(queue, BATCH)) or []
                for item in taken:
                    _sift(item, queue, kept)
                if len(taken) < BATCH:
                    break
            if kept:
                # The next one is at the right end.
                self.retried(lambda: client.rpush(queue, *reversed(kept.values())))

    def _put(self, queue: str, message: Any, **options: Any) -> None:
        self.retried(lambda: super(Channel, self)._put(queue, message, **options))
        if queue in LONGEST:
            with self.conn_or_acquire() as client:
                # The newest one is at the left end.
                self.retried(lambda: client.ltrim(queue, 0, LONGEST[queue] - 1))

    def _size(self, queue: str) -> int:
        return int(self.retried(lambda: super(Channel, self)._size(queue)))

    def _queue_bind(self, *_binding: Any) -> None:
        """Keep no table of bindings in Redis: a message goes to the queue of its routing key."""

    def get_table(self, _exchange: str) -> list[tuple[str, str, str]]:
        """Return no bindings, whatever somebody has written into Redis."""
        return []


class Transport(kombu_redis.Transport):
    """kombu's transport with the channel above."""

    Channel = Channel
