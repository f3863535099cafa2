"""A message from Redis is one of our calls with one id, and is written again, or it is dropped."""

import base64
import inspect
import json
import uuid
from collections.abc import Sized
from typing import Any

import kombu
import pytest
from celery import current_app
from hypothesis import given
from hypothesis import strategies as st

from access import tasks
from portal import calls
from tests.faults.forgery import forgeries, kept_forgeries, message, odd_but_ours

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PARTS = ("body", "content-encoding", "content-type", "headers", "properties")
HEADERS = ("task", "id", "expires", *calls.PLAIN_HEADERS)


def taken(item: bytes, queue: str = "default") -> dict[str, Any]:
    return dict(json.loads(calls.read(item, queue=queue)))


def arguments(written: dict[str, Any]) -> Any:
    return json.loads(base64.b64decode(written["body"]))


def numbered(rows: Sized) -> list[str]:
    """Return a name per row that is the same in every process: the rows hold identifiers that are new each time."""
    return [str(number) for number in range(len(rows))]


@pytest.mark.parametrize(("name", "item"), forgeries().items(), ids=numbered(forgeries()))
def test_a_message_that_is_not_our_call_is_refused_and_the_reason_quotes_nothing(name: str, item: bytes) -> None:
    for queue in calls.QUEUES:
        with pytest.raises(calls.NotACall) as refused:
            calls.read(item, queue=queue)
        assert refused.value.size == len(item)
        assert refused.value.reason in {
            "not a message",
            "not an id of a message",
            "not one id",
            "not one of our tasks",
            "not without arguments",
            "a task of another queue",
            "a time without zone",
            "not a time",
            "options that we never set",
            "too large",
        }


@pytest.mark.parametrize("entry", kept_forgeries().values(), ids=numbered(kept_forgeries()))
def test_a_kept_entry_that_is_not_our_call_is_refused(entry: bytes) -> None:
    with pytest.raises(calls.NotACall):
        calls.read_kept(entry)


@pytest.mark.parametrize("item", odd_but_ours().values(), ids=numbered(odd_but_ours()))
def test_nothing_reaches_celery_but_the_name_the_id_and_the_expiry(item: bytes) -> None:
    given, written = json.loads(item), taken(item)
    identity = given["headers"]["id"]
    plain = taken(json.dumps(message(body="[[999999999], {}, {}]", id=identity)).encode())
    for each in (written, plain):
        each["properties"].pop("delivery_tag")
    assert written == plain


def test_a_delivery_tag_is_never_taken_over() -> None:
    item = json.dumps(message()).encode()
    tags = {taken(item)["properties"]["delivery_tag"] for _ in range(3)}
    assert len(tags) == 3
    assert json.loads(item)["properties"]["delivery_tag"] not in tags


def test_a_kept_call_is_read_like_any_other() -> None:
    queue, item = calls.read_kept(json.dumps([message(), "", "urgent"]).encode())
    assert queue == "urgent"
    assert arguments(taken(item, "urgent"))[0] == [1]


@pytest.mark.parametrize("queue", calls.QUEUES)
@pytest.mark.parametrize("name", calls.KINDS)
def test_a_queue_carries_only_the_tasks_of_its_workers(name: str, queue: str) -> None:
    kind = calls.KINDS[name]
    item = json.dumps(message(name, body=f"[{[1] if kind.takes_id else []}, {{}}, {{}}]")).encode()
    if queue in kind.queues:
        assert taken(item, queue)["headers"]["task"] == name
    else:
        with pytest.raises(calls.NotACall, match="another queue"):
            calls.read(item, queue=queue)


def test_every_task_is_known_with_its_arguments() -> None:
    registered = {name: task for name, task in current_app.tasks.items() if name.startswith("access.")}
    assert tasks.sweep.name in registered
    takes = {name: len(inspect.signature(task.run).parameters) for name, task in registered.items()}
    assert takes == {name: int(kind.takes_id) for name, kind in calls.KINDS.items()}


@pytest.mark.parametrize("name", calls.KINDS)
def test_a_message_that_celery_publishes_for_us_is_our_call(name: str) -> None:
    kind, queue = calls.KINDS[name], calls.KINDS[name].queues[0]
    ids = (7,) if kind.takes_id else ()
    with kombu.Connection("memory://") as broker:
        # The stubs do not know that a task can be sent over a connection of the caller's.
        send: Any = current_app.tasks[name].apply_async
        for options in ({}, {"expires": 10}):
            send(args=ids, queue=queue, connection=broker, **options)
        current_app.send_task(name, args=ids, queue=queue, connection=broker)
        channel: Any = broker.default_channel
        published = [json.dumps(channel._get(queue)).encode() for _ in range(3)]
    for item in published:
        written = taken(item, queue)
        given = json.loads(item)
        assert arguments(written)[0] == list(ids)
        assert [written["headers"][each] for each in ("id", "expires")] == [
            given["headers"][each] for each in ("id", "expires")
        ]


@pytest.mark.parametrize("given", [1, 2**63 - 1])
def test_an_id_is_a_positive_number_that_fits_the_database(given: int) -> None:
    assert arguments(taken(json.dumps(message(body=f"[[{given}], {{}}, {{}}]")).encode()))[0] == [given]
    with pytest.raises(calls.NotACall):
        calls.read(json.dumps(message(body=f"[[{2**63}], {{}}, {{}}]")).encode(), queue="default")


def test_an_expiry_is_passed_on_in_utc() -> None:
    written = taken(json.dumps(message(expires="2026-11-29T12:00:00+02:00")).encode())
    assert written["headers"]["expires"] == "2026-11-29T10:00:00+00:00"


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_item_is_read_as_a_call_or_refused(item: bytes) -> None:
    with pytest.raises(calls.NotACall):
        calls.read(item, queue="default")
    with pytest.raises(calls.NotACall):
        calls.read_kept(item)


@given(st.sampled_from(PARTS), JSON, st.sampled_from(HEADERS), JSON)
def test_a_message_with_any_unexpected_part_is_refused(part: str, value: Any, header: str, odd: Any) -> None:
    for forged in (message() | {part: value}, message(**{header: odd}), message(body=json.dumps([value, odd, {}]))):
        try:
            written = taken(json.dumps(forged).encode())
        except calls.NotACall:
            continue
        assert written["headers"]["task"] in calls.KINDS
        assert str(uuid.UUID(written["headers"]["id"])) == written["headers"]["id"]
        assert all(type(argument) is int for argument in arguments(written)[0])


def test_our_own_call_is_read_as_it_was_made() -> None:
    message_id, message = calls.make("access.tasks.reconcile_role", [7], queue="urgent")
    call, again = calls.read_call(message, queue="urgent")
    assert call == ("access.tasks.reconcile_role", (7,), None)
    assert json.loads(again)["headers"]["id"] == message_id


def test_two_messages_with_the_same_call_are_equal() -> None:
    made = [calls.make("access.tasks.reconcile_role", [number], queue="urgent")[1] for number in (7, 7, 8)]
    first, second, other = (calls.read_call(message, queue="urgent")[0] for message in made)
    assert first == second != other
