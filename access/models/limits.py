"""The limits within which a role is asked for and decided about."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from access.models.hours import HoursColumns, hours_are_whole
from access.rules.facts import LONGEST_WAIT_FOR_START


class LimitColumns(HoursColumns):
    """A role's limits: how long a window can be, how long a decision can take, and what approvers must confirm."""

    longest_window = models.DurationField(default=timedelta(hours=8))
    latest_start = models.DurationField(default=LONGEST_WAIT_FOR_START, help_text="How far ahead a start can be.")
    factor_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How old an approver's second factor can be, where that is less than usual."
    )
    expires_after = models.DurationField(null=True, blank=True, help_text="An undecided request expires after so long.")
    first_reminder = models.DurationField(
        null=True, blank=True, default=timedelta(hours=1), help_text="The pause before the first; later ones grow."
    )

    class Meta:
        abstract = True

    def factor_age(self) -> timedelta | None:
        """Return how old the second factor of an approver can be, or None where it is as everywhere."""
        return timedelta(minutes=self.factor_minutes) if self.factor_minutes else None


LIMITS = (
    models.CheckConstraint(name="role_longest_window_positive", condition=Q(longest_window__gt=timedelta(0))),
    models.CheckConstraint(
        name="role_latest_start_positive",
        condition=Q(latest_start__gt=timedelta(0), latest_start__lte=LONGEST_WAIT_FOR_START),
    ),
    models.CheckConstraint(
        name="role_factor_minutes_positive", condition=Q(factor_minutes=None) | Q(factor_minutes__gte=1)
    ),
    models.CheckConstraint(
        name="role_pauses_positive",
        condition=(Q(expires_after=None) | Q(expires_after__gt=timedelta(0)))
        & (Q(first_reminder=None) | Q(first_reminder__gt=timedelta(0))),
    ),
    hours_are_whole("role_office_hours_whole"),
)
