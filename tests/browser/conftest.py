"""A browser at the portal: somebody is signed in, on a desk or on a phone, in light or in dark."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from access import tasks
from access.models import AuditHead, User
from tests import factories, history
from tests.factories import Cast
from tests.signin import confirm_for, sign_in

# Playwright keeps an event loop in this thread, and Django would refuse the database while one runs.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

DESK, PHONE = (1280, 900), (390, 844)
Visit = Callable[..., Page]


@pytest.fixture
def history_comes_back(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Once the database was emptied, its history is guarded again and the audit chain begins again."""
    yield
    with django_db_blocker.unblock():
        history.guard()
        AuditHead.objects.get_or_create(pk=1)


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[LiveServer]:
    """One server for all tests. The plugin's own `live_server` would empty the database after `history_comes_back`."""
    running = LiveServer("127.0.0.1")
    yield running
    running.stop()


@pytest.fixture
def portal(
    history_comes_back: None, transactional_db: None, server: LiveServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[str]:
    """Yield the address of a running portal; its messages to the worker go nowhere."""
    monkeypatch.setattr(tasks.reconcile_role, "apply_async", lambda **_: None)
    monkeypatch.setattr(tasks.notify_of_break_glass, "apply_async", lambda **_: None)
    # Under this name the browser counts it as safe, as it does https, and lets it use the clipboard.
    settings.BASE_URL = server.url.replace("127.0.0.1", "localhost")
    yield settings.BASE_URL
    history.unguard()


@pytest.fixture
def cast(portal: str) -> Cast:
    facts = {"description": "Contractor A puts files into the bucket of the important project.", "path": "/daypass/"}
    return factories.cast("importantproject-contractorA-bucket-put", **facts)


@pytest.fixture
def visit(portal: str, browser: Browser) -> Iterator[Visit]:
    """Yield a function that opens a page as somebody, or as nobody; any error in the browser fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A page that answers 4xx on purpose is also told to the console.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def open_page(person: User | None, path: str, *, size: tuple[int, int] = DESK, **options: Any) -> Page:
        viewport: Any = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, base_url=portal, reduced_motion="reduce", **options)
        contexts.append(context)
        if person is not None:
            context.add_cookies([{"name": "sessionid", "value": _session_of(person, path), "url": portal}])
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """Return where pictures of the pages go: the directory that SCREENSHOTS names, else nowhere."""
    directory = os.environ.get("SCREENSHOTS")
    if not directory:
        return None
    path = Path(directory)
    path.mkdir(parents=True, exist_ok=True)
    return path


def _session_of(person: User, path: str) -> str:
    client = Client()
    # Those who have something to confirm with are asked for it.
    sign_in(client, person, confirmed=not person.has_usable_password())
    confirm_for(client, path)
    return client.cookies["sessionid"].value
