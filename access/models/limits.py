"""The limits within which a role can be requested and approved."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from access.models.hours import HoursColumns, hours_are_whole
from access.rules.facts import LONGEST_WAIT_FOR_DECISION, LONGEST_WAIT_FOR_START, USUAL_WAIT_FOR_DECISION
from access.rules.tickets import PATTERN_MAX_LENGTH, TICKET_MAX_LENGTH


class LimitColumns(HoursColumns):
    """A role's limits: how long a window can be, how long a decision can take, what approvers must confirm, and which
    ticket and source addresses a request must name.
    """

    class SourceRule(models.TextChoices):
        NEVER = "never", _("cannot be named")
        OPTIONAL = "optional", _("can be named")
        ALWAYS = "always", _("have to be named")

    longest_window = models.DurationField(default=timedelta(hours=8))
    latest_start = models.DurationField(default=LONGEST_WAIT_FOR_START, help_text="How far ahead a start can be.")
    factor_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How old an approver's second factor can be, where that is less than usual."
    )
    expires_after = models.DurationField(
        default=USUAL_WAIT_FOR_DECISION, help_text="An undecided request expires after so long."
    )
    first_reminder = models.DurationField(
        null=True, blank=True, default=timedelta(hours=1), help_text="The pause before the first; later ones grow."
    )
    ticket_pattern = models.CharField(
        max_length=PATTERN_MAX_LENGTH, blank=True, help_text="What a ticket number looks like; empty asks for none."
    )
    ticket_example = models.CharField(max_length=TICKET_MAX_LENGTH, blank=True, help_text="One that would be taken.")
    source_rule = models.CharField(
        max_length=10, choices=SourceRule, default=SourceRule.OPTIONAL, help_text="Whether addresses can be named."
    )
    source_networks = models.JSONField(
        default=list, blank=True, help_text="Networks in which named source addresses must lie; empty for any."
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
        condition=Q(expires_after__gt=timedelta(0), expires_after__lte=LONGEST_WAIT_FOR_DECISION)
        & (Q(first_reminder=None) | Q(first_reminder__gt=timedelta(0))),
    ),
    models.CheckConstraint(
        name="role_ticket_pattern_has_example",
        condition=Q(ticket_pattern="", ticket_example="") | (~Q(ticket_pattern="") & ~Q(ticket_example="")),
    ),
    models.CheckConstraint(name="role_source_rule_known", condition=Q(source_rule__in=["never", "optional", "always"])),
    hours_are_whole("role_office_hours_whole"),
)
