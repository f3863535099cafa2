"""Hardening changes of trust policies. Daypass changes unmanaged statements of imported roles only in this way."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from access.models.catalogue import Role
from access.models.documents import DocumentField
from access.models.people import User
from access.models.texts import ReasonColumns
from access.trust import Hardening


class HardeningChange(ReasonColumns):
    """A hardening change for one statement, bound to the whole document that the administrator was shown.

    The worker makes it when AWS still has that document, and otherwise writes nothing.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        SUPERSEDED = "superseded", _("superseded")
        REFUSED = "refused", _("refused")

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="hardening_changes")
    how = models.CharField(max_length=20, choices=[(how.value, how.value) for how in Hardening])
    statement = DocumentField(help_text="The statement as it was shown.")
    value = models.CharField(max_length=64, blank=True, help_text="The external id that it is to ask for.")
    document = DocumentField(help_text="The trust policy as it was shown.")
    document_hash = models.CharField(max_length=64)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("role", name="one_open_hardening_change_per_role", condition=Q(settled_at=None)),
            models.CheckConstraint(
                name="hardening_change_settled_has_outcome",
                condition=Q(settled_at=None, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="hardening_change_known", condition=Q(how__in=[how.value for how in Hardening])
            ),
            models.CheckConstraint(
                name="hardening_change_has_external_id_where_it_asks_for_one",
                condition=(Q(how="external_id") & ~Q(value="")) | (~Q(how="external_id") & Q(value="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.how} on {self.role}"
