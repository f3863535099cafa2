"""Rows and their constraints: what must never be is forbidden by the database."""

from access.models.accounts import (
    Account,
    account_id_validator,
    new_external_id,
    org_id_validator,
    region_validator,
)
from access.models.audit import AuditEvent, AuditHead, ChainWalk, Checkpoint, Counter, Heartbeat, Refusal, SpooledEvent
from access.models.automatic import AutoApproval
from access.models.breakglass import EmergencyUse, StandingRule
from access.models.catalogue import Role, rules_of
from access.models.certifications import Certification
from access.models.changes import CHANGEABLE, OPEN_FOR, RoleChange
from access.models.clocks import ClockComparison, ClockEpisode
from access.models.decisions import Decision
from access.models.expiring import Attempts, ExpiringValue
from access.models.grants import Grant, Request, RequestQuerySet
from access.models.hardening import HardeningChange
from access.models.hours import zone_validator
from access.models.invitations import Invitation
from access.models.issuances import Issuance
from access.models.letters import Letter
from access.models.names import role_description_validator
from access.models.people import Company, Contractor, Deputy, User
from access.models.principals import Challenge, Principal
from access.models.remarks import Remark
from access.models.sessions import KnownBrowser, Session
from access.models.snapshots import PermissionsSnapshot
from access.models.stages import Stage
from access.models.unmanaged import UnmanagedStatement
from access.models.versions import PermissionsVersion

__all__ = [
    "CHANGEABLE",
    "OPEN_FOR",
    "Account",
    "Attempts",
    "AuditEvent",
    "AuditHead",
    "AutoApproval",
    "Certification",
    "ChainWalk",
    "Challenge",
    "Checkpoint",
    "ClockComparison",
    "ClockEpisode",
    "Company",
    "Contractor",
    "Counter",
    "Decision",
    "Deputy",
    "EmergencyUse",
    "ExpiringValue",
    "Grant",
    "HardeningChange",
    "Heartbeat",
    "Invitation",
    "Issuance",
    "KnownBrowser",
    "Letter",
    "PermissionsSnapshot",
    "PermissionsVersion",
    "Principal",
    "Refusal",
    "Remark",
    "Request",
    "RequestQuerySet",
    "Role",
    "RoleChange",
    "Session",
    "SpooledEvent",
    "Stage",
    "StandingRule",
    "UnmanagedStatement",
    "User",
    "account_id_validator",
    "new_external_id",
    "org_id_validator",
    "region_validator",
    "role_description_validator",
    "rules_of",
    "zone_validator",
]
