"""What people choose for the pages that they read: the language, and whether single keys do something."""

from datetime import datetime

from django.db import transaction

from access.ledger.people import change_person, store_browser_language
from access.models import User


def keep_language(*, by: User, language: str, now: datetime) -> None:
    """Keep the language in which somebody wants to read; an empty one is that of their browser."""
    _keep("language", language, by=by, now=now)


def keep_browser_language(*, by: User, language: str) -> None:
    """Keep the language that somebody's browser asks for, in which they get emails unless they chose another."""
    by.browser_language = language
    store_browser_language(by)


def keep_shortcuts(*, by: User, enabled: bool, now: datetime) -> None:
    """Keep whether single keys do something for this person."""
    _keep("uses_shortcuts", enabled, by=by, now=now)


@transaction.atomic
def _keep(name: str, value: str | bool, *, by: User, now: datetime) -> None:
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    before = getattr(person, name)
    if before == value:
        return
    setattr(person, name, value)
    setattr(by, name, value)
    change_person(person, {name: (before, value)}, by=person, now=now)
