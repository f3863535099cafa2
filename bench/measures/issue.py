"""Issuing through the portal, from the HTTP request to the JSON answer, against only AssumeRole on a reused client."""

import itertools
import json
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone

from access import trust
from access.actions import deciding, requests
from access.actions.contents import RequestDraft
from access.models import Contractor, Grant, Request, Role, User
from access.reconcile import convergence
from bench import raw, seed
from bench.portal import Caller, signed_in
from bench.rows import Bound, Row
from demo import codes

GRANTS = 20  # calls go round among them, so that none has more sessions than a busy one of real life
ROUNDS = 300
WARM_UP = 40  # rounds that are not counted: clients are built and connections made in them
DISTANCE = 0.05  # seconds, about what STS takes to answer in a region of its own
CALLERS = 4
TURNS = 5  # ours and raw take turns, so that noise hits both
CALLS = 40  # of each caller in one turn
UNLIMITED = 32_000
RITA, PASSWORD, SEED = "rita@contractor.example", "correct-horse-battery", codes.new_seed()


def measure() -> list[Row]:
    """Return the median of one caller, the throughput of four, and how often AWS was asked for one session."""
    grants = _grants(seed.set_up())
    cookies = signed_in(RITA, PASSWORD, SEED)
    callers = [Caller(cookies) for _ in range(CALLERS)]
    sts = raw.issuer(threads=CALLERS)
    rows = [_latency(grants, callers[0], sts, name="issue-p50")]
    with raw.distance("AssumeRole", seconds=DISTANCE):
        rows.append(_latency(grants, callers[0], sts, name="issue-distant-p50"))
    return [*rows, _throughput(grants, callers, sts), _calls(grants, callers[0])]


def _latency(grants: Sequence[Grant], caller: Caller, sts: Any, *, name: str) -> Row:
    ours, bare, looks = [], [], []
    for _, grant in zip(range(WARM_UP + ROUNDS), itertools.cycle(grants), strict=False):
        ours.append(_seconds(partial(caller.issue, grant)))
        bare.append(_seconds(partial(_assume, sts, grant)))
        looks.append(_seconds(partial(caller.look, grant)))
    mine, its, look = (statistics.median(times[WARM_UP:]) * 1000 for times in (ours, bare, looks))
    note = f"p50 of one caller; a page that only looks who comes takes {look:.1f} ms"
    return Row(name, mine, its, "ms", mine / its, Bound.AT_MOST, 1.6, note)


def _throughput(grants: Sequence[Grant], callers: Sequence[Caller], sts: Any) -> Row:
    mine = its = 0.0
    for _ in range(TURNS):
        mine += _together([partial(_turn, caller.issue, grants[n:]) for n, caller in enumerate(callers)])
        for caller in callers:
            caller.hang_up()
        its += _together([partial(_turn, partial(_assume, sts), grants[n:]) for n in range(len(callers))])
    done = TURNS * len(callers) * CALLS
    note = f"sessions a second for {CALLERS} callers; raw are {CALLERS} threads with one client"
    return Row("issue-throughput", done / mine, done / its, "/s", its / mine, Bound.AT_LEAST, 0.7, note)


def _calls(grants: Sequence[Grant], caller: Caller) -> Row:
    """Return how many calls the local AWS logged for one session that the portal gave."""
    log = raw.Log(settings.ISSUER_PROFILE)
    log.news()
    for grant in grants:
        caller.issue(grant)
    each = len(log.news()) / len(grants)
    return Row("issue-aws-calls", each, 1, "calls", each, Bound.AT_MOST, 1, "for one session")


def _turn(create_grant: Callable[[Grant], Any], grants: Sequence[Grant]) -> None:
    for _, grant in zip(range(CALLS), itertools.cycle(grants), strict=False):
        create_grant(grant)


def _together(turns: Sequence[Callable[[], None]]) -> float:
    with ThreadPoolExecutor(len(turns)) as pool:
        return _seconds(lambda: [done.result() for done in [pool.submit(turn) for turn in turns]])


def _seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _assume(sts: Any, grant: Grant) -> None:
    """Ask for what the portal asks for."""
    policy = json.dumps(trust.compile_session_policy(ends_at=grant.ends_at))
    sts.assume_role(RoleArn=grant.role.arn, RoleSessionName=grant.session_name, DurationSeconds=3600, Policy=policy)


def _grants(env: seed.Environment) -> list[Grant]:
    """Return portal-issued grants of Rita's, each on a role of its own, that AWS knows."""
    rita = User.objects.create_user(RITA, PASSWORD)
    seal = get_adapter().encrypt
    Authenticator.objects.create(user=rita, type=Authenticator.Type.TOTP, data={"secret": seal(SEED)})
    Contractor.objects.create(
        user=rita,
        company=env.contractor.company,
        sponsor=env.alice,
        contract_ends_at=env.now + timedelta(days=365),
    )
    roles = env.roles(GRANTS, name="issue")
    Role.objects.update(allows_portal_issued=True, issues_per_hour=UNLIMITED, live_sessions=UNLIMITED)
    for role in Role.objects.all():
        role.contractors.add(rita.contractor)
        _approved(env, rita, role)
    for role in roles:
        convergence.role(role.pk, now=timezone.now)
    return list(Grant.objects.exclude(applied_at=None).select_related("role__account", "request__requester"))


def _approved(env: seed.Environment, rita: User, role: Role) -> None:
    now = timezone.now()
    draft = RequestDraft(principal=None, length=timedelta(hours=2), reason="Upload the file.")
    request: Request = requests.submit(by=rita, role=role, draft=draft, now=now)
    deciding.approve(by=env.alice, request=request, content_hash=request.content_hash, now=timezone.now())
