"""R03, R04, R17: while Redis is dead, mute or refuses to work, access that is over ends in AWS all the same."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest
import redis
from django.utils import timezone

from access.actions import people
from access.models import Contractor, User
from demo import cast
from dev.ports import get
from tests.faults.approvals import Approval
from tests.faults.counts import EVERY_KIND
from tests.faults.environment import ALL_WORKERS, PATIENCE, Environment, NotConverged, wait_until
from tests.faults.proxy import Mode
from tests.faults.tenant import Tenant
from tests.faults.test_revocations import is_denied

# Redis stays as it is until the access has ended. The queue has a head start of ten seconds.
LONG = PATIENCE + 30


@contextmanager
def dead(env: Environment) -> Iterator[None]:
    env.kill("redis")
    yield
    env.start("redis")


@contextmanager
def reset(env: Environment) -> Iterator[None]:
    env.proxy.cut(Mode.RESET)
    yield
    env.proxy.cut(Mode.PASS)


@contextmanager
def swallowing(env: Environment) -> Iterator[None]:
    env.proxy.cut(Mode.SWALLOW)
    yield
    env.proxy.cut(Mode.RESET)
    env.proxy.cut(Mode.PASS)


@contextmanager
def full(env: Environment) -> Iterator[None]:
    yield from refusing(env, ("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0"))


@contextmanager
def read_only(env: Environment) -> Iterator[None]:
    yield from refusing(env, ("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"))


@contextmanager
def another_password(env: Environment) -> Iterator[None]:
    password = env.redis().connection_pool.connection_kwargs["password"]
    yield from refusing(
        env, ("CONFIG", "SET", "requirepass", "changed-by-hand"), ("CONFIG", "SET", "requirepass", password)
    )


def refusing(env: Environment, refuse: tuple[str, ...], relent: tuple[str, ...]) -> Iterator[None]:
    """Let Redis refuse what the workers ask for, also in connections that they have; one client of ours still works."""
    with env.redis().client() as client:  # type: ignore[no-untyped-call]
        client.execute_command(*refuse)
        kill_others(client)
        try:
            yield
        finally:
            client.execute_command(*relent)


def kill_others(client: redis.Redis) -> None:
    client.execute_command("CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "YES")  # type: ignore[no-untyped-call]


@pytest.fixture
def admitted(tenant: Tenant) -> Approval:
    """Return a contractor who is in."""
    approval = tenant.create_grant(tenant.role())
    tenant.await_state(approval, "active")
    assert tenant.is_admitted(approval)
    assert tenant.can_upload(approval)
    return approval


TROUBLES = [dead, swallowing, full, reset, read_only, another_password]


@pytest.mark.parametrize("trouble", TROUBLES if EVERY_KIND else TROUBLES[:3])
def test_a_revocation_is_in_aws_while_redis_does_not_work(
    tenant: Tenant, admitted: Approval, trouble: Callable[[Environment], AbstractContextManager[None]]
) -> None:
    before = {name: tenant.env.stack[name].pid for name in ALL_WORKERS}
    with trouble(tenant.env):
        tenant.revoke(admitted)
        must_be_out(tenant, admitted)
        wait_until(lambda: not readyz(tenant.env)["ready"], "/readyz is not ready")
    wait_until(lambda: readyz(tenant.env)["ready"], "/readyz is ready again")
    assert {name: tenant.env.stack[name].pid for name in ALL_WORKERS} == before


def test_a_revocation_is_in_aws_although_no_process_has_ever_reached_redis(tenant: Tenant, admitted: Approval) -> None:
    env = tenant.env
    env.kill("redis", *ALL_WORKERS, "beat")
    tenant.revoke(admitted)
    env.start(*ALL_WORKERS, "beat")
    must_be_out(tenant, admitted)
    env.start("redis")


def test_a_disabled_contractor_is_out_while_redis_is_dead(tenant: Tenant, admitted: Approval) -> None:
    ada = User.objects.get(email=cast.ADA.email)
    with dead(tenant.env):
        contractor = Contractor.objects.get(user=admitted.contractor.user)
        now = timezone.now()
        people.disable_person_or_company(by=ada, what=contractor, now=now)
        admitted.revoked_at = now
        must_be_out(tenant, admitted)


def test_access_that_expires_is_called_ended_while_redis_is_dead(tenant: Tenant) -> None:
    """A slow machine needs a longer window: the access has to be active when Redis has died."""
    for seconds in (8, 16, 32, 64):
        approval = tenant.create_grant(tenant.role(), seconds=seconds)
        wait_until(partial(has_begun, tenant, approval), "it is active or over")
        with dead(tenant.env):
            if tenant.state(approval) == "active":
                tenant.await_state(approval, "ended", seconds=seconds + LONG)
                assert not tenant.is_admitted(approval)
                return
    raise NotConverged("no access was active before its end")


def has_begun(tenant: Tenant, approval: Approval) -> bool:
    return tenant.state(approval) in {"active", "ending", "ended"}


def must_be_out(tenant: Tenant, approval: Approval) -> None:
    """Return when AWS denies the sessions, admits nobody by the grant, and the portal says so."""
    wait_until(lambda: is_denied(tenant, approval), "the Deny is in AWS", seconds=LONG)
    tenant.await_state(approval, "ended", seconds=LONG)
    assert not tenant.is_admitted(approval)
    assert not tenant.can_upload(approval)


def readyz(env: Environment) -> dict[str, object]:
    return dict(json.loads(get(f"{env.stack.options.url}/readyz", seconds=15)[1]))
