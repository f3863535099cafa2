"""The clock differences that each process measured, and the times in which they were too large."""

from django.db import models
from django.db.models import Q

from access.models.texts import ReasonColumns


class ClockComparison(models.Model):
    """What one process found when it compared the clocks last; how far each is ahead of the database's."""

    process = models.CharField(max_length=200, primary_key=True, help_text="Host name and process id.")
    read_at = models.DateTimeField()
    process_ahead = models.DurationField(help_text="The process's own clock.")
    aws_ahead = models.DurationField(null=True, blank=True, help_text="AWS's, by the Date of its last answer.")

    def __str__(self) -> str:
        return f"clocks of {self.process}"


class ClockEpisode(ReasonColumns):
    """A time in which clocks differed too much, with which clocks and by how much; administrators are notified once."""

    began_at = models.DateTimeField()
    observed_at = models.DateTimeField(help_text="When they last differed too much.")
    ended_at = models.DateTimeField(null=True, blank=True)
    notified = models.JSONField(default=list, blank=True, help_text="Addresses to which the email went.")
    notified_at = models.DateTimeField(null=True, blank=True, help_text="When it had gone to all.")

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(ended_at=None), name="clock_episode_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"clocks differ since {self.began_at:%Y-%m-%d %H:%M:%S}"
