"""Whether the time of an answer tells that there is an account: the sign-in, a forgotten password, an invitation.

The two kinds of visits are mixed by chance and compared by rank (Mann and Whitney): the figure is how probable it is
that they would differ as much as they do if nothing told them apart.
"""

import math
import secrets
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby

from allauth.account.models import EmailAddress
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from access.actions import invitations
from access.models import Invitation, User
from bench.rows import Bound, Row

SAMPLES = 200  # of each kind
IMPROBABLE = 0.001
SETTINGS = {
    "ACCOUNT_RATE_LIMITS": False,
    "ALLOWED_HOSTS": ["testserver"],
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
}
Visit = Callable[[str], object]


def measure() -> list[Row]:
    """Return a row for each page; `ours` and `raw` are the medians with and without an account, in ms."""
    known = User.objects.create_user("known@example.com", secrets.token_urlsafe(24))
    EmailAddress.objects.create(user=known, email=known.email, verified=True, primary=True)
    login, reset = reverse("account_login"), reverse("account_reset_password")
    with override_settings(**SETTINGS):
        return [
            _row("login", lambda who: Client().post(login, {"login": who, "password": "not-his-password"}), *_people()),
            _row("reset", lambda who: Client().post(reset, {"email": who}), *_people()),
            _row("invitation", lambda link: Client().get(reverse("invitation", args=[link])), *_links()),
        ]


def _people() -> tuple[str, Callable[[], str]]:
    return "known@example.com", lambda: f"{secrets.token_hex(3)}@example.com"[-17:]


def _links() -> tuple[str, Callable[[], str]]:
    """Return the link of an invitation that was withdrawn, and what makes links of invitations that never were."""
    now = timezone.now()
    ended = Invitation.objects.create(email="guest@example.com", sent_at=now - timedelta(hours=1), withdrawn_at=now)
    return invitations.link_of(ended), lambda: invitations.link_of(Invitation(email="guest@example.com", sent_at=now))


def _row(name: str, visit: Visit, known: str, unknown: Callable[[], str]) -> Row:
    visits = [known] * SAMPLES + [unknown() for _ in range(SAMPLES)]
    secrets.SystemRandom().shuffle(visits)
    visit(known)
    took = [(who == known, _seconds(visit, who)) for who in visits]
    with_account, without = ([seconds for is_known, seconds in took if is_known == kind] for kind in (True, False))
    ours, raw = (statistics.median(some) * 1000 for some in (with_account, without))
    note = f"with and without an account, {SAMPLES} each; judged: p of Mann and Whitney"
    judged = same_by_chance(with_account, without)
    return Row(f"enumeration-{name}", ours, raw, "ms", judged, Bound.AT_LEAST, IMPROBABLE, note)


def _seconds(visit: Visit, who: str) -> float:
    started = time.perf_counter()
    visit(who)
    return time.perf_counter() - started


def same_by_chance(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p of the rank-sum test of Mann and Whitney, by the normal law, ties accounted for."""
    marked = sorted([(value, True) for value in first] + [(value, False) for value in second])
    rank, rank_sum, ties = 1, 0.0, 0
    for _, group in groupby(marked, key=lambda one: one[0]):
        same = list(group)
        rank_sum += sum(mark for _, mark in same) * (rank + (len(same) - 1) / 2)
        ties += len(same) ** 3 - len(same)
        rank += len(same)
    m, n = len(first), len(second)
    total = m + n
    variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)))
    if not variance:
        return 1.0
    distance = abs(rank_sum - m * (m + 1) / 2 - m * n / 2)
    return math.erfc(max(distance - 0.5, 0) / math.sqrt(2 * variance))
