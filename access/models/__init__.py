"""Database models, with constraints that forbid states that must never exist."""

from access.models.accounts import (
    Account,
    TestState,
    account_id_validator,
    new_external_id,
    org_id_validator,
    region_validator,
)
from access.models.audit import (
    AuditEvent,
    AuditHead,
    AuditSubject,
    ChainWalk,
    Checkpoint,
    Counter,
    Heartbeat,
    Refusal,
    SpooledEvent,
    SubjectKind,
)
from access.models.auto_approvals import AutoApprovalPolicy
from access.models.break_glass import BreakGlassGrant, BreakGlassPolicy
from access.models.catalogue import Role, settings_of
from access.models.certifications import Certification
from access.models.changes import CHANGEABLE, OPEN_FOR, RoleChange
from access.models.clocks import ClockComparison, ClockEpisode
from access.models.comments import Comment
from access.models.decisions import Decision
from access.models.expiring import Attempts, ExpiringValue
from access.models.factor_resets import FactorReset
from access.models.form_drafts import FormDraft
from access.models.grants import Grant
from access.models.hardening import HardeningChange
from access.models.hours import zone_validator
from access.models.invitations import Invitation
from access.models.issuances import Issuance
from access.models.names import role_description_validator
from access.models.notifications import Notification
from access.models.people import Company, Contractor, Delegation, User
from access.models.principals import Challenge, Principal
from access.models.requests import Request, RequestQuerySet
from access.models.reset_emails import ResetEmail
from access.models.role_states import RoleState
from access.models.sessions import KnownBrowser, Session
from access.models.snapshots import PermissionsSnapshot
from access.models.stages import Stage
from access.models.stops import Stop, StopQuerySet
from access.models.unmanaged import UnmanagedStatement
from access.models.versions import PermissionsVersion
from access.models.windows import window_columns, window_content

__all__ = [
    "CHANGEABLE",
    "OPEN_FOR",
    "Account",
    "Attempts",
    "AuditEvent",
    "AuditHead",
    "AuditSubject",
    "AutoApprovalPolicy",
    "BreakGlassGrant",
    "BreakGlassPolicy",
    "Certification",
    "ChainWalk",
    "Challenge",
    "Checkpoint",
    "ClockComparison",
    "ClockEpisode",
    "Comment",
    "Company",
    "Contractor",
    "Counter",
    "Decision",
    "Delegation",
    "ExpiringValue",
    "FactorReset",
    "FormDraft",
    "Grant",
    "HardeningChange",
    "Heartbeat",
    "Invitation",
    "Issuance",
    "KnownBrowser",
    "Notification",
    "PermissionsSnapshot",
    "PermissionsVersion",
    "Principal",
    "Refusal",
    "Request",
    "RequestQuerySet",
    "ResetEmail",
    "Role",
    "RoleChange",
    "RoleState",
    "Session",
    "SpooledEvent",
    "Stage",
    "Stop",
    "StopQuerySet",
    "SubjectKind",
    "TestState",
    "UnmanagedStatement",
    "User",
    "account_id_validator",
    "new_external_id",
    "org_id_validator",
    "region_validator",
    "role_description_validator",
    "settings_of",
    "window_columns",
    "window_content",
    "zone_validator",
]
