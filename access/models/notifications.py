"""Emails that wait to be sent: stored together with the change that they report, and sent by the worker."""

from django.db import models
from django.db.models import Q

from access.models.changes import RoleChange
from access.models.factor_resets import FactorReset
from access.models.people import User
from access.models.requests import Request
from access.models.stops import Stop
from access.models.unmanaged import UnmanagedStatement

_OBJECTS = ("request", "change", "statement", "stop", "factor_reset")
_RESETS = ["factor_reset_proposed", "factor_reset"]


def _about(name: str) -> Q:
    """Return the condition that the email is about this object, and no other."""
    return Q(**{f"{one}__isnull": one != name for one in _OBJECTS})


class Notification(models.Model):
    """One email to one person about a request, a proposed change of a role, an unmanaged statement, a stop, or the
    reset of a second factor; a second one of the same kind, stage and number cannot be.
    """

    class Kind(models.TextChoices):
        ASKED = "asked", "a request waits"
        AUTO_APPROVED = "auto_approved", "approved by a rule"
        DECIDED = "decided", "a request is decided"
        QUESTION = "question", "an approver asks for information"
        ANSWER = "answer", "the contractor has answered"
        ROLE_CHANGE = "role_change", "a change of a role waits"
        STATEMENT = "statement", "an unmanaged statement was found"
        STOPPED = "stopped", "access was stopped"
        FACTOR_RESET_PROPOSED = "factor_reset_proposed", "a reset of a second factor waits"
        FACTOR_RESET = "factor_reset", "a second factor was reset"
        WITHDRAWN = "withdrawn", "an extension was withdrawn"

    kind = models.CharField(max_length=25, choices=Kind)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, blank=True, related_name="notifications")
    change = models.ForeignKey(
        RoleChange, on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    statement = models.ForeignKey(
        UnmanagedStatement, on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    stop = models.ForeignKey(Stop, on_delete=models.PROTECT, null=True, blank=True, related_name="notifications")
    factor_reset = models.ForeignKey(
        FactorReset, on_delete=models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notifications")
    stage = models.PositiveSmallIntegerField(default=1)
    number = models.PositiveSmallIntegerField(default=0, help_text="0 is the first, the others remind.")
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index("tried_at", condition=Q(sent_at=None), name="notification_unsent")]
        constraints = [
            models.UniqueConstraint(
                "request", "person", "kind", "stage", "number", name="notification_is_created_once"
            ),
            models.UniqueConstraint("change", "person", name="notification_about_a_change_is_created_once"),
            models.UniqueConstraint("statement", "person", name="notification_about_a_statement_is_created_once"),
            models.UniqueConstraint("stop", "person", name="notification_about_a_stop_is_created_once"),
            models.UniqueConstraint(
                "factor_reset", "person", "kind", name="notification_about_a_factor_reset_is_created_once"
            ),
            models.CheckConstraint(
                name="notification_is_about_one_thing",
                condition=Q(_about("change"), kind="role_change")
                | Q(_about("statement"), kind="statement")
                | Q(_about("stop"), kind="stopped")
                | Q(_about("factor_reset"), kind__in=_RESETS)
                | (~Q(kind__in=["role_change", "statement", "stopped", *_RESETS]) & _about("request")),
            ),
            models.CheckConstraint(
                name="notification_sent_was_tried", condition=Q(sent_at=None) | Q(tried_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.person}"
