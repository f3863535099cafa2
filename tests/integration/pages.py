"""People at the pages of the portal, without a browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.template import base
from django.test import Client
from django.urls import reverse

from access.models import Attempts, ExpiringValue, Refusal, Request, Session, User
from tests.signin import Confirming, sign_in

# What is counted and kept of every visitor, whatever they are answered.
COUNTED = (Attempts, ExpiringValue, Refusal, Session)
WRITTEN = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(access_\w+)"')


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render pages as outside of tests, where nobody keeps the context of each template; that takes time."""
    monkeypatch.setattr(base.Template, "_render", lambda self, context: self.nodelist.render(context))


def visitor(person: User, *, confirmed: bool = True) -> Client:
    """Return a client of somebody who is signed in and confirmed it; an error in a view is a page, not an exception."""
    client = Confirming(raise_request_exception=False)
    sign_in(client, person, confirmed=confirmed)
    return client


def of(request: Request, name: str = "request") -> str:
    """Return the address of a page of this request."""
    return reverse(name, args=[request.public_id])


def world() -> dict[str, list[dict[str, Any]]]:
    """Everything that the portal knows, to be compared with what it knows later; tries and refusals are counted beside
    it.
    """
    models = (model for model in _models() if model not in COUNTED)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@contextmanager
def written_to() -> Iterator[set[str]]:
    """Yield the tables of `world` that the block writes to: where there are none, nothing of it can have changed."""
    tables: set[str] = set()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        tables.update(set(WRITTEN.findall(sql)) - {model._meta.db_table for model in COUNTED})
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield tables


def decision(request: Request, **answer: str) -> dict[str, str]:
    """Return what the decision page sends: the hash of what was shown, and the answer."""
    return {"content_hash": request.content_hash, **answer}


class Text(HTMLParser):
    """The text of a page as a person reads it, blanks made one."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(response.content.decode())

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def __str__(self) -> str:
        return " ".join(" ".join(self.parts).split())


def text(response: Any) -> str:
    return str(Text(response))


def codes(response: Any) -> set[str]:
    """Return the codes of the errors and refusals that a page shows."""
    return set(re.findall(r'data-code="([a-z0-9_]+)"', response.content.decode()))


def _models() -> Iterator[Any]:
    yield from apps.get_app_config("access").get_models()
