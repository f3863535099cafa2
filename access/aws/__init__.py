"""The only package that calls AWS. Three identities, each in the process that needs it and in no other:

*worker* reads IAM and writes trust and expiry policies, *builder* makes and deletes roles, *issuer* assumes them.
"""

from access.aws.accounts import OwnRole, read_own_roles, read_policy, who_am_i
from access.aws.analyzer import Remark, analyze
from access.aws.building import RoleSpec, create_role, delete_role, update_role
from access.aws.callers import NotAnswered, NotBelieved, ask_who_signed, sts_hosts
from access.aws.clients import WorkloadIdentity, forget
from access.aws.errors import (
    SILENT,
    AnotherRole,
    AwsError,
    Denied,
    NotAuthorized,
    PolicyFull,
    PolicyRefused,
    PrincipalMissing,
    Retryable,
    RoleMissing,
    Silent,
    Terminal,
    Throttled,
    Unavailable,
)
from access.aws.permissions import Permissions, read_permissions
from access.aws.roles import (
    RoleSnapshot,
    is_listed,
    prepare_write,
    read_expiry_policy,
    read_role,
    read_roles,
    read_trust,
    trust_quota,
    write_expiry_policy,
    write_trust,
)
from access.aws.sessions import (
    Session,
    assume_role,
    bucket_destination,
    destination,
    signin_url,
    signout_url,
)

__all__ = [
    "SILENT",
    "AnotherRole",
    "AwsError",
    "Denied",
    "NotAnswered",
    "NotAuthorized",
    "NotBelieved",
    "OwnRole",
    "Permissions",
    "PolicyFull",
    "PolicyRefused",
    "PrincipalMissing",
    "Remark",
    "Retryable",
    "RoleMissing",
    "RoleSnapshot",
    "RoleSpec",
    "Session",
    "Silent",
    "Terminal",
    "Throttled",
    "Unavailable",
    "WorkloadIdentity",
    "analyze",
    "ask_who_signed",
    "assume_role",
    "bucket_destination",
    "create_role",
    "delete_role",
    "destination",
    "forget",
    "is_listed",
    "prepare_write",
    "read_expiry_policy",
    "read_own_roles",
    "read_permissions",
    "read_policy",
    "read_role",
    "read_roles",
    "read_trust",
    "signin_url",
    "signout_url",
    "sts_hosts",
    "trust_quota",
    "update_role",
    "who_am_i",
    "write_expiry_policy",
    "write_trust",
]
