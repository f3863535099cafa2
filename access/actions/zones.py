"""The time zone of a person: chosen by the person, or taken once from their browser."""

from datetime import datetime

from django.db import transaction

from access.ledger.people import change_person
from access.models import User


@transaction.atomic
def keep_zone(*, by: User, zone: str, now: datetime, is_guess: bool = False) -> None:
    """Keep the time zone in which somebody reads and types times. A guess replaces nothing."""
    person = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    before = person.time_zone
    if before == zone or (is_guess and before):
        return
    person.time_zone = by.time_zone = zone
    change_person(person, {"time_zone": (before, zone)}, by=person, now=now)
