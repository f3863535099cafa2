"""Rows and their constraints: what must never be is forbidden by the database."""

from access.models.accounts import (
    Account,
    account_id_validator,
    new_external_id,
    org_id_validator,
    region_validator,
)
from access.models.audit import AuditEvent, AuditHead, Heartbeat, Refusal
from access.models.catalogue import Role
from access.models.certifications import Certification
from access.models.changes import CHANGEABLE, OPEN_FOR, RoleChange
from access.models.grants import Decision, Grant, Request
from access.models.identities import Challenge, Principal
from access.models.invitations import Invitation
from access.models.issuances import Issuance
from access.models.people import Company, Contractor, User
from access.models.readings import PermissionsReading
from access.models.remarks import Remark

__all__ = [
    "CHANGEABLE",
    "OPEN_FOR",
    "Account",
    "AuditEvent",
    "AuditHead",
    "Certification",
    "Challenge",
    "Company",
    "Contractor",
    "Decision",
    "Grant",
    "Heartbeat",
    "Invitation",
    "Issuance",
    "PermissionsReading",
    "Principal",
    "Refusal",
    "Remark",
    "Request",
    "Role",
    "RoleChange",
    "User",
    "account_id_validator",
    "new_external_id",
    "org_id_validator",
    "region_validator",
]
