"""How long the pages with growing lists take at 100,000 requests, from the request to the whole HTML."""

import statistics
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from django.urls import reverse

from access.models import User
from access.presenters.filters import list_url
from access.reviews.current_access import WAITING, AccessFilter
from bench import history
from bench.rows import Bound, Row

TIMES = 15
MOST_MS = 150


def measure() -> list[Row]:
    """Return the median of each page in ms; `raw` is a page that reads little more than who is signed in."""
    ada, alice = history.fill()
    overview = reverse("home")
    return [
        _row("administrator", ada, overview),
        _row("approver", alice, overview),
        _row("waiting", ada, list_url(AccessFilter(state=WAITING)).partition("#")[0]),
        _row("search", ada, list_url(AccessFilter(word="contractor 17", sort="-person")).partition("#")[0]),
    ]


def _row(name: str, person: User, path: str) -> Row:
    client = _signed_in(person)
    started, _ = time.process_time(), client.get(path)
    processor = (time.process_time() - started) * 1000
    ours, raw = _median(client, path), _median(client, reverse("time_zone"))
    note = f"median of {TIMES}, {history.REQUESTS} requests; {processor:.0f} ms of processor time; raw: time zones"
    return Row(f"overview-{name}", ours, raw, "ms", ours, Bound.AT_MOST, MOST_MS, note)


def _median(client: Client, path: str) -> float:
    client.get(path)
    return statistics.median(_milliseconds(client, path) for _ in range(TIMES))


def _milliseconds(client: Client, path: str) -> float:
    started = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - started) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}.")
    return took


def _signed_in(person: User) -> Client:
    """Return a client that is signed in with a password and a code."""
    client, now = Client(headers={"Host": urlsplit(settings.BASE_URL).netloc}), time.time()
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": now, "reauthenticated": False},
        {"method": "mfa", "type": "totp", "at": now, "reauthenticated": False},
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client
