"""Drafts of forms: what somebody has typed and not submitted."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from access.models.people import User

KEPT_FOR = timedelta(days=7)
MOST_BYTES = 20_000  # of the values, as JSON in UTF-8
ADDRESS_MAX_LENGTH = 200
SEALED_MAX_LENGTH = 26_764  # of MOST_BYTES when they are encrypted; the values have no other form in the database


class FormDraft(models.Model):
    """The draft of one person for the form at one address, encrypted together with both."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="form_drafts")
    address = models.CharField(max_length=ADDRESS_MAX_LENGTH)
    sealed = models.TextField(help_text="Encrypted.")
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "address"], name="form_draft_once_for_person_and_form"),
            models.CheckConstraint(
                name="form_draft_size_is_limited", condition=LessThanOrEqual(Length("sealed"), SEALED_MAX_LENGTH)
            ),
            models.CheckConstraint(
                name="form_draft_address_is_limited", condition=LessThanOrEqual(Length("address"), ADDRESS_MAX_LENGTH)
            ),
        ]

    def __str__(self) -> str:
        return f"draft of {self.person} for {self.address}"
