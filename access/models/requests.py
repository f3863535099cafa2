"""Requests: what somebody requested, and for which time."""

import hashlib
import json
import secrets
import uuid
from datetime import datetime, timedelta

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext

from access.lifecycle import RequestState
from access.models.catalogue import Role
from access.models.people import Contractor, User
from access.models.principals import Principal
from access.models.windows import window_content
from access.rules.facts import LONGEST_BREAK_GLASS, REASON_MAX_LENGTH, RequestFacts, RoleSettings, Terms
from access.rules.tickets import TICKET_MAX_LENGTH
from access.rules.windows import AnyWindow, Window, WindowOnApproval

SESSION_NAME_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def new_session_name() -> str:
    """Return a fresh session name, which is also the Sid of the grant's statement: dp and 70 random bits.

    It is short because every statement and every expiry entry carries it: with it five fully pinned grants fit into
    the 2,048 characters of a trust policy and eleven into 4,096.
    """
    return "dp" + "".join(secrets.choice(SESSION_NAME_ALPHABET) for _ in range(14))


_CHOSEN = Q(
    starts_at__isnull=False,
    ends_at__isnull=False,
    ends_at__gt=F("starts_at"),
    length=None,
    latest_start=None,
    latest_end=None,
)
_ON_APPROVAL = Q(
    starts_at=None,
    ends_at=None,
    length__isnull=False,
    length__gt=timedelta(0),
    latest_start__isnull=False,
    latest_end__isnull=False,
    latest_end=F("latest_start") + F("length"),
)


class RequestQuerySet(models.QuerySet["Request"]):
    def waiting(self, *, now: datetime) -> "RequestQuerySet":
        """Return the undecided ones that can still be decided."""
        return self.filter(state=RequestState.PENDING, expires_at__gt=now)

    def overdue(self, *, now: datetime) -> "RequestQuerySet":
        """Return the undecided ones whose time is over."""
        return self.filter(state=RequestState.PENDING, expires_at__lte=now)


