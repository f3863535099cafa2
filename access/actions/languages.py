"""The language of a person: chosen by the person, or the one that their browser asked for last."""

from datetime import datetime

from django.db import transaction

from access.ledger.people import change_person, store_browser_language
from access.models import User


@transaction.atomic
def keep_language(*, by: User, language: str, now: datetime) -> None:
    """Keep the language in which somebody wants to read; an empty one is that of their browser."""
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    before = person.language
    if before == language:
        return
    person.language = by.language = language
    change_person(person, {"language": (before, language)}, by=person, now=now)


def keep_browser_language(*, by: User, language: str) -> None:
    """Keep the language that somebody's browser asks for, in which they get emails unless they chose another."""
    by.browser_language = language
    store_browser_language(by)
