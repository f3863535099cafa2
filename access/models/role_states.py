"""The worker's state of a role, separate from what people decide about the role."""

from django.db import models

from access.models.documents import DocumentField
from access.models.texts import ProblemColumns

STUCK_AFTER = 6  # failed attempts


class RoleState(ProblemColumns):
    """The worker's state of one role.

    `generation` grows whenever what should be changes; the worker copies the one it has made true into
    `reconciled_generation`. The lease fields make one writer per role. `observed_*` is AWS as the worker last read it.
    """

    role = models.OneToOneField("Role", on_delete=models.CASCADE, primary_key=True, related_name="state")
    generation = models.PositiveBigIntegerField(default=0)
    reconciled_generation = models.PositiveBigIntegerField(default=0)
    denied_generation = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The generation of which AWS has every Deny, while its trust policy waits."
    )
    waiting_since = models.DateTimeField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    next_change_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    lease_holder = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    settle_until = models.DateTimeField(null=True, blank=True)
    observed_trust = DocumentField(null=True, blank=True)
    observed_expiry_policy = DocumentField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    write_intent = DocumentField(
        null=True, blank=True, help_text="Both documents before a write that is not on record yet."
    )
    can_bypass_expiry = models.JSONField(
        default=list, blank=True, help_text="Why a session of this role could outlive its end."
    )
    other_inline_size = models.PositiveSmallIntegerField(
        default=0, help_text="Characters of its inline policies that are not ours; all of them share one quota."
    )
    permissions_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="role_state_lease_holder_and_end_together",
                condition=models.Q(lease_holder="", leased_until=None)
                | (~models.Q(lease_holder="") & models.Q(leased_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="role_state_problem_has_code",
                condition=models.Q(problem="", problem_code="") | (~models.Q(problem="") & ~models.Q(problem_code="")),
            ),
        ]

    def __str__(self) -> str:
        return f"state of {self.role_id}"

    @property
    def is_stuck(self) -> bool:
        """Return whether reconciling failed so often that somebody should investigate; the worker continues to try."""
        return self.failures >= STUCK_AFTER