class Request(models.Model):
    """What a contractor requests, or an internal user takes by a break-glass policy.

    Its content never changes after it is submitted, only `state` and how often its approvers were notified. It has
    either a chosen window (`starts_at`, `ends_at`) or a `length` that begins with the approval.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session_name = models.CharField(max_length=16, unique=True, default=new_session_name, editable=False)
    contractor = models.ForeignKey(Contractor, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    break_glass_policy = models.ForeignKey(
        "BreakGlassPolicy", on_delete=models.PROTECT, null=True, blank=True, related_name="requests"
    )
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="requests")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="requests")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    extends = models.ForeignKey("Grant", on_delete=models.PROTECT, null=True, blank=True, related_name="extensions")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    length = models.DurationField(null=True, blank=True, help_text="Of a window that begins with the approval.")
    latest_start = models.DateTimeField(null=True, blank=True)
    latest_end = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    ticket = models.CharField(max_length=TICKET_MAX_LENGTH, blank=True)
    asks_mfa = models.BooleanField(default=False, help_text="Beside what the role itself asks for.")
    source_cidrs = models.JSONField(default=list, blank=True, help_text="The networks the grant can be used from.")
    content_hash = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in RequestState], default="pending")
    settled_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(help_text="When it expires if nobody decides.")
    times_notified = models.PositiveSmallIntegerField(
        default=0, help_text="How often the approvers of the stage were notified."
    )
    notify_next_at = models.DateTimeField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("state", "role", name="request_state_role"),
            models.Index("notify_next_at", condition=Q(state="pending"), name="request_notify_next"),
            models.Index("submitted_at", condition=Q(state="pending"), name="request_waiting_by_time"),
            models.Index("settled_at", name="request_by_settlement"),
            models.Index(Upper("ticket"), condition=~Q(ticket=""), name="request_by_ticket"),
        ]
        constraints = [
            models.CheckConstraint(name="request_has_a_window_or_a_length", condition=_CHOSEN | _ON_APPROVAL),
            models.CheckConstraint(
                name="request_expires_after_it_is_asked", condition=Q(expires_at__gt=F("submitted_at"))
            ),
            models.CheckConstraint(
                name="request_expires_while_it_can_be_approved",
                condition=(Q(ends_at=None) | Q(expires_at__lte=F("ends_at")))
                & (Q(latest_start=None) | Q(latest_start__lte=F("expires_at"))),
            ),
            models.CheckConstraint(name="request_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="request_state_known", condition=Q(state__in=[s.value for s in RequestState])),
            models.CheckConstraint(
                name="request_of_a_contractor_or_by_break_glass",
                condition=Q(contractor__isnull=False, break_glass_policy=None)
                | Q(
                    contractor=None,
                    break_glass_policy__isnull=False,
                    principal=None,
                    extends=None,
                    length=None,
                    ends_at__lte=F("starts_at") + LONGEST_BREAK_GLASS,
                ),
            ),
            models.CheckConstraint(
                name="request_settled_has_time",
                condition=Q(state="pending", settled_at=None) | (~Q(state="pending") & Q(settled_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requester} asks for {self.role}"

    def is_overdue(self, *, now: datetime) -> bool:
        """Return whether it waits in vain, because the time in which it had to be decided is over."""
        return self.state == RequestState.PENDING and now >= self.expires_at

    @property
    def starts_on_approval(self) -> bool:
        """Return whether no start was chosen, so that the window starts with the approval."""
        return self.length is not None

    def window(self, length: timedelta | None = None) -> AnyWindow:
        """Return the requested window; pass `length` for what an approver made of one that begins with the approval.

        Raises ValueError when the request has neither a window nor a length, which the database refuses.
        """
        if self.starts_at is not None and self.ends_at is not None:
            return Window(self.starts_at, self.ends_at)
        if self.length is None or self.latest_start is None or self.latest_end is None:
            raise ValueError("a request has a window or a length")
        return WindowOnApproval(length or self.length, self.latest_start, self.latest_end)

    @property
    def portal_issued(self) -> bool:
        """Return whether the portal issues the sessions, because the contractor named no AWS identity of their own."""
        return self.principal_id is None

    @property
    def company_name(self) -> str:
        """Where the requester comes from, as the pages say it."""
        return self.contractor.company.name if self.contractor else gettext("Break-glass")

    def terms(self) -> Terms:
        """Return what was asked for."""
        return Terms(self.window(), self.asks_mfa, tuple(self.source_cidrs))

    def shown_as(self, terms: Terms) -> str:
        """Return the hash of the request with these terms, which a decision about them names."""
        if terms == self.terms():
            return self.content_hash
        content = {
            "request": self.content_hash,
            "asks_mfa": terms.asks_mfa,
            "source_cidrs": terms.sources,
            **window_content(terms.window),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def facts(self, *, role: RoleSettings | None = None, terms: Terms | None = None) -> RequestFacts:
        """Return the frozen facts that the rules work with, read now: the present terms, and who approved them.

        The terms are those of the last approval with changes; approvals of more do not count. Pass `role` when its
        settings are already read, `terms` to ask how it would be with those.
        """
        decisions = sorted(self.decisions.all(), key=lambda one: one.pk)
        terms = terms or next((one.terms() for one in reversed(decisions) if one.reduces_terms), self.terms())
        shown, whose = self.shown_as(terms), self.contractor
        return RequestFacts(
            requester_id=self.requester_id,
            contractor_id=self.contractor_id,
            contractor_is_active=whose is not None and whose.is_effectively_active and self.requester.is_active,
            contract_ends_at=whose.contract_ends_at if whose else None,
            role=role or self.role.settings(),
            state=RequestState(self.state),
            window=terms.window,
            requested=self.window(),
            content_hash=shown,
            votes=tuple(one.vote() for one in decisions if one.approver_id and one.content_hash == shown),
            expires_at=self.expires_at,
            identity=self.principal.facts() if self.principal else None,
            sponsor_id=whose.sponsor_id if whose else None,
            asks_mfa=terms.asks_mfa,
            sources=terms.sources,
            extends=self.extends_id is not None,
        )
