"""Whether single keys do something on the pages of a person."""

from datetime import datetime

from django.db import transaction

from access.ledger.people import change_person
from access.models import User


@transaction.atomic
def keep_shortcuts(*, by: User, enabled: bool, now: datetime) -> None:
    """Keep whether single keys do something for this person."""
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    before = person.uses_shortcuts
    if before == enabled:
        return
    person.uses_shortcuts = by.uses_shortcuts = enabled
    change_person(person, {"uses_shortcuts": (before, enabled)}, by=person, now=now)
