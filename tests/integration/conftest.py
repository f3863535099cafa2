"""What the tests on the database share: the cast, a database that may be committed to, and a local AWS."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker
from time_machine import TimeMachineFixture

from access import tasks
from access.aws import clients
from access.models import AuditHead, Grant, User
from access.signatures import public_key
from tests import factories, history
from tests.factories import NOON, Cast
from tests.integration.anchoring import KEY, sign_nine
from tests.integration.environment import Environment, prepared
from tests.integration.known import ALICE
from tests.integration.ritas import Rita
from tests.integration.test_limits import by_code, by_password, code, enrol, is_in
from tests.localaws.server import LocalAws, local_aws

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def spool_dir(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a spool directory of the test's own, which is made when it is needed."""
    made = tmp_path_factory.getbasetemp() / f"spool-{next(_numbers)}"
    settings.SPOOL_DIR = str(made)
    return made


@pytest.fixture
def grant(cast: Cast) -> Grant:
    """Return Richard's grant, from now for an hour."""
    return factories.create_grant(cast)


@pytest.fixture
def at_noon(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def alice(cast: Cast, at_noon: TimeMachineFixture) -> User:
    return enrol(cast.alice)


@pytest.fixture
def mine(alice: User, at_noon: TimeMachineFixture) -> Client:
    """Return Alice's browser, in which Alice signed in yesterday and out again."""
    client = Client()
    by_password(client, email=ALICE)
    by_code(client, code())
    assert is_in(client)
    client.post(reverse("account_logout"))
    at_noon.shift(timedelta(days=1).total_seconds())
    assert not is_in(client)
    return client


@pytest.fixture
def checkpoint_file(settings: Any, tmp_path: Path, time_machine: TimeMachineFixture, spool_dir: Path) -> Path:
    """Return the worker's file of checkpoints; it has the key."""
    time_machine.move_to(NOON, tick=False)
    settings.CHECKPOINT_KEY, settings.CHECKPOINT_PUBLIC_KEYS = KEY, [public_key(KEY)]
    settings.CHECKPOINT_FILE = str(tmp_path / "away" / "checkpoints.jsonl")
    return Path(settings.CHECKPOINT_FILE)


@pytest.fixture
def signed(checkpoint_file: Path) -> Path:
    """Return the file of nine events, of which the fifth and the seventh are signed."""
    return sign_nine(checkpoint_file)


@pytest.fixture
def cast(db: None) -> Cast:
    return factories.cast()


@pytest.fixture
def history_comes_back(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Once the database was emptied, its history is guarded again and the audit chain begins again."""
    yield
    with django_db_blocker.unblock():
        history.guard()
        AuditHead.objects.get_or_create(pk=1)


@pytest.fixture
def commits(history_comes_back: None, transactional_db: None) -> Iterator[None]:
    """Commit what the test does, so that threads see it; the database is emptied afterwards, history included."""
    yield
    history.unguard()


@dataclass(frozen=True)
class Enqueued:
    """A message that was sent to the worker."""

    role_id: int
    queue: str


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Enqueued]:
    """Return the messages to the worker, which stay here."""
    sent: list[Enqueued] = []

    def apply_async(*, args: tuple[int], queue: str, **_: Any) -> None:
        sent.append(Enqueued(args[0], queue))

    monkeypatch.setattr(tasks.reconcile_role, "apply_async", apply_async)
    return sent


@pytest.fixture(scope="session")
def shared_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalAws, str]]:
    """Yield one local AWS for all tests, with the portal's own identities in it, and the file of the worker's keys."""
    with local_aws() as aws:
        yield aws, prepared(aws, tmp_path_factory.mktemp("aws"))


@pytest.fixture
def env(
    shared_aws: tuple[LocalAws, str], db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Environment]:
    """Yield a role of its own for each test, in AWS and in the portal, and the worker's least-privilege identity."""
    aws, credentials_file = shared_aws
    settings.AWS_ENDPOINT_URL = aws.url
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", credentials_file)
    before = aws.settings()
    aws.clear_faults()
    aws.clock(0)
    yield Environment.set_up(aws)
    aws.clear_faults()
    aws.clock(0)
    aws.settings(**before)


@pytest.fixture
def rita(
    env: Environment,
    shared_aws: tuple[LocalAws, str],
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    enqueued: list[Enqueued],
) -> Iterator[Rita]:
    """Yield Rita, who has no AWS account, at the portal of an environment; the portal's issuer has its keys."""
    aws, workers_file = shared_aws
    both = tmp_path / "credentials"
    both.write_text(Path(workers_file).read_text() + Path(workers_file).with_name("web.credentials").read_text())
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(both))
    settings.SIGNIN_URL = f"{aws.url}/federation"
    clients.forget()
    yield Rita.at(env)
    clients.forget()
