"""How many writes one role takes when many of its grants change together, as the local AWS counted them."""

from datetime import timedelta

from django.utils import timezone

from access.actions import deciding, requests
from access.models import Grant, Role
from access.reconcile import convergence
from bench import raw, seed
from bench.rows import Bound, Row

GRANTS = 8


def measure() -> list[Row]:
    """Return the largest number of writes of one role after approvals, an expiry, revocations, and all together."""
    env = seed.set_up()
    roles = env.roles(3, name="writes")
    writes = [_writes_after_approvals(env, role) for role in roles]
    writes += [_writes_after_revocations(env, roles[0]), _writes_after_everything(env, roles[1])]
    note = f"{GRANTS} grants of a role given, then revoked, then both and an extension"
    return [Row("writes-per-changed-role", max(writes), 2, "writes", max(writes), Bound.AT_MOST, 2, note)]


def _writes_after_approvals(env: seed.Environment, role: Role) -> int:
    for request in env.requests([role], each=GRANTS):
        deciding.approve(by=env.alice, request=request, content_hash=request.content_hash, now=timezone.now())
    return _writes_of(role)


def _writes_after_revocations(env: seed.Environment, role: Role) -> int:
    for grant in Grant.objects.filter(role=role):
        requests.revoke(by=env.alice, grant=grant, reason="Enough.", now=timezone.now())
    return _writes_of(role)


def _writes_after_everything(env: seed.Environment, role: Role) -> int:
    revoked, extended, *_ = Grant.objects.filter(role=role)
    now = timezone.now()
    requests.revoke(by=env.alice, grant=revoked, reason="Enough.", now=now)
    later = extended.ends_at + timedelta(hours=1)
    request = requests.extend(by=env.contractor.user, grant=extended, ends_at=later, reason="More to upload.", now=now)
    deciding.approve(by=env.alice, request=request, content_hash=request.content_hash, now=now)
    (new,) = env.requests([role])
    deciding.approve(by=env.alice, request=new, content_hash=new.content_hash, now=timezone.now())
    return _writes_of(role)


def _writes_of(role: Role) -> int:
    """Bring the role in sync, twice, and return the writes that this took; none means that nothing was measured."""
    log = raw.Log()
    log.news()
    for _ in range(2):
        convergence.role(role.pk, now=timezone.now)
    Role.objects.get(pk=role.pk, state__problem="")
    writes = sum(call.is_write for call in log.news())
    if not writes:
        raise RuntimeError(f"{role} changed, and nothing was written.")
    return writes
