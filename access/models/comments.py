"""Comments: questions about a pending request, and the contractor's answers."""

import uuid

from django.core.validators import MaxLengthValidator
from django.db import models

from access.models.people import User
from access.models.requests import Request
from access.rules.facts import REASON_MAX_LENGTH


class Comment(models.Model):
    """A question of an approver's about a request, or an answer of the contractor's. Never changes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    is_question = models.BooleanField()
    text = models.TextField(validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(name="comment_not_empty", condition=~models.Q(text=""))]

    def __str__(self) -> str:
        return f"{self.author} {'asks' if self.is_question else 'answers'}"
